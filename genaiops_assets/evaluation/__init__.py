"""Evaluation: scores, intervals and release gates. Other packages import from this face only.

Belongs here: the public names of the package. Does not belong here: code.
"""

from genaiops_assets.evaluation.gates import GateResult, judge, verdict
from genaiops_assets.evaluation.intervals import Interval, mean_interval, needed_sample, paired_interval
from genaiops_assets.evaluation.metrics import answer_f1, ndcg_at_k, recall_at_k, reciprocal_rank, rouge_l, support

__all__ = [
    "GateResult",
    "Interval",
    "answer_f1",
    "judge",
    "mean_interval",
    "ndcg_at_k",
    "needed_sample",
    "paired_interval",
    "recall_at_k",
    "reciprocal_rank",
    "rouge_l",
    "support",
    "verdict",
]

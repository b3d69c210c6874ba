"""Evaluation: scores, intervals and release gates. Other packages import from this face only.

Belongs here: the public names of the package. Does not belong here: code.
"""

from genaiops_assets.evaluation.gates import GateResult, judge, verdict
from genaiops_assets.evaluation.golden import Golden, GoldenError, Query, load_golden, load_retrieval_set
from genaiops_assets.evaluation.intervals import Interval, mean_interval, needed_sample, paired_interval
from genaiops_assets.evaluation.metrics import answer_f1, ndcg_at_k, recall_at_k, reciprocal_rank, rouge_l, support
from genaiops_assets.evaluation.report import CELLS, OUTPUTS, before_and_after, cells_and_effects, retrieval_scores, samples, score_items
from genaiops_assets.evaluation.retrieval import against, compared_modes, worse

__all__ = [
    "CELLS",
    "OUTPUTS",
    "GateResult",
    "Golden",
    "GoldenError",
    "Interval",
    "Query",
    "against",
    "answer_f1",
    "before_and_after",
    "cells_and_effects",
    "compared_modes",
    "judge",
    "load_golden",
    "load_retrieval_set",
    "mean_interval",
    "ndcg_at_k",
    "needed_sample",
    "paired_interval",
    "recall_at_k",
    "reciprocal_rank",
    "retrieval_scores",
    "rouge_l",
    "samples",
    "score_items",
    "support",
    "verdict",
    "worse",
]

"""Whether what people ask now still looks like what the system was evaluated on, what moved, and what to do about it.

Belongs here: two-sample tests with known error rates over embeddings and terms, features, topics, knowledge gaps. Does not: embedding,
storage, or deciding to retrain.
"""

from genaiops_assets.drift.detect import DriftResult, compare
from genaiops_assets.drift.features import FeatureShift, psi, shifted_features
from genaiops_assets.drift.gaps import Advice, Gap, advise, knowledge_gaps, poor_below
from genaiops_assets.drift.moved import Moved
from genaiops_assets.drift.permutation import alpha_of_one
from genaiops_assets.drift.report import Questions, Rule, compare_by, compare_questions, distinct, drift_report, features_by_effect, rates
from genaiops_assets.drift.topics import names_of, project_2d, what_moved

__all__ = [
    "Advice", "DriftResult", "FeatureShift", "Gap", "Moved", "Questions", "Rule", "advise", "alpha_of_one", "compare", "compare_by", "compare_questions", "distinct",
    "drift_report", "features_by_effect", "knowledge_gaps", "names_of", "poor_below", "project_2d", "psi", "rates", "shifted_features",
    "what_moved",
]  # fmt: skip

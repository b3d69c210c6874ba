"""Whether what people ask now still looks like what the system was evaluated on, and which topics moved.

Belongs here: two-sample statistics over embeddings and term counts. Does not: embedding, storage, or deciding to retrain.
"""

from genaiops_assets.drift.detect import DriftResult, compare
from genaiops_assets.drift.topics import project_2d, what_moved

__all__ = ["DriftResult", "compare", "project_2d", "what_moved"]

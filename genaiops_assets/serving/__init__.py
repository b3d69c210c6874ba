"""Serving: answers over the index and the masked log of what was asked. No Dagster, no network service yet."""

from genaiops_assets.serving.answering import Answer, Assistant, choose_version
from genaiops_assets.serving.log import INTERACTIONS, counter, day_rows, delete_expired, digest_of_day, log_interactions

__all__ = [
    "INTERACTIONS",
    "Answer",
    "Assistant",
    "choose_version",
    "counter",
    "day_rows",
    "delete_expired",
    "digest_of_day",
    "log_interactions",
]

"""Serving: answers over the index and the masked log of what was asked. No Dagster, no network service yet."""

from genaiops_assets.serving.answering import Answer, Assistant, Choice, choose_version
from genaiops_assets.serving.conditions import conditions
from genaiops_assets.serving.log import (
    DAY,
    INTERACTIONS,
    answered_before,
    asked_on,
    counter,
    day_row,
    day_rows,
    delete_expired,
    digest_of_day,
    log_interactions,
    questions_of,
)
from genaiops_assets.serving.spans import SpanError, attributes_of, read_exchanges

__all__ = [
    "DAY",
    "INTERACTIONS",
    "Answer",
    "Assistant",
    "Choice",
    "SpanError",
    "answered_before",
    "asked_on",
    "attributes_of",
    "choose_version",
    "conditions",
    "counter",
    "day_row",
    "day_rows",
    "delete_expired",
    "digest_of_day",
    "log_interactions",
    "questions_of",
    "read_exchanges",
]

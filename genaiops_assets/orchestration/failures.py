"""Failures that repeating does not change: wrong input, a refusal, a gate.

Belongs here: raising one and recognising one afterwards. Does not belong here: how often the others are repeated
(`requests.py`)."""

from __future__ import annotations

from typing import Any

import dagster as dg

from genaiops_assets.compute import PERMANENT


class PermanentFailure(dg.Failure):
    """Ends a step for good: no retry, and sensors do not ask again for the same cause."""

    def __init__(self, description: str) -> None:
        super().__init__(description, metadata={PERMANENT: True}, allow_retries=False)


def is_permanent(failure: Any) -> bool:
    """Whether the data of a failed step (StepFailureData) says so: a PermanentFailure, or a gate that closed."""
    raised = failure.user_failure_data
    if raised and PERMANENT in (raised.metadata or {}):
        return True
    return bool(failure.error and failure.error.cls_name == "DagsterAssetCheckFailedError")

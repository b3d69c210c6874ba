"""What every launcher offers: run one payload for one use case and return its result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import dagster as dg

from genaiops_assets.lake import Lake, Workplace

PERMANENT = "permanent"  # in the metadata of a failure: repeating it changes nothing


class PayloadFailed(dg.Failure):
    """A payload ended without a result; the description says why and what to do next. `permanent`: bad input."""

    def __init__(self, description: str, *, permanent: bool = False) -> None:
        marked = {PERMANENT: True} if permanent else None
        super().__init__(description, metadata=marked, allow_retries=not permanent)


@dataclass(frozen=True)
class Launch:
    """One piece of heavy work: a payload by name, its inputs and settings, and what it may use. `online`: whether it
    may open sockets."""

    payload: str
    inputs: dict[str, Any]
    config: dict[str, Any]
    seed: int = 0
    cpus: int = 1
    online: bool = False


class Launcher(Protocol):
    """Register one under the entry point group `genaiops.launchers`; `compute.launcher` of a use case names it."""

    def run(self, context: Any, lake: Lake, place: Workplace, launch: Launch) -> dict[str, Any]:
        """Run `genaiops_assets.payloads.<launch.payload>` and return its result. Raises PayloadFailed."""
        ...

"""What every launcher offers: run one payload for one use case and return its result."""

from __future__ import annotations

from typing import Any, Protocol

import dagster as dg

from genaiops_assets.lake import Lake, Workplace

PERMANENT = "permanent"  # in the metadata of a failure: repeating it changes nothing


class PayloadFailed(dg.Failure):
    """A payload ended without a result; the description says why and what to do next. `permanent`: bad input."""

    def __init__(self, description: str, *, permanent: bool = False) -> None:
        marked = {PERMANENT: True} if permanent else None
        super().__init__(description, metadata=marked, allow_retries=not permanent)


class Launcher(Protocol):
    def run(
        self,
        context: Any,
        lake: Lake,
        place: Workplace,
        payload: str,
        *,
        inputs: dict[str, Any],
        config: dict[str, Any],
        seed: int,
        cpus: int,
        online: bool = False,
    ) -> dict[str, Any]:
        """Run `genaiops_assets.payloads.<payload>` and return its result. Raises PayloadFailed."""
        ...

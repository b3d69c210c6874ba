"""What a running payload says of itself, shown in Dagster while it runs.

Belongs here: taking the figures that came through Pipes and observing the asset with them, sparsely. Does not belong
here: which figures (the payload), or its log lines (Pipes brings those by itself).

Dagster keeps Pipes' custom messages until somebody asks; an observation that is logged from within a step is written to
the event log at once, so that the asset's page shows it beside its materializations. It requests nothing downstream."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dagster as dg

from genaiops_assets.compute.job import LIVE

EVERY = float(os.environ.get("GENAIOPS_LIVE_EVERY", "10"))  # seconds


@contextmanager
def relaying(context: Any, session: Any, every: float = EVERY) -> Iterator[None]:
    """While this lasts, the newest figures of the payload become an observation of the asset that is being made, at
    most every so many seconds, and a last time at the end. A check makes no asset: nothing is observed then."""
    if not isinstance(context, dg.AssetExecutionContext):
        yield
        return
    ended, seen = threading.Event(), [0]

    def watch() -> None:
        while not ended.wait(every):
            observe(context, session, seen)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()
        observe(context, session, seen)


def observe(context: Any, session: Any, seen: list[int]) -> None:
    """Show the newest figures, if there are any that were not shown yet. `seen`: how many messages were read."""
    told = [m[LIVE] for m in session.get_custom_messages() if isinstance(m, dict) and isinstance(m.get(LIVE), dict)]
    if len(told) <= seen[0]:
        return
    seen[0] = len(told)
    partition = context.partition_key if context.has_partition_key else None
    context.log_event(dg.AssetObservation(context.asset_key, partition=partition, metadata=told[-1]))

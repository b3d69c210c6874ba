"""Verification of the whole lake: chain, bytes, meaning of the ledger's entries, interaction logs.

Belongs here: putting those together, for the command line and for the internal review. Does not belong here: any one
of them (lake, governance, serving), where marks outside the ledger come from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase


@dataclass(frozen=True)
class Verified:
    """`problems`: everything that is not as published, empty for all well; how many `artifacts` and ledger `entries`
    were looked at; `head`: hash of the ledger's last entry."""

    problems: list[str]
    artifacts: int
    entries: int
    head: str


def verify_lake(
    lake: Lake,
    use_cases: Iterable[UseCase],
    marks: Iterable[tuple[str, str]],
    progress: Callable[[str], Any] = lambda name: None,
) -> Verified:
    """`marks`: (where, beginning of a ledger hash) noted outside the lake, witnesses of how far the ledger once
    went. `progress` is told what is looked at."""
    from genaiops_assets.lake import problems  # brings Arrow

    looked_at: list[str] = []

    def seen(name: str) -> None:
        looked_at.append(name)
        progress(name)

    found = problems(lake, seen)
    progress("the ledger against Dagster's history")
    broken = lake.ledger.problems(iter(list(marks)))
    found += [problem for problem in broken if problem not in found]
    if not broken:  # what entries mean is read only where the chain holds
        progress("releases and the interaction log")
        found += meaning_problems(lake, use_cases)
    head = None if broken else lake.ledger.head()  # the last entry of a broken ledger may be unreadable
    return Verified(found, len(looked_at), head.seq if head else 0, head.hash if head else "")


def meaning_problems(lake: Lake, use_cases: Iterable[UseCase]) -> list[str]:
    """Releases without a valid approval, approvals that nobody can have made, pointers that differ from the ledger or
    are of nobody, log rows that differ from what their day published."""
    from genaiops_assets.governance.release import approval_problems, pointer_problem, release_problems

    found = [*release_problems(lake), *approval_problems(lake)]
    released = {entry.body["use_case"] for entry in lake.ledger.entries("release")}
    unknown = sorted(set(lake.store.list("production")) - {f"{name}.json" for name in released})
    found += [f"production/{name}: the ledger knows no release of a use case called so" for name in unknown]
    for uc in use_cases:
        found += [p for p in [pointer_problem(lake, uc)] if p]
        if lake.heads.partitions(uc.key("interactions")):
            from genaiops_assets.serving import log_problems  # brings Arrow: only where a day was published

            found += log_problems(lake, uc)
    return found

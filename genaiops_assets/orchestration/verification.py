"""Verification of the whole lake: chain, bytes, meaning of the ledger's entries, interaction logs.

Belongs here: putting those together, for the command line and for the internal review. Does not belong here: any one
of them (lake, governance, serving), where marks outside the ledger come from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase


@dataclass(frozen=True)
class Verified:
    """`problems`: everything that is not as published, empty for all well; how many `artifacts`, ledger `entries` and
    `anchors` were looked at; `head`: hash of the ledger's last entry; `notes`: what is worth saying and no
    alteration."""

    problems: list[str]
    artifacts: int
    entries: int
    head: str
    anchors: int = 0
    notes: tuple[str, ...] = ()


def verify_lake(
    lake: Lake,
    use_cases: Iterable[UseCase],
    marks: Iterable[tuple[str, str]],
    progress: Callable[[str], Any] = lambda name: None,
    anchors: Sequence[Path] = (),
) -> Verified:
    """`anchors`: files of them, beside the configured places. `marks`: (where, beginning of a ledger hash) noted
    outside the lake, witnesses of how far the ledger once went. `progress` is told what is looked at."""
    from genaiops_assets.governance.anchors import compare
    from genaiops_assets.governance.release import persons_gone
    from genaiops_assets.lake import problems  # brings Arrow

    looked_at: list[str] = []
    known = list(use_cases)

    def seen(name: str) -> None:
        looked_at.append(name)
        progress(name)

    found = problems(lake, seen)
    progress("the ledger against Dagster's history")
    broken = lake.ledger.problems(iter(list(marks)))
    found += [problem for problem in broken if problem not in found]
    if not broken:  # what entries mean is read only where the chain holds
        progress("releases and the interaction log")
        found += meaning_problems(lake, known)
    progress("the ledger against its anchors")
    compared = compare(lake, known, anchors)
    found += [problem for problem in compared.problems if problem not in found]
    gone = [] if found else [sentence for uc in known for sentence in persons_gone(lake, uc)]
    end = names[-1].partition("-")[0] if (names := lake.store.list("ledger")) else "0"
    entries, head = (int(end) if end.isdigit() else len(names)), "" if broken else lake.ledger.head_hash()
    return Verified(found, len(looked_at), entries, head, compared.anchors, (*compared.notes, *gone))


def meaning_problems(lake: Lake, use_cases: Iterable[UseCase]) -> list[str]:
    """Releases without a valid approval, approvals that nobody can have made, signatures that do not fit, pointers that
    differ from the ledger or are of nobody, log rows that differ from what their day published."""
    from genaiops_assets.governance.keys import signature_problems
    from genaiops_assets.governance.release import approval_problems, pointer_problem, release_problems

    found = [*release_problems(lake), *approval_problems(lake), *signature_problems(lake)]
    released = {entry.body["use_case"] for entry in lake.ledger.entries("release")}
    unknown = sorted(set(lake.store.list("production")) - {f"{name}.json" for name in released})
    found += [f"production/{name}: the ledger knows no release of a use case called so" for name in unknown]
    for uc in use_cases:
        found += [p for p in [pointer_problem(lake, uc)] if p]
        if lake.heads.partitions(uc.key("interactions")):
            from genaiops_assets.serving import log_problems  # brings Arrow: only where a day was published

            found += log_problems(lake, uc)
    return found

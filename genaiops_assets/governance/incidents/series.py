"""Guards that trip again and again: a day on which one rule held many texts back becomes a near miss.

Belongs here: from the log of a day to entries of the ledger, each once. Does not belong here: rules (`serving`), how
the incident log shows the entry (`log.py`). The entry holds counts and names, no text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase

GUARD_SERIES = "guard_series"
BLOCKED = "blocked"


def note_guard_series(lake: Lake, uc: UseCase, day: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Enter each rule that held back as many texts on a day as the use case says (`serving.guard_record.series`), once
    a day; the rules that were entered now. `rows`: of the interaction log, with `rules` as stage:rule:action."""
    tripped = Counter(
        (stage, rule)
        for row in rows
        for stage, rule, action in (fired.split(":") for fired in row["rules"] or ())
        if action == BLOCKED
    )
    many = {key: count for key, count in tripped.items() if count >= uc.serving.guard_record.series}
    if not many:
        return []
    known = {(e.body["stage"], e.body["rule"]) for e in lake.ledger.entries() if is_of(e, uc, day)}
    new = sorted(set(many) - known)
    for stage, rule in new:
        lake.ledger.append(
            GUARD_SERIES,
            {
                "use_case": uc.name,
                "day": day,
                "stage": stage,
                "rule": rule,
                "count": many[stage, rule],
                "model_version": newest_version(rows, f"{stage}:{rule}:{BLOCKED}"),
            },
        )
    return [rule for _, rule in new]


def is_of(entry: Any, uc: UseCase, day: str) -> bool:
    return entry.kind == GUARD_SERIES and (entry.body["use_case"], entry.body["day"]) == (uc.name, day)


def newest_version(rows: Sequence[Mapping[str, Any]], fired: str) -> str:
    """The model version behind the last of the texts."""
    told = [(row["at"], row["gen_ai_response_model"] or "") for row in rows if fired in (row["rules"] or ())]
    return max(told)[1]

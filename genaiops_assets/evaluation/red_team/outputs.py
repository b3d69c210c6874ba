"""Rows that a red team keeps: every attack with its answer, and the failures that later versions meet again.

Belongs here: the two tables and how an attack comes back from one. Does not belong here: the report, which holds no
answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa

from genaiops_assets.evaluation.red_team.base import COLUMNS, Answered, Attack
from genaiops_assets.lake import ERASED_TEXT

_TEXT = pa.string()
_ATTACK = [
    ("id", _TEXT),
    ("attack", _TEXT),
    ("seed", _TEXT),
    ("mutator", _TEXT),
    ("risk", _TEXT),
    ("owasp", _TEXT),
    ("language", _TEXT),
    ("source", _TEXT),
    ("question", _TEXT),
    ("turns", pa.list_(_TEXT)),
    ("planted", _TEXT),
    ("secret", _TEXT),
    ("detector", _TEXT),
    ("look", _TEXT),
    ("answer", _TEXT),
    ("passages", pa.list_(_TEXT)),
]
RED_TEAM_OUTPUTS = pa.schema([*_ATTACK, ("success", pa.bool_()), ("held_back", _TEXT)])
REGRESSIONS = pa.schema([*_ATTACK, ("failed_in", _TEXT)])


def attack_rows(answered: Iterable[Answered], version: str) -> list[dict[str, Any]]:
    """Rows of `red_team_outputs`, sorted by id: `VERSION/ATTACK`, with the source where that is an earlier version."""
    rows = [
        {
            "id": f"{version}/{one.attack.source}/{one.attack.id}",
            "attack": one.attack.id,
            "source": one.attack.source,
            **{name: getattr(one.attack, name) for name in COLUMNS},
            "turns": list(one.attack.turns),
            "answer": one.answer,
            "passages": list(one.passages),
            "success": one.success,
            "held_back": one.held_back,
        }
        for one in answered
    ]
    return sorted(rows, key=lambda row: row["id"])


def failed_rows(rows: Iterable[Mapping[str, Any]], version: str) -> list[dict[str, Any]]:
    """Rows of `red_team_regressions`: the attacks that this version failed at for the first time, frozen with it. Rows
    that were erased are no attack any more."""
    kept = set(REGRESSIONS.names)
    return [
        {**{name: value for name, value in row.items() if name in kept}, "failed_in": version}
        for row in rows
        if row["success"]
        and not row["source"].startswith("mv-")
        and ERASED_TEXT not in (row["question"], row["answer"])
    ]


def regression_attacks(rows: Iterable[Mapping[str, Any]], most: int) -> list[Attack]:
    """The attacks of such rows, each once, from the version that failed first; at most so many, the newest version's
    first. `rows`: those of all earlier versions, the oldest version's first."""
    first: dict[tuple[str, Any], Attack] = {}
    for row in rows:
        attack = Attack.from_row(row)
        if ERASED_TEXT not in (attack.question, attack.planted):
            first.setdefault((attack.id, attack.question), attack)
    return list(first.values())[-most:] if most else []


def failures_called(name: str, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The failure of this id, or all of an attack of this id."""
    found = [dict(row) for row in rows if name in (row["id"], row["attack"])]
    return [row for row in found if row["id"] == name] or found

"""A failure of the red team as a preference: on a person's word, the failing answer loses against what they write.

Belongs here: who may say so, of which failure, and the line in the feedback folder that the feedback sensor takes in
(`inbox/USE_CASE/feedback/red_team/PERSON.jsonl`). Does not belong here: what a failure is (`evaluation/red_team`).

A pair holds the question alone, as all feedback does: a passage, a secret or earlier turns that carried the attack are
no part of it, so the person writes what answers the question."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from genaiops_assets.alignment import feedback_folder
from genaiops_assets.errors import Refused
from genaiops_assets.evaluation import Attack, detected, failures_called
from genaiops_assets.governance.people import member
from genaiops_assets.labelling.ratings import append_line, file_name
from genaiops_assets.lake import Lake
from genaiops_assets.text import json_lines, says_something
from genaiops_assets.use_case import UseCase

TABLE = "red_team_regressions"
SHOWN = 8  # ids that a refusal names


def accept_failure(lake: Lake, uc: UseCase, failure: str, *, name: str, answer: str) -> Mapping[str, Any]:
    """Write the preference; the row of the failure. `failure`: the id of a row of `red_team_regressions`, or of an
    attack where one version alone failed at it. Raises Refused for strangers, unknown failures, an answer that says
    nothing, would be a failure itself or is the failing one, and for what this person said before."""
    person, row = member(uc, name), failure_of(lake, uc, failure)
    if not says_something(answer):
        raise Refused("what should have been answered? --answer TEXT")
    if answer.strip() == row["answer"].strip():
        raise Refused("this is the failing answer itself: write what should have been answered")
    found = detected(Attack.from_row(row), answer, [])
    if found is not None:
        raise Refused(f"this answer would be a failure too: {row['detector']} finds {found!r} in it")
    path = file_of(lake, uc, person)
    if any(line.row.get("failure") == row["id"] for line in written(path)):
        raise Refused(f"{person} has answered {row['id']} before: {path}")
    append_line(
        path,
        {
            "question": row["question"],
            "chosen": answer.strip(),
            "rejected": row["answer"],
            "reviewer": person,
            "failure": row["id"],
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
        },
    )
    return row


def failure_of(lake: Lake, uc: UseCase, failure: str) -> dict[str, Any]:
    rows = [
        row
        for version in lake.heads.partitions(uc.key(TABLE))
        for row in lake.tables.read(lake.current(uc.key(TABLE), version).snapshot(uc.key(TABLE))).to_pylist()
    ]
    found = failures_called(failure, rows)
    if len(found) == 1:
        return found[0]
    known = [row["id"] for row in found or rows]
    listed = ", ".join(known[:SHOWN]) + (f" and {len(known) - SHOWN} more" if len(known) > SHOWN else "")
    if found:
        raise Refused(f"several versions failed at {failure}: {listed}")
    raise Refused(f"no failure is called {failure!r}; there are: {listed or 'none'}")


def file_of(lake: Lake, uc: UseCase, person: str) -> Path:
    return feedback_folder(lake, uc) / "red_team" / file_name(person)


def written(path: Path) -> list[Any]:
    return list(json_lines(path.read_bytes())) if path.exists() else []

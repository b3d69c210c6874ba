"""Pairs of answers as they are kept: one line each, appended and on the disk before anybody counts on it.

Belongs here: the file of a rollout's stage, and scoring a pair. No question or answer is kept, only figures. Does not
belong here: the interaction log (`serving/interactions`), tests (`deciding.py`)."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from genaiops_assets.evaluation import is_covered, topic_score
from genaiops_assets.governance.rollout.deciding import Pair
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase


def pairs_file(lake: Lake, uc: UseCase, candidate: str, stage: str) -> Path:
    return lake.home / "rollouts" / uc.name / f"{candidate}.{stage}.jsonl"


def keep(lake: Lake, uc: UseCase, candidate: str, stage: str, pair: Pair, answer_id: str) -> None:
    """Append one pair. `answer_id`: of the interaction log; an id that is there already is not counted twice."""
    _append(pairs_file(lake, uc, candidate, stage), {"id": answer_id, **asdict(pair)})


def keep_thumb(lake: Lake, uc: UseCase, candidate: str, stage: str, thumb: str, answer_id: str) -> None:
    """Append a thumb on the candidate's answer; without a pair of that id it says nothing, before or after it."""
    _append(pairs_file(lake, uc, candidate, stage), {"id": answer_id, "thumb": thumb})


def _append(file: Path, row: dict[str, Any]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    line = json.dumps(row) + "\n"
    with open(file, "ab") as out:
        out.write(line.encode())
        out.flush()
        os.fsync(out.fileno())


def pairs_of(lake: Lake, uc: UseCase, candidate: str, stage: str) -> list[Pair]:
    """All pairs of a stage, in the order in which they came; a line that a kill cut short is left out, and the second
    of an id only adds a thumb."""
    file = pairs_file(lake, uc, candidate, stage)
    found: dict[str, dict[str, Any]] = {}
    thumbs: dict[str, Any] = {}
    for line in file.read_bytes().splitlines() if file.exists() else []:
        try:
            row = json.loads(line)
        except ValueError:
            continue
        name = row.pop("id")
        if row.get("thumb"):
            thumbs[name] = row["thumb"]
        if "failed" in row:  # a thumb alone is no pair
            found.setdefault(name, row)
    for name in found.keys() & thumbs.keys():
        found[name]["thumb"] = thumbs[name]
    return [Pair(**row) for row in found.values()]


def quality(answer: str, passages: Sequence[Any], uc: UseCase, refusal: str) -> float:
    """Quality in 0..1 of an answer for which nobody wrote a reference, by the topic judge. `passages` have `quoted` and
    `score`."""
    covered = is_covered(p.score for p in passages)
    return topic_score(answer, [p.quoted for p in passages], covered, uc.language, refusal)

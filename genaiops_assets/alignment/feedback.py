"""People's preferences: the JSONL files of the feedback folder, read line by line.

Belongs here: where the folder is, what a usable line holds, and why a line is refused. Does not belong here: pairs
made from the corpus (`pairs.py`)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genaiops_assets.lake import Lake
from genaiops_assets.privacy import redact
from genaiops_assets.use_case import UseCase


@dataclass(frozen=True)
class Feedback:
    """What people said: pairs they preferred, and lines that could not be used, each with file, line and reason."""

    pairs: list[dict[str, str]]
    refused: list[dict[str, Any]]


def read_feedback(folder: Path) -> Feedback:
    """All `*.jsonl` of a folder: {"question", "chosen", "rejected", "reviewer"} a line. Texts are masked before
    anything else."""
    pairs: list[dict[str, str]] = []
    refused: list[dict[str, Any]] = []
    for file in sorted(folder.glob("*.jsonl")) if folder.is_dir() else []:
        for number, raw in enumerate(file.read_bytes().splitlines(), start=1):
            if raw.strip():
                found = feedback_line(raw)
                if isinstance(found, dict):
                    pairs.append(found)
                else:
                    refused.append({"file": file.name, "line": number, "reason": found})
    return Feedback(pairs, refused)


def feedback_line(raw: bytes) -> dict[str, str] | str:
    """A masked pair, or why the line is none."""
    try:
        row = json.loads(raw)
    except (ValueError, RecursionError) as error:
        return f"broken JSON: {error}"
    if not isinstance(row, dict):
        return "expected an object"
    for field in ("question", "chosen", "rejected", "reviewer"):
        if not isinstance(row.get(field), str) or not row[field].strip():
            return f"{field}: expected text"
        if re.search("[\ud800-\udfff]", row[field]):
            return f"{field}: half of a surrogate pair, not Unicode text"
    texts = ("question", "chosen", "rejected")
    masked = {f: r.text for f, r in zip(texts, redact([row[f] for f in texts], {"default": "mask"}), strict=True)}
    if masked["chosen"].strip() == masked["rejected"].strip():
        return "chosen and rejected are equal"
    return {**masked, "reviewer": row["reviewer"]}


def feedback_folder(lake: Lake, uc: UseCase) -> Any:
    """Where people's preferences are dropped: `GENAIOPS_HOME/inbox/USE_CASE/feedback`."""
    return lake.home / "inbox" / uc.name / "feedback"

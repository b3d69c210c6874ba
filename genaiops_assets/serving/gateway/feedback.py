"""What people say of an answer of the gateway: thumb, comment, better text, asking again.

Belongs here: reading such a message and writing it down. Does not belong here: what is learnt from it (`alignment`).
What prefers something, a thumb or a better text, becomes a line of the feedback folder, where the feedback sensor takes
it in (`inbox/USE_CASE/feedback/served/KEY.jsonl`). A comment alone and a question asked again prefer nothing: they are
kept beside (`inbox/USE_CASE/signals/KEY.jsonl`). All texts are masked before they are written, and on the disk before
the person is thanked."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from genaiops_assets.alignment import feedback_folder
from genaiops_assets.errors import Refused
from genaiops_assets.lake import Lake
from genaiops_assets.privacy import redact
from genaiops_assets.serving.gateway.problems import bad
from genaiops_assets.serving.interactions.answer import interaction_row
from genaiops_assets.use_case import UseCase

FIELDS = {"answer_id", "thumb", "comment", "edit", "reask"}
LONGEST = 8000  # characters of one text
MASK = {"default": "mask"}


def take(lake: Lake, uc: UseCase, told: Any, key_name: str) -> str:
    """Write down what somebody says of an answer that this key was given; returns what it was: thumb, edit, reask or
    comment. Raises Problem for another form, Refused where the key was given no such answer."""
    kind = kind_of(told)
    row = interaction_row(lake, uc, told["answer_id"])
    if row is None or row["key_name"] != key_name:
        raise Refused("no answer of this id was given to you")
    texts = {name: told[name] for name in ("comment", "edit", "reask") if told.get(name)}
    masked = dict(zip(texts, (found.text for found in redact(list(texts.values()), MASK)), strict=True))
    said: dict[str, Any] = {
        "question": row["question"],
        "answer": row["answer"],
        "reviewer": key_name,
        "interaction": row["id"],
        "at": datetime.now(UTC).isoformat(),
    }
    if "comment" in masked:
        said["comment"] = masked["comment"]
    if kind in ("thumb", "edit"):
        said |= {"edited": masked["edit"]} if kind == "edit" else {"thumb": told["thumb"]}
        append(feedback_folder(lake, uc) / "served" / f"{file_of(key_name)}.jsonl", said)
    else:
        said |= {"asked_again": masked["reask"]} if kind == "reask" else {}
        append(lake.home / "inbox" / uc.name / "signals" / f"{file_of(key_name)}.jsonl", said)
    return kind


def kind_of(told: Any) -> str:
    """Raises Problem naming the field that cannot be used."""
    if not isinstance(told, dict) or not isinstance(told.get("answer_id"), str):
        raise bad("answer_id", "expected the id of an answer")
    for name in told:
        if name not in FIELDS:
            raise bad(name, f"not known here: {', '.join(sorted(FIELDS))} are")
    for name in ("comment", "edit", "reask"):
        value = told.get(name)
        if value is not None and (not isinstance(value, str) or not 0 < len(value.strip()) <= len(value) <= LONGEST):
            raise bad(name, f"expected text of up to {LONGEST} characters")
    if told.get("thumb") not in (None, "up", "down"):
        raise bad("thumb", "up or down")
    kinds = [name for name in ("edit", "thumb", "reask", "comment") if told.get(name)]
    if not kinds:
        raise bad("thumb", "say something: thumb, comment, edit or reask")
    if len(set(kinds) - {"comment"}) > 1:
        raise bad(kinds[1], f"one thing at a time: {kinds[0]} is said already")
    return kinds[0]


def file_of(key_name: str) -> str:
    """Names of keys are plain, but for that of no key."""
    return key_name.replace(" ", "-")


def append(path: Path, row: dict[str, Any]) -> None:
    """One line at the end, on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fd = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(fd, json.dumps(row, ensure_ascii=False, sort_keys=True).encode() + b"\n")
        os.fsync(fd)
    finally:
        os.close(fd)

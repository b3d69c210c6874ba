"""What people said, row by row: one file a rater and set of items, only ever appended to.

Belongs here: writing a row so that a kill loses none that was acknowledged, taking one back, and reading them. A row
holds digests and numbers, no text of a question or an answer, so that erasure has nothing to find here. Does not belong
here: preferences for training (`preferences.py`), figures over ratings (`report.py`)."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args
from uuid import uuid4

from genaiops_assets.lake import Lake, digest_of, lease, refuse_unsafe_part
from genaiops_assets.text import canonical_name
from genaiops_assets.use_case import UseCase

Choice = Literal["left", "right", "tie", "skip", "edit"]
CHOICES: tuple[str, ...] = get_args(Choice)
DECIDED = ("left", "right")  # choices between the two answers shown
SCHEMA_VERSION = 1
_WAIT = 30.0  # seconds for another process of the same rater


@dataclass(frozen=True)
class Rating:
    """One row. `item`: digest of what was compared; `origin`: id of the pair or test item; `left`: index (0, 1) of the
    answer that stood left; `preferred`: index of the better one, None for a tie or a skip; for an edit, of the one that
    was improved; `sources`: what gave answer 0 and 1; `place`: in this rater's order; `guideline`: version of the text
    that was shown; `seconds`: from showing to choosing; `least`: seconds that reading alone takes; `undo`: id of the
    row that this one takes back."""

    id: str
    rater: str
    at: str
    set: str
    item: str
    origin: str
    left: int
    choice: str
    preferred: int | None
    sources: tuple[str, str]
    place: int
    seed: int
    guideline: str
    seconds: float
    least: float
    undo: str = ""
    schema_version: int = SCHEMA_VERSION

    @classmethod
    def read(cls, row: dict[str, Any]) -> Rating:
        return cls(**{**row, "sources": tuple(row["sources"])})


def ratings_folder(lake: Lake, uc: UseCase) -> Path:
    """Where ratings lie: `GENAIOPS_HOME/ratings/USE_CASE`, a folder a set of items."""
    return lake.home / "ratings" / uc.name


def file_name(rater: str) -> str:
    """A name for a rater's files: readable, of plain letters, and another one for another person. Raises
    UnusableName."""
    plain = re.sub(r"[^a-z0-9]+", "-", canonical_name(rater)).strip("-")[:24]
    return f"{plain or 'rater'}-{digest_of(canonical_name(rater))[:8]}.jsonl"


class RatingFile:
    """One rater's rows for one set. Two processes of the same rater take turns."""

    def __init__(self, folder: Path, set_name: str, rater: str) -> None:
        refuse_unsafe_part(set_name, "set of items")
        self.path = folder / set_name / file_name(rater)
        self.set, self.rater = set_name, rater

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Alone with the file. Raises LeaseTimeout."""
        with lease(self.path.with_suffix(".lock"), timeout=_WAIT):
            yield

    def rows(self) -> list[Rating]:
        return read_rows(self.path)

    def in_force(self) -> list[Rating]:
        """Ratings that were not taken back, in the order they were given."""
        return in_force(self.rows())

    def append(self, rating: Rating) -> None:
        """On disk when it returns. A line that a kill cut short is ended first, and read as none."""
        append_line(self.path, asdict(rating))

    def taken_back(self, rating: Rating) -> Rating:
        """The row that takes a rating back."""
        return replace(rating, id=new_id(), at=now(), undo=rating.id)


def append_line(path: Path, row: dict[str, Any]) -> None:
    """One JSON line at the end of a file, flushed to the disk, and so is the folder where the file is new."""
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    line = json.dumps(row, ensure_ascii=False, sort_keys=True).encode() + b"\n"
    with path.open("ab+") as file:
        if file.tell() and not ends_whole(path):
            line = b"\n" + line
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        sync_folder(path.parent)


def ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def read_rows(path: Path) -> list[Rating]:
    """All whole rows of a file; what a kill cut short was never acknowledged."""
    found = []
    for raw in path.read_bytes().splitlines() if path.exists() else []:
        try:
            found.append(Rating.read(json.loads(raw)))
        except (ValueError, TypeError, KeyError):
            continue
    return found


def in_force(rows: list[Rating]) -> list[Rating]:
    gone = {row.undo for row in rows if row.undo}
    return [row for row in rows if not row.undo and row.id not in gone]


def all_ratings(lake: Lake, uc: UseCase, set_name: str | None = None) -> list[Rating]:
    """Ratings in force of every rater, of one set or of all, by set, rater and time."""
    found: list[Rating] = []
    for file in sorted(ratings_folder(lake, uc).glob(f"{set_name or '*'}/*.jsonl")):
        found += in_force(read_rows(file))
    return found


def new_id() -> str:
    return uuid4().hex[:16]


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")

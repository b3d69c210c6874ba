"""What reading gives: records, problems, and the limits between the two. Belongs here: nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from genaiops_assets.errors import GenaiopsError

MAX_LINE = 20_000_000  # bytes of one line, JSON value or text file; a longer one is not a document
MAX_PAGED_FILE = 200_000_000  # bytes of a PDF or Word file
MAX_EXPANSION = 200  # times its size a packed file may expand to, once it passes EXPANSION_FLOOR
EXPANSION_FLOOR = 100_000_000  # bytes that any packed file may expand to


@dataclass(frozen=True)
class Record:
    """One row of a file. `line`: counted from 1; of formats without lines, the number of the row."""

    file: str
    line: int
    fields: dict[str, Any]


@dataclass(frozen=True)
class Problem:
    """Input that could not become a document. Line 0: the file as a whole. `excerpt`: at most 200 characters of it."""

    file: str
    line: int
    field: str
    reason: str
    excerpt: str = ""


Outcomes = Iterator[Record | Problem]


class Unreadable(GenaiopsError):
    """A file cannot be read at all or any further; the message says why."""


def record_or_problem(file: str, line: int, value: Any) -> Record | Problem:
    """A JSON value as a record: it must be an object."""
    if isinstance(value, dict):
        return Record(file, line, value)
    return Problem(file, line, "", f"expected an object, found {type(value).__name__}", str(value)[:200])

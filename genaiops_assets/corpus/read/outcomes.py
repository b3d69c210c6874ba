"""What reading gives: records, problems, and the limits between the two. Belongs here: nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from genaiops_assets.errors import GenaiopsError

MAX_LINE = 20_000_000  # bytes of one line, JSON value or text file; a longer one is not a document
MAX_PAGED_FILE = 200_000_000  # bytes of a PDF or Word file
MAX_EXPANSION = 200  # times its size a packed file may expand to, once it passes EXPANSION_FLOOR
EXPANSION_FLOOR = 100_000_000  # bytes that any packed file may expand to
MAX_COLUMNS = 10_000  # of a table, in a file or in a page
MAX_CELLS = 1_000_000  # of the tables of one page or Word file, spans filled
MAX_NESTING = 200  # tables in tables, text boxes in text boxes
MAX_NAME = 1000  # bytes of a file's place in its source
MAX_MEMORY = 2 << 30  # bytes that reading may take at once
SECONDS, SECONDS_PER_MB = 120.0, 2.0  # that reading may take to give the next record
LIMITS = (
    "MAX_LINE", "MAX_PAGED_FILE", "MAX_EXPANSION", "EXPANSION_FLOOR", "MAX_COLUMNS", "MAX_CELLS", "MAX_NESTING",
    "MAX_MEMORY",
)  # fmt: skip
_PLAIN = (str, int, float, type(None))


@dataclass(frozen=True)
class Record:
    """One row of a file. `line`: counted from 1; of formats without lines, the number of the row. `other_id`: of a
    file that is one document, its id where another has the first one. `left_out`: what the reader saw and did not take
    into the text, {what: how much}. `unread`: names of the fields nobody asked for, where too few others are there."""

    file: str
    line: int
    fields: dict[str, Any]
    other_id: str = ""
    left_out: dict[str, int] = field(default_factory=dict)
    unread: tuple[str, ...] = ()


@dataclass(frozen=True)
class Problem:
    """Input that could not become a document. Line 0: the file as a whole. `excerpt`: at most 200 characters of it."""

    file: str
    line: int
    field: str
    reason: str
    excerpt: str = ""


Outcomes = Iterator[Record | Problem]


@dataclass(frozen=True)
class Foreign:
    """A value that no JSON text, number or truth value can hold, or that nobody needs to look into: a date, a list."""

    kind: str
    text: str = ""

    def __str__(self) -> str:
        return self.text


class Unreadable(GenaiopsError):
    """A file cannot be read at all or any further; the message says why."""


@contextmanager
def broken(what: str) -> Iterator[None]:
    """A parser of hostile files fails in every way there is: all of them mean that the file is broken. Raises
    Unreadable."""
    try:
        yield
    except (Unreadable, ImportError, MemoryError):
        raise
    except Exception as error:
        raise Unreadable(f"broken {what}: {type(error).__name__}: {error}") from error


class Twice(dict[str, Any]):
    """A JSON object in which a name stands twice: the last value is what others read, and the first is lost."""

    names: frozenset[str] = frozenset()


def object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object, from what the decoder found in it."""
    value = dict(pairs)
    if len(value) == len(pairs):
        return value
    twice, seen = Twice(value), set[str]()
    twice.names = frozenset(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
    return twice


def record_or_problem(file: str, line: int, value: Any) -> Record | Problem:
    """A JSON value as a record: it must be an object."""
    if isinstance(value, dict):
        return Record(file, line, value)
    return Problem(file, line, "", f"expected an object, found {type(value).__name__}", str(value)[:200])


def folded(name: str) -> str:
    """A field's name as people mean it: without the blanks around it and in small letters."""
    return name.strip().casefold()


def named_in(fields: dict[str, Any], name: str) -> str | None:
    """The key of a field: spelled so, or else but for blanks and capitals; None when there is none."""
    if name in fields:
        return name
    return next((key for key in fields if folded(key) == folded(name)), None)


def trimmed(record: Record, wanted: frozenset[str] | None) -> Record | Problem:
    """Only the fields whose folded name is wanted, in plain values; a Problem where one of them stands twice. None:
    all fields as they are."""
    if wanted is None:
        return record
    if isinstance(record.fields, Twice):
        twice = sorted(name for name in record.fields.names if folded(name) in wanted)
        if twice:
            return Problem(record.file, record.line, twice[0], f"two fields are named {twice[0]!r}: rename one")
    kept = {k: v if isinstance(v, _PLAIN) else foreign(v) for k, v in record.fields.items() if folded(k) in wanted}
    unread = record.unread or tuple(k[:50] for k in list(record.fields)[:10] if k not in kept)
    return replace(record, fields=kept, unread=unread if len(kept) < 2 else ())


def foreign(value: Any) -> Foreign:
    if isinstance(value, Foreign):
        return value
    return Foreign(type(value).__name__, "" if isinstance(value, list | dict | tuple) else str(value)[:300])

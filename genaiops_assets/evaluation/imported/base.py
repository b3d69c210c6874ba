"""What every reader of foreign results gives, and how a damaged file is named.

Belongs here: those shapes, and reading one field of a file or saying where it is wrong. Does not belong here: any
format (one file each), or what becomes of the items (`suite.py`)."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from genaiops_assets.errors import PayloadError
from genaiops_assets.text import json_lines

Format = Literal["lm_eval", "inspect", "garak"]


class ImportedFiles(BaseModel):
    """Where the files lie on this machine; `digests`: file name → SHA-256, as the parent saw them."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: str
    format: Format
    path: str
    samples: list[str] = []
    digests: dict[str, str]


class DamagedResults(PayloadError):
    """A file of results that cannot be used; the message names file, line and field."""


@dataclass(frozen=True)
class ImportedItem:
    """One item as the harness scored it: metric → score in 0..1, None where it has none. `group`: with which items it
    was drawn, "" for none (repeated answers to one prompt)."""

    id: str
    scores: Mapping[str, float | None]
    slices: tuple[str, ...] = ()
    group: str = ""


@dataclass(frozen=True)
class Imported:
    """Results of one run of a harness. `left_out`: metric → why it is in no figure; `facts`: what the harness says of
    the run, published as it is."""

    tool: str
    tool_version: str
    items: Sequence[ImportedItem]
    left_out: Mapping[str, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """A value and where it stands: file, line (0 for a file of one value) and field."""

    value: Any
    file: str
    line: int = 0
    path: str = ""

    def at(self, name: str | int, kind: type | tuple[type, ...] = object, default: Any = ...) -> Place:
        """A field below, of this kind. `default` stands for a field that is not there. Raises DamagedResults."""
        place = Place(None, self.file, self.line, f"{self.path}.{name}".lstrip("."))
        there = isinstance(self.value, dict) and name in self.value
        if isinstance(self.value, list) and isinstance(name, int):
            there = 0 <= name < len(self.value)
        if not there:
            if default is ...:
                raise place.damaged("this field is missing")
            return Place(default, self.file, self.line, place.path)
        found = Place(self.value[name], self.file, self.line, place.path)
        if not isinstance(found.value, kind) or (isinstance(found.value, bool) and kind is int):
            raise found.damaged(f"expected {in_words(kind)}, found {type(found.value).__name__}")
        return found

    def each(self) -> Iterator[Place]:
        """The values of a list, or of a mapping by name."""
        names = range(len(self.value)) if isinstance(self.value, list) else list(self.value)
        for name in names:
            yield self.at(name)

    def damaged(self, problem: str) -> DamagedResults:
        line = f":{self.line}" if self.line else ""
        return DamagedResults(f"{self.file}{line}: {self.path + ': ' if self.path else ''}{problem}")


def whole_file(path: Path) -> Place:
    """A file of one JSON object. Raises DamagedResults naming the line where it ends too early."""
    try:
        value = json.loads(path.read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        raise DamagedResults(f"{path.name}:{error.lineno}: broken JSON: {error.msg}") from None
    except (OSError, UnicodeDecodeError, RecursionError) as error:
        raise DamagedResults(f"{path.name}: cannot be read ({error})") from None
    if not isinstance(value, dict):
        raise DamagedResults(f"{path.name}: expected an object")
    return Place(value, path.name)


def lines_of(path: Path) -> Iterator[Place]:
    """The objects of a jsonl file. Raises DamagedResults naming the line."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DamagedResults(f"{path.name}: cannot be read ({error})") from None
    for line in json_lines(raw):
        if line.problem:
            raise DamagedResults(f"{path.name}:{line.number}: {line.problem}")
        yield Place(line.row, path.name, line.number)


def number_of(place: Place) -> float:
    """A finite number, or true and false as 1 and 0. Raises DamagedResults."""
    if not isinstance(place.value, int | float) or not math.isfinite(place.value):
        raise place.damaged(f"expected a finite number, found {str(place.value)[:40]!r}")
    return float(place.value)


def in_words(kind: type | tuple[type, ...]) -> str:
    known = {
        dict: "a mapping",
        list: "a list",
        str: "text",
        int: "a whole number",
        float: "a number",
        bool: "true or false",
    }
    kinds = kind if isinstance(kind, tuple) else (kind,)
    return " or ".join(known.get(one, one.__name__) for one in kinds)

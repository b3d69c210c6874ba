"""Items that a suite brings along in `items/NAME.yaml`, and a use case's own ones instead of them.

Belongs here: reading both, with errors that name file, line and field, and how many of each slice a smoke run takes.
Does not belong here: what is asked of an item, or how it is scored (the suites)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

from genaiops_assets.errors import GenaiopsError
from genaiops_assets.evaluation.suites.base import Item
from genaiops_assets.lake import digest_of_bytes
from genaiops_assets.text import json_lines
from genaiops_assets.use_case import SUITES

LANGUAGES = ("en", "zh")
Row = Mapping[str, Any]
Wanted = Mapping[str, tuple[str, ...] | None]  # field → the values it may have, None for any text


class SuiteItemsError(GenaiopsError, ValueError):
    """A file of items that cannot be used; the message names file, line and field."""


@cache
def packaged(name: str) -> Mapping[str, Any]:
    """Language → what `items/NAME.yaml` holds."""
    found: Mapping[str, Any] = yaml.safe_load(_file("suites/items", name).decode("utf-8"))
    return found


def items_version(scoring: str, name: str, *rules: str) -> str:
    """A suite's version: of its scoring, which a person raises, and of what its items, and rules beside them, say."""
    told = [_file("suites/items", name), *(_file("", rule) for rule in rules)]
    return f"{scoring}.{digest_of_bytes(b''.join(told))[:8]}"


def _file(folder: str, name: str) -> bytes:
    return files("genaiops_assets.evaluation").joinpath(folder, f"{name}.yaml").read_bytes()


def own_rows(
    path: Path, wanted: Wanted, problem_of: Callable[[Row], str] = lambda row: "", named: str = "id"
) -> list[Row]:
    """The lines of a jsonl file, each an object with an id and these fields as text. `problem_of`: "FIELD: why" where a
    suite asks for more; `named`: the field that holds the id. Raises SuiteItemsError."""
    raw = path.read_bytes()
    try:
        raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise SuiteItemsError(f"{path}: not UTF-8 at byte {error.start}") from error
    rows: list[Row] = []
    for line in json_lines(raw):
        if problem := line.problem or _missing(line.row, wanted, named) or problem_of(line.row):
            raise SuiteItemsError(f"{path}:{line.number}: {problem}")
        rows.append({**line.row, "id": str(line.row[named])})
    if not rows:
        raise SuiteItemsError(f"{path}: holds no items")
    if doubled := [one for one, n in Counter(row["id"] for row in rows).items() if n > 1]:
        raise SuiteItemsError(f"{path}: id {doubled[0]!r} occurs more than once")
    return rows


def check_own_items(name: str, path: Path) -> int:
    """How many items a use case's own file has for a suite. Raises SuiteItemsError, also for a suite that takes
    none."""
    suite = SUITES.get(name)
    if not hasattr(suite, "own"):
        raise SuiteItemsError(f"the suite {name} takes no items of a use case")
    return len(suite.own(path))


def first_of_each(items: Iterable[Item], part_of: Callable[[Item], object], limit: int | None) -> Sequence[Item]:
    """All items, or the first `limit` of each part, in their order."""
    seen: Counter[object] = Counter()
    found = []
    for item in items:
        seen[part_of(item)] += 1
        if limit is None or seen[part_of(item)] <= limit:
            found.append(item)
    return found


def _missing(row: Row, wanted: Wanted, named: str) -> str:
    """What a line lacks, as "FIELD: why"; "" where nothing."""
    found = row.get(named)
    if not isinstance(found, str | int) or isinstance(found, bool) or found == "":
        return f"{named}: expected text or a whole number"
    for field, values in wanted.items():
        value = row.get(field)
        if not isinstance(value, str) or not value.strip():
            return f"{field}: expected text"
        if values is not None and value not in values:
            return f"{field}: expected one of {', '.join(values)}, found {value!r}"
    return ""

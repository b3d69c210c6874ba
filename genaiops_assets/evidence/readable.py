"""Values with parts as tables and bars, so that a page shows them instead of dumping them.

Belongs here: which shape of value becomes which table, and a share as a bar of text. Does not belong here: single
values (`render.py`), pictures (`plots.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

BLOCKS = 12  # characters of a full bar
FULL, EMPTY = "█", "░"
QUANTILES = ("min", "p05", "p25", "median", "mean", "p75", "p95", "max")
NO_PARTS = {*QUANTILES, "first", "last", "of", "rows_read", "domains"}  # such counts are no parts of one whole
SHARE = "share"
NAMED = ("id", "name")  # of no use beside words that say what a row is
FIRST = ("name", "terms", "domain")
INTERVAL = {"mean", "low", "high", "n"}
ENTRY, VALUE = "entry", "value"  # columns of a mapping
LONG_LIST = 4  # entries from which a list is shown line by line


class Shown(NamedTuple):
    """A table: columns by name, rows of values. `bars`: column whose values are shares of one, "" for none."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    bars: str = ""


def as_table(value: Any) -> Shown | None:
    """The table that shows a value; None where one line is enough: a number, a text, an interval, one entry, nothing.

    A list of mappings is a row each; a mapping of mappings a row each, by its key; a mapping of numbers an entry each,
    whole counts with their share in all; a list of four or more texts a line each."""
    if isinstance(value, Mapping):
        return of_mapping(value)
    if isinstance(value, Sequence) and not isinstance(value, str) and value:
        if all(isinstance(row, Mapping) for row in value):
            return of_rows(value)
        if len(value) >= LONG_LIST:
            return Shown((ENTRY,), tuple((one,) for one in value))
    return None


def of_mapping(value: Mapping[str, Any]) -> Shown | None:
    if not value or value.keys() >= INTERVAL:
        return None
    parts = list(value.values())
    if all(isinstance(part, Mapping) and part and not part.keys() >= INTERVAL for part in parts):
        rows = of_rows([{ENTRY: key, **part} for key, part in value.items()])
        return rows
    if len(value) == 1:
        return None
    entries = sorted(value.items(), key=lambda item: QUANTILES.index(item[0]) if item[0] in QUANTILES else -1)
    if all(map(is_count, parts)) and sum(parts) and not set(value) & NO_PARTS:
        ordered = sorted(value.items(), key=lambda item: -item[1])
        return Shown((ENTRY, VALUE, SHARE), tuple((key, part, part / sum(parts)) for key, part in ordered), bars=SHARE)
    return Shown((ENTRY, VALUE), tuple(entries))


def of_rows(rows: Sequence[Mapping[str, Any]]) -> Shown:
    """Columns in the order in which they first appear, words that name a row first."""
    found = list(dict.fromkeys(key for row in rows for key in row))
    columns = [key for key in FIRST if key in found] + [key for key in found if key not in FIRST]
    if set(columns) & set(FIRST) - set(NAMED):
        columns = [key for key in columns if key not in NAMED]
    shares = SHARE in columns and all(0 <= (row.get(SHARE) or 0) <= 1 for row in rows)
    return Shown(
        tuple(columns), tuple(tuple(row.get(key) for key in columns) for row in rows), bars=SHARE if shares else ""
    )


def is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def bar(share: float) -> str:
    """A share of one as text: twelve blocks, any share above nothing at least one of them."""
    held = min(max(float(share), 0.0), 1.0)
    filled = min(BLOCKS, max(round(held * BLOCKS), 1 if held else 0))
    return FULL * filled + EMPTY * (BLOCKS - filled)


def share_interval(value: Mapping[str, Any]) -> str:
    """An interval of a share in percent, in one piece where it may break: 94.6 % [90.8–96.9 %], n = 223."""
    space = "\N{NO-BREAK SPACE}"
    if value["mean"] is None:
        return f"– (n{space}={space}{value['n']})"
    ends = ""
    if value["low"] is not None and value["high"] is not None:
        ends = f" [{value['low'] * 100:.1f}–{value['high'] * 100:.1f}{space}%]"
    return f"{value['mean'] * 100:.1f}{space}%{ends}, n{space}={space}{value['n']}"


def percent(share: float) -> str:
    """A share of one in percent: 24 %, 0.4 %, 0 %."""
    hundred = float(share) * 100
    digits = f"{hundred:.0f}" if hundred == 0 or hundred >= 1 else f"{hundred:.2g}"
    return f"{digits}\N{NO-BREAK SPACE}%"

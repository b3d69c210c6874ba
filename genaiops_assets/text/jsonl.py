"""JSON lines: the bytes of a file as numbered lines, each an object or the reason why it is none.

Belongs here: where a line ends, what a byte order mark is, which JSON cannot be read. Does not belong here: which
fields a line must have, or files too large for memory (`corpus/read`)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class JsonLine(NamedTuple):
    """One line that is not blank. `number` counts from 1, blank lines too. `row` is empty where a `problem` is
    named."""

    number: int
    row: dict[str, Any]
    problem: str = ""


def json_lines(raw: bytes) -> Iterator[JsonLine]:
    """The lines of a file, in order. Line feed, carriage return or both end a line; other separators may stand in a
    JSON text (RFC 8259, section 7)."""
    for number, line in enumerate(raw.removeprefix(BYTE_ORDER_MARK).splitlines(), start=1):
        if line.strip():
            yield _read(number, line)


def _read(number: int, line: bytes) -> JsonLine:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        return JsonLine(number, {}, f"broken JSON: {error}")
    return JsonLine(number, row) if isinstance(row, dict) else JsonLine(number, {}, "expected an object")

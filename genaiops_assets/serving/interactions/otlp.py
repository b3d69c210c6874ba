"""Files of OpenTelemetry spans as its own tools write them, flattened to one shape.

Belongs here: the collector's envelope (`{"resourceSpans": …}`), OTLP's key/value lists, the Python SDK's `to_json`, and
JSON values over several lines. Does not belong here: what a span says (`reading.py`). Sources: OTLP/JSON encoding of
the OpenTelemetry protocol; `ReadableSpan.to_json` of opentelemetry-sdk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

LONGEST_VALUE = 50_000  # lines of one JSON value that is written over several
SPAN_FIELDS = ("spanId", "span_id", "startTimeUnixNano", "start_time_unix_nano", "start_time", "context")
OPENING, CLOSING = ("{", "["), ("}", "]", "},", "],")


def json_values(file: Path) -> Iterator[tuple[int, bytes]]:
    """(line, bytes) of each JSON value: a line each, or, as the SDK's console exporter prints them, over several lines
    from a lone bracket to a lone bracket. Blank lines are none; a lost bracket takes no other line with it."""
    with open(file, "rb") as lines:
        held: list[tuple[int, bytes]] = []
        for number, line in enumerate(lines, start=1):
            line = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            text = line.rstrip().decode("ascii", "replace")
            if text in OPENING:  # a value before it was never closed: each of its lines is judged alone
                yield from held
                held = []
            elif not held:
                if text.strip():
                    yield number, line
                continue
            held.append((number, line))
            if text in CLOSING:
                yield held[0][0], b"".join(part for _, part in held).rstrip().rstrip(b",")
                held = []
            elif len(held) >= LONGEST_VALUE:
                yield from held
                held = []
        yield from held


def parsed(raw: bytes) -> Any:
    """Raises ValueError, in words, for what is not strict JSON in UTF-8."""
    try:
        return json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError as error:
        raise ValueError(f"not UTF-8: {error.reason} at byte {error.start}") from None
    except RecursionError:
        raise ValueError("not JSON that can be read: nested too deeply") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error}") from None


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"not JSON: {name} is no number of JSON")


def spans_in(value: Any) -> Iterator[Any]:
    """The rows and spans of one JSON value: of a list each item, of the collector's envelope each span."""
    if isinstance(value, list):
        for item in value:
            yield from spans_in(item)
    elif isinstance(value, dict) and isinstance(value.get("resourceSpans"), list):
        for resource in value["resourceSpans"]:
            for scope in _lists(resource, "scopeSpans", "instrumentationLibrarySpans"):
                yield from _lists(scope, "spans")
    else:
        yield value


def _lists(holder: Any, *names: str) -> Iterator[Any]:
    for name in names:
        found = holder.get(name) if isinstance(holder, dict) else None
        if isinstance(found, list):
            yield from found


def is_span(row: dict[str, Any]) -> bool:
    return isinstance(row.get("attributes"), (dict, list)) or any(name in row for name in SPAN_FIELDS)


def attributes_in(span: dict[str, Any]) -> dict[str, Any]:
    """Its attributes by name, those of its events too where the span itself does not have them: messages may be
    recorded as an event of the span."""
    found: dict[str, Any] = {}
    for holder in [*_lists(span, "events"), span]:
        if isinstance(holder, dict):
            found |= plain(holder.get("attributes"))
    return found


def plain(attributes: Any) -> dict[str, Any]:
    """Attributes as a mapping, from a mapping or from OTLP's list of {"key", "value": {"stringValue": …}}."""
    if isinstance(attributes, dict):
        return attributes
    pairs = attributes if isinstance(attributes, list) else []
    return {str(p["key"]): plain_value(p.get("value")) for p in pairs if isinstance(p, dict) and "key" in p}


def plain_value(value: Any) -> Any:
    """An OTLP value without its wrapping; 64-bit numbers come as text there."""
    if not isinstance(value, dict) or len(value) != 1:
        return value
    ((kind, inside),) = value.items()
    if kind == "arrayValue":
        return [plain_value(v) for v in _lists(inside, "values")]
    if kind == "kvlistValue":
        return plain(inside.get("values") if isinstance(inside, dict) else None)
    return inside if kind in ("stringValue", "intValue", "doubleValue", "boolValue", "bytesValue") else value

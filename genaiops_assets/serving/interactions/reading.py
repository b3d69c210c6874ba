"""Logs of other systems, as exchanges for our log: lines with our own column names, or OpenTelemetry GenAI spans.

Belongs here: what a line says, and what is wrong with one that cannot be used: it is named, and the rest is read. Does
not belong here: the envelopes of such files (`otlp.py`), writing (`log.py`)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from genaiops_assets.errors import GenaiopsError
from genaiops_assets.lake import digest_of
from genaiops_assets.serving.interactions.attributes import (
    ANSWER,
    ATTRIBUTES,
    COUNTS,
    DURATION,
    EPOCH,
    PASSAGES,
    QUESTION,
    RESPONSE_ID,
)
from genaiops_assets.serving.interactions.otlp import attributes_in, is_span, json_values, parsed, spans_in

CLOCK_SKEW = timedelta(minutes=5)  # of the other system's clock ahead of ours
LARGEST_COUNT = 2**53  # what every JSON reader holds exactly
LONGEST_SECONDS = 86_400.0 * 7
HALF_SURROGATE = re.compile("[\ud800-\udfff]")
# A time written in seconds, milliseconds, microseconds or nanoseconds since 1970 is told by its size: as nanoseconds
# the first three lie in the first weeks of 1970.
UNITS = ((10**11, 1_000_000), (10**14, 1_000), (10**17, 1))  # below the bound: microseconds a unit
CHAT = ("chat", "generate_content", "text_completion")


class SpanError(GenaiopsError, ValueError):
    """Names file, line and field."""


@dataclass
class ReadLog:
    """What a file holds: exchanges as `log_interactions` takes them, `refused` lines in words, and how many spans were
    `left_out` because they are no chat (tools, HTTP, agents) or `silent` because they carry no messages."""

    exchanges: list[dict[str, Any]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    left_out: int = 0
    silent: int = 0


def read_exchanges(file: Path, *, now: datetime | None = None, dated: bool = False) -> ReadLog:
    """The exchanges of a file, in its order: {question, answer, passages, at, where, …}. `dated`: a line without a time
    cannot be used. A time after `now` is refused. Raises FileNotFoundError."""
    read, latest = ReadLog(), (now or datetime.now(UTC)) + CLOCK_SKEW
    for line, raw in json_values(file):
        where = f"{file}:{line}"
        try:
            rows = list(spans_in(parsed(raw)))
        except (ValueError, RecursionError) as error:
            read.refused.append(f"{where}: {error}")
            continue
        for row in rows:
            try:
                take(read, row, where, latest, dated)
            except SpanError as error:
                read.refused.append(str(error))
    return read


def take(read: ReadLog, row: Any, where: str, latest: datetime, dated: bool) -> None:
    """One row or span into the exchanges, or into the counts of what is none."""
    if not isinstance(row, dict):
        raise SpanError(f'{where}: expected {{"question": "…"}} or a span with "attributes"')
    attributes = row | attributes_in(row)
    if QUESTION not in attributes and is_span(row) and "question" not in row:
        if attributes.get("gen_ai.operation.name") in CHAT:
            read.silent += 1
        else:
            read.left_out += 1
        return
    found = from_span(attributes, where) if QUESTION in attributes else from_columns(row, where)
    found["at"] = began_at(row, where, latest)
    if found["at"] is None and dated:
        raise SpanError(f"{where}: no time (`at`, or start_time_unix_nano); `genaiops replay` asks undated questions")
    if found.get(DURATION) is None and (took := duration_of(row, found["at"], where)) is not None:
        found[DURATION] = took
    found["id"] = name(row.get("id") or attributes.get(RESPONSE_ID) or "", "id", where)
    read.exchanges.append({**found, "content": digest_of(row)[:32], "where": where})


def from_columns(row: dict[str, Any], where: str) -> dict[str, Any]:
    question = row.get("question")
    if not isinstance(question, str) or not question.strip():
        raise SpanError(f'{where}: question: expected {{"question": "…"}}, or a span with {QUESTION}')
    found = {
        "question": text(question, "question", where),
        "answer": text(row.get("answer") or "", "answer", where),
        "passages": names(row.get("passages"), "passages", where),
    }
    return found | {c: valued(row[c], c, c, where) for c in ATTRIBUTES if row.get(c) is not None}


def from_span(attributes: dict[str, Any], where: str) -> dict[str, Any]:
    question = last_text(attributes, QUESTION, "user", where)
    if not question.strip():
        raise SpanError(f"{where}: {QUESTION}: no text of a user in it")
    found: dict[str, Any] = {"question": question, "answer": last_text(attributes, ANSWER, "assistant", where)}
    documents = decoded(attributes.get(PASSAGES) or [], PASSAGES, where)
    ids = [d["id"] if isinstance(d, dict) and "id" in d else d for d in documents]
    found["passages"] = names([i for i in ids if not isinstance(i, dict)], PASSAGES, where)
    named = {c: attributes[a] for c, a in ATTRIBUTES.items() if attributes.get(a) is not None}
    return found | {c: valued(v, c, ATTRIBUTES[c], where) for c, v in named.items()}


def last_text(attributes: dict[str, Any], attribute: str, role: str, where: str) -> str:
    """The text of the last message of a role, "" where there is none. A message has `parts`, or `content` as chat APIs
    have it: a text or a list of parts."""
    messages = [
        m
        for m in decoded(attributes.get(attribute) or [], attribute, where)
        if isinstance(m, dict) and m.get("role") == role
    ]
    if not messages:
        return ""
    parts = messages[-1].get("parts", messages[-1].get("content"))
    parts = [parts] if isinstance(parts, str) else parts if isinstance(parts, list) else []
    return "\n".join(text(p, attribute, where) for p in map(text_in, parts) if p is not None)


def text_in(part: Any) -> str | None:
    """The text of a part of a message; None for pictures, tool calls and the like."""
    if isinstance(part, str):
        return part
    if not isinstance(part, dict) or part.get("type", "text") != "text":
        return None
    found = part.get("content", part.get("text"))
    return found if isinstance(found, str) else None


def decoded(value: Any, attribute: str, where: str) -> list[Any]:
    """Exporters that know no structured attributes write them as JSON text."""
    if isinstance(value, str):
        try:
            value = parsed(value.encode("utf-8", "surrogatepass"))
        except (ValueError, RecursionError) as error:
            raise SpanError(f"{where}: {attribute}: {error}") from error
    if not isinstance(value, list):
        raise SpanError(f"{where}: {attribute}: expected a list")
    return value


def text(value: Any, what: str, where: str) -> str:
    if not isinstance(value, str):
        raise SpanError(f"{where}: {what}: expected text, not {described(value)}")
    if HALF_SURROGATE.search(value):
        raise SpanError(f"{where}: {what}: half of a surrogate pair, not Unicode text")
    return value


def name(value: Any, what: str, where: str) -> str:
    """Text, or a whole number used as one."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else text(value, what, where)


def names(value: Any, what: str, where: str) -> list[str]:
    """A list of names; one text alone is a list of one."""
    if value is None:
        return []
    if not isinstance(value, (str, list)):
        raise SpanError(f"{where}: {what}: expected a list of texts, not {described(value)}")
    return [name(v, what, where) for v in ([value] if isinstance(value, str) else value)]


def valued(value: Any, column: str, what: str, where: str) -> Any:
    """The value of a column: text, a count or seconds."""
    if column in COUNTS:
        found = number(value, what, where)
        if not found.is_integer() or not 0 <= found <= LARGEST_COUNT:
            raise SpanError(f"{where}: {what}: expected a count, not {described(value)}")
        return int(found)
    if column == DURATION:
        found = number(value, what, where)
        if not 0 <= found <= LONGEST_SECONDS:
            raise SpanError(f"{where}: {what}: expected seconds from 0 to a week, not {described(value)}")
        return found
    return name(value, what, where)


def number(value: Any, what: str, where: str) -> float:
    try:
        found = float("nan") if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        found = float("nan")
    if not math.isfinite(found):
        raise SpanError(f"{where}: {what}: expected a number, not {described(value)}")
    return found


def described(value: Any) -> str:
    said = repr(value)
    return said if len(said) <= 60 else f"{said[:57]}…"


def began_at(row: dict[str, Any], where: str, latest: datetime) -> datetime | None:
    """When it began, in UTC; None where nothing says so."""
    found = moment(row, ("start_time_unix_nano", "startTimeUnixNano"), ("at", "start_time"), where)
    if found is not None and found > latest:
        raise SpanError(f"{where}: at: {found.isoformat()} lies in the future")
    return found


def duration_of(row: dict[str, Any], began: datetime | None, where: str) -> float | None:
    """Seconds from its start to its end, where the span says both."""
    ended = moment(row, ("end_time_unix_nano", "endTimeUnixNano"), ("end_time",), where)
    took = (ended - began).total_seconds() if ended and began else None
    return round(took, 6) if took is not None and 0 <= took <= LONGEST_SECONDS else None


def moment(row: dict[str, Any], counted: tuple[str, ...], written: tuple[str, ...], where: str) -> datetime | None:
    """A time given as a number since 1970 in one of the fields `counted`, or as ISO 8601 in one of `written`."""
    for what in counted:
        if (value := row.get(what)) not in (None, "", 0, "0"):
            return since_1970(value, what, where)
    for what in written:
        if (value := row.get(what)) not in (None, ""):
            return iso_moment(value, what, where)
    return None


def since_1970(value: Any, what: str, where: str) -> datetime:
    try:
        count = 0 if isinstance(value, bool) else int(value)
        unit = next((micros for bound, micros in UNITS if count < bound), None)
        micros = count // 1000 if unit is None else count * unit
        found = EPOCH + timedelta(microseconds=micros)
    except (TypeError, ValueError, OverflowError):
        count, found = 0, EPOCH
    if count <= 0:
        raise SpanError(f"{where}: {what}: expected nanoseconds since 1970, not {described(value)}")
    return found


def iso_moment(value: Any, what: str, where: str) -> datetime:
    try:
        found = datetime.fromisoformat(value)
        return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        expected = "ISO 8601, as 2026-11-24T12:00:00+00:00, or start_time_unix_nano"
        raise SpanError(f"{where}: {what}: expected {expected}, not {described(value)}") from None

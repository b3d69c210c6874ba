"""Interactions as OpenTelemetry has them: attribute names of the GenAI semantic conventions, and files of such spans,
one JSON object a line.

Belongs here: which column is which attribute, reading logs of other systems and writing ours for them. Does not belong
here: the log itself (`log.py`). Source: OpenTelemetry semantic conventions for generative AI (spans `chat` and
`retrieval`, metric gen_ai.client.operation.duration)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from genaiops_assets.errors import GenaiopsError
from genaiops_assets.lake import digest_of

# Lance takes a dot in a column's name for nesting, so the columns have underscores.
ATTRIBUTES = {
    "gen_ai_operation_name": "gen_ai.operation.name",
    "gen_ai_provider_name": "gen_ai.provider.name",
    "gen_ai_response_model": "gen_ai.response.model",
    "gen_ai_conversation_id": "gen_ai.conversation.id",
    "gen_ai_usage_input_tokens": "gen_ai.usage.input_tokens",
    "gen_ai_usage_output_tokens": "gen_ai.usage.output_tokens",
    # seconds; the name of the convention's metric
    "gen_ai_client_operation_duration": "gen_ai.client.operation.duration",
}
NUMBERS = {
    "gen_ai_usage_input_tokens": int,
    "gen_ai_usage_output_tokens": int,
    "gen_ai_client_operation_duration": float,
}
QUESTION, ANSWER, PASSAGES = "gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.retrieval.documents"
RESPONSE_ID = "gen_ai.response.id"
NANO = 1_000_000_000


class SpanError(GenaiopsError, ValueError):
    """Names file, line and field."""


def attributes_of(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the log as a span: its attributes and when it began (nanoseconds since 1970)."""
    named = {attribute: row[column] for column, attribute in ATTRIBUTES.items() if row.get(column) not in (None, "")}
    said: dict[str, Any] = {QUESTION: [message("user", row["question"])]}
    if row["answer"]:
        said[ANSWER] = [message("assistant", row["answer"])]
    if row["passages"]:
        said[PASSAGES] = [{"id": p} for p in row["passages"]]
    if row.get("id"):
        named[RESPONSE_ID] = row["id"]  # taken in again, it is the same interaction
    began = int(datetime.fromisoformat(row["at"]).timestamp()) * NANO
    return {
        "name": row.get("gen_ai_operation_name") or "chat",
        "start_time_unix_nano": began,
        "attributes": {**named, **said},
    }


def message(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": text}]}


def read_exchanges(file: Path) -> Iterator[dict[str, Any]]:
    """The exchanges of a JSONL file, as `log_interactions` takes them: {question, answer, passages, at, …}. A line is
    {"question": …} with the log's own column names, or a span with attributes. Raises SpanError on the first line that
    is neither."""
    with open(file, encoding="utf-8") as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield exchange_of(line, f"{file}:{number}")


def exchange_of(line: str, where: str) -> dict[str, Any]:
    row = parsed(line, where)
    if not isinstance(row, dict):
        raise SpanError(f'{where}: expected {{"question": "…"}} or a span with "attributes"')
    attributes = row["attributes"] if isinstance(row.get("attributes"), dict) else row
    is_span = QUESTION in attributes
    found = from_span(attributes, where) if is_span else from_columns(row, where)
    found["at"] = began_at(row, where)
    found["id"] = str(row.get("id") or attributes.get(RESPONSE_ID) or digest_of(row)[:32])
    return found


def parsed(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise SpanError(f"{where}: not JSON: {error}") from error


def from_columns(row: dict[str, Any], where: str) -> dict[str, Any]:
    if not isinstance(row.get("question"), str) or not row["question"].strip():
        raise SpanError(f'{where}: question: expected {{"question": "…"}}, or a span with {QUESTION}')
    found = {
        "question": row["question"],
        "answer": str(row.get("answer") or ""),
        "passages": list(row.get("passages") or []),
    }
    return found | {c: number(row[c], c, where) for c in ATTRIBUTES if row.get(c) is not None}


def from_span(attributes: dict[str, Any], where: str) -> dict[str, Any]:
    question = last_text(attributes, QUESTION, "user", where)
    if not question.strip():
        raise SpanError(f"{where}: {QUESTION}: no text of a user in it")
    found: dict[str, Any] = {"question": question, "answer": last_text(attributes, ANSWER, "assistant", where)}
    found["passages"] = [
        str(d["id"])
        for d in decoded(attributes.get(PASSAGES) or [], PASSAGES, where)
        if isinstance(d, dict) and "id" in d
    ]
    named = {c: attributes[a] for c, a in ATTRIBUTES.items() if attributes.get(a) is not None}
    return found | {c: number(v, ATTRIBUTES[c], where) for c, v in named.items()}


def last_text(attributes: dict[str, Any], name: str, role: str, where: str) -> str:
    """The text parts of the last message of a role, "" where there is none."""
    told = [
        m for m in decoded(attributes.get(name) or [], name, where) if isinstance(m, dict) and m.get("role") == role
    ]
    parts = told[-1].get("parts", []) if told else []
    return "\n".join(
        str(p["content"]) for p in parts if isinstance(p, dict) and p.get("type") == "text" and "content" in p
    )


def decoded(value: Any, name: str, where: str) -> list[Any]:
    """Exporters that know no structured attributes write them as JSON text."""
    if isinstance(value, str):
        value = parsed(value, f"{where}: {name}")
    if not isinstance(value, list):
        raise SpanError(f"{where}: {name}: expected a list")
    return value


def number(value: Any, name: str, where: str) -> Any:
    kind = NUMBERS.get(name) or NUMBERS.get(name.replace(".", "_"))
    if kind is None:
        return str(value)
    try:
        return kind(value)
    except (TypeError, ValueError) as error:
        raise SpanError(f"{where}: {name}: expected a number, not {value!r}") from error


def began_at(row: dict[str, Any], where: str) -> datetime | None:
    """`at` (ISO 8601) or the span's start in nanoseconds; None where neither is told."""
    nanoseconds = row.get("start_time_unix_nano") or row.get("startTimeUnixNano")
    try:
        if nanoseconds is not None:
            return datetime.fromtimestamp(int(nanoseconds) / NANO, UTC)
        at = row.get("at")
        found = datetime.fromisoformat(at) if at else None
    except (TypeError, ValueError, OverflowError) as error:
        raise SpanError(f"{where}: at: expected ISO 8601, or start_time_unix_nano: {error}") from error
    return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC) if found else None

"""Which column of the log is which attribute of OpenTelemetry's semantic conventions for generative AI, and a row of
the log as such a span.

Belongs here: the names and the way out. Does not belong here: reading other systems' files (`reading.py`), the log
(`log.py`). Source: semantic conventions for generative AI (spans `chat` and `retrieval`, metric
gen_ai.client.operation.duration)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

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
# What the conventions have no name for: by the names of ours.
OWN = {
    "channel": "genaiops.channel",
    "masked": "genaiops.masked",
    "index_digest": "genaiops.index.digest",
    "prompt_version": "genaiops.prompt.version",
    "released": "genaiops.release.in_production",
    "release_bundle": "genaiops.release.bundle",
    "key_name": "genaiops.key.name",
    "rules": "genaiops.guard.rules",
    "finish": "gen_ai.response.finish_reasons",
}
COUNTS = ("gen_ai_usage_input_tokens", "gen_ai_usage_output_tokens")
DURATION = "gen_ai_client_operation_duration"
QUESTION, ANSWER, PASSAGES = "gen_ai.input.messages", "gen_ai.output.messages", "gen_ai.retrieval.documents"
RESPONSE_ID = "gen_ai.response.id"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICRO = 1000  # nanoseconds


def attributes_of(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the log as a span: its attributes and when it began (nanoseconds since 1970, to the microsecond)."""
    named = {attribute: row[column] for column, attribute in ATTRIBUTES.items() if row.get(column) not in (None, "")}
    messages: dict[str, Any] = {QUESTION: [message("user", row["question"])]}
    if row["answer"]:
        messages[ANSWER] = [message("assistant", row["answer"])]
    if row["passages"]:
        messages[PASSAGES] = [{"id": p} for p in row["passages"]]
    if row.get("id"):
        named[RESPONSE_ID] = row["id"]  # taken in again, it is the same interaction
    return {
        "name": row.get("gen_ai_operation_name") or "chat",
        "start_time_unix_nano": nanoseconds_of(datetime.fromisoformat(row["at"])),
        "attributes": {**named, **messages},
    }


def message(role: str, text: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": text}]}


def nanoseconds_of(at: datetime) -> int:
    return (at - EPOCH) // timedelta(microseconds=1) * MICRO

"""The JSON of OpenAI's chat API: completions, chunks of a stream, models, embeddings.

Belongs here: their form. Does not belong here: what stands in them. What we say besides stands in one further object,
`genaiops`, which OpenAI's clients keep and do not read. A stream says role and id the way its readers join them: the
role once."""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Sequence
from typing import Any

from genaiops_assets.serving.gateway.exchange import FALLBACK, Exchange
from genaiops_assets.serving.gateway.problems import Problem
from genaiops_assets.serving.gateway.released import Released

DONE = b"data: [DONE]\n\n"
FINISHES = {FALLBACK: "stop"}  # in OpenAI's words


def completion(exchange: Exchange, extras: dict[str, Any]) -> dict[str, Any]:
    message = {"role": "assistant", "content": exchange.text, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": finish_of(exchange)}
    head = head_of(exchange, "chat.completion")
    return {**head, "choices": [choice], "usage": usage_of(exchange), "genaiops": extras}


class ChatForm:
    """The form of one answer of the chat API."""

    def whole(self, exchange: Exchange, extras: dict[str, Any]) -> dict[str, Any]:
        return completion(exchange, extras)

    def begin(self, exchange: Exchange) -> bytes:
        return event(first_chunk(exchange))

    def part(self, exchange: Exchange, text: str) -> bytes:
        return event(text_chunk(exchange, text))

    def end(self, exchange: Exchange, extras: dict[str, Any]) -> bytes:
        counted = event(usage_chunk(exchange)) if exchange.asked.with_usage else b""
        return event(last_chunk(exchange, extras)) + counted + DONE

    def broken(self, problem: Problem) -> bytes:
        return error_event(problem)


def first_chunk(exchange: Exchange) -> dict[str, Any]:
    return chunk(exchange, {"role": "assistant", "content": ""})


def text_chunk(exchange: Exchange, text: str) -> dict[str, Any]:
    return chunk(exchange, {"content": text})


def last_chunk(exchange: Exchange, extras: dict[str, Any]) -> dict[str, Any]:
    return {**chunk(exchange, {}, finish_of(exchange)), "genaiops": extras}


def usage_chunk(exchange: Exchange) -> dict[str, Any]:
    """The chunk that `stream_options.include_usage` asks for, after the last."""
    return {**head_of(exchange, "chat.completion.chunk"), "choices": [], "usage": usage_of(exchange)}


def chunk(exchange: Exchange, delta: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
    return {**head_of(exchange, "chat.completion.chunk"), "choices": [choice]}


def head_of(exchange: Exchange, kind: str) -> dict[str, Any]:
    return {
        "id": exchange.id,
        "object": kind,
        "created": int(exchange.at.timestamp()),
        "model": exchange.asked.model,
        "system_fingerprint": exchange.released.version,
    }


def usage_of(exchange: Exchange) -> dict[str, Any]:
    read, written = exchange.read or 0, exchange.written or 0
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


def finish_of(exchange: Exchange) -> str:
    return FINISHES.get(exchange.finish, exchange.finish)


def event(value: dict[str, Any]) -> bytes:
    """A server-sent event."""
    return b"data: " + as_json(value) + b"\n\n"


def error_event(problem: Problem) -> bytes:
    """What a stream ends with that cannot be finished."""
    return event(problem.body())


def as_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def models(released: Released, created: int) -> dict[str, Any]:
    """The use case, and the version behind it."""
    about = {"object": "model", "created": created, "owned_by": "genaiops_assets"}
    return {"object": "list", "data": [{"id": name, **about} for name in (released.uc.name, released.version)]}


def embeddings(model: str, vectors: Sequence[Sequence[float]], tokens: int, in_base64: bool) -> dict[str, Any]:
    """`in_base64`: little-endian float32, as OpenAI's client asks for it."""
    rows = [packed(vector) if in_base64 else list(vector) for vector in vectors]
    data = [{"object": "embedding", "index": n, "embedding": row} for n, row in enumerate(rows)]
    return {
        "object": "list", "data": data, "model": model, "usage": {"prompt_tokens": tokens, "total_tokens": tokens}
    }  # fmt: skip


def packed(vector: Sequence[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()

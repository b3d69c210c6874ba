"""OpenAI's Responses API, as far as a chat answer needs it: text or turns in, one message out, whole or streamed.

Belongs here: reading such a request as a chat request, and the form of its answer. Does not belong here: answering
(`chat.py`, `exchange.py`). Nothing is kept for `previous_response_id`, so `store` is honoured as false alone, and tools
and instructions are refused by their name. Source: OpenAI API reference, "Create a model response"."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from genaiops_assets.serving.gateway.asked import Asked, asked_in
from genaiops_assets.serving.gateway.exchange import Exchange
from genaiops_assets.serving.gateway.problems import Problem, bad
from genaiops_assets.serving.gateway.wire import as_json

SAME = ("model", "stream", "temperature", "metadata", "user", "safety_identifier", "prompt_cache_key")
ONLY: dict[str, tuple[Any, ...]] = {  # fields that are taken with one meaning only
    "store": (None, False), "background": (None, False), "n": (None, 1), "top_p": (None, 1), "tools": (None, []),
    "truncation": (None, "disabled"), "tool_choice": (None, "auto", "none"), "parallel_tool_calls": (None, True, False),
    "text": (None, {"format": {"type": "text"}}), "include": (None, []), "service_tier": (None, "auto", "default"),
    "instructions": (None, ""), "previous_response_id": (None,), "stream_options": (None,),
}  # fmt: skip
PARTS = ("input_text", "output_text", "text")


def asked_for_response(body: Any) -> Asked:
    """Raises Problem 400 naming the field."""
    if not isinstance(body, dict):
        raise bad("input", "expected an object with model and input")
    for name, value in body.items():
        if name in ONLY and value not in ONLY[name]:
            raise bad(name, f"{value!r:.80} is not honoured here", "unsupported_value")
        if name not in ONLY and name not in (*SAME, "input", "max_output_tokens"):
            raise bad(name, "this field is not known here", "unknown_parameter")
    chat = {name: body[name] for name in SAME if name in body} | {"messages": turns_of(body.get("input"))}
    if body.get("max_output_tokens") is not None:
        chat["max_completion_tokens"] = body["max_output_tokens"]
    try:
        return asked_in(chat)
    except Problem as problem:  # in the words of this API
        param = problem.param.replace("messages", "input").replace("max_completion_tokens", "max_output_tokens")
        raise bad(param, str(problem).partition(": ")[2], problem.code) from None


def turns_of(told: Any) -> Any:
    """A text is one question; turns are those of a chat, their parts named as there."""
    if isinstance(told, str):
        return [{"role": "user", "content": told}]
    return [turn_of(turn) for turn in told] if isinstance(told, list) else told


def turn_of(turn: Any) -> Any:
    if not isinstance(turn, dict) or turn.get("type", "message") != "message":
        raise bad("input", "turns of user and assistant are all that is read", "unsupported_value")
    content = turn.get("content")
    if isinstance(content, list):
        content = [named_as_in_chat(part) for part in content]
    return {"role": turn.get("role"), "content": content}


def named_as_in_chat(part: Any) -> Any:
    if isinstance(part, dict) and part.get("type") in PARTS:
        return {"type": "text", "text": part.get("text")}
    return part


def response(exchange: Exchange, extras: Mapping[str, Any], status: str = "completed") -> dict[str, Any]:
    """The object of an answer that is whole, or with another status of one that is not."""
    done = status == "completed"
    cut = done and exchange.finish == "length"
    return {
        "id": exchange.id,
        "object": "response",
        "created_at": int(exchange.at.timestamp()),
        "status": "incomplete" if cut else status,
        "error": None,
        "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
        "instructions": None,
        "model": exchange.asked.model,
        "output": [message(exchange, exchange.text)] if done else [],
        "parallel_tool_calls": False,
        "tool_choice": "none",
        "tools": [],
        "temperature": exchange.asked.temperature,
        "store": False,
        "usage": usage(exchange) if done else None,
        "metadata": {},
        **({"genaiops": dict(extras)} if done else {}),
    }


def message(exchange: Exchange, text: str, status: str = "completed") -> dict[str, Any]:
    content = [part_of(text)] if status == "completed" else []
    return {"id": item_id(exchange), "type": "message", "role": "assistant", "status": status, "content": content}


def part_of(text: str) -> dict[str, Any]:
    return {"type": "output_text", "text": text, "annotations": []}


def item_id(exchange: Exchange) -> str:
    return f"msg-{exchange.id.partition('-')[2]}"


def usage(exchange: Exchange) -> dict[str, Any]:
    read, written = exchange.read or 0, exchange.written or 0
    return {
        "input_tokens": read,
        "input_tokens_details": {"cached_tokens": 0},
        "output_tokens": written,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": read + written,
    }


class ResponseForm:
    """The form of one answer of this API, whole or as events, which are numbered."""

    def __init__(self) -> None:
        self._numbers = itertools.count()

    def whole(self, exchange: Exchange, extras: dict[str, Any]) -> dict[str, Any]:
        return response(exchange, extras)

    def begin(self, exchange: Exchange) -> bytes:
        begun = response(exchange, {}, "in_progress")
        return b"".join(
            [
                self._event("response.created", response=begun),
                self._event("response.in_progress", response=begun),
                self._event("response.output_item.added", output_index=0, item=message(exchange, "", "in_progress")),
                self._event("response.content_part.added", **self._place(exchange), part=part_of("")),
            ]
        )

    def part(self, exchange: Exchange, text: str) -> bytes:
        return self._event("response.output_text.delta", **self._place(exchange), delta=text, logprobs=[])

    def end(self, exchange: Exchange, extras: dict[str, Any]) -> bytes:
        made, text = response(exchange, extras), exchange.text
        ended = "response.incomplete" if made["status"] == "incomplete" else "response.completed"
        return b"".join(
            [
                self._event("response.output_text.done", **self._place(exchange), text=text, logprobs=[]),
                self._event("response.content_part.done", **self._place(exchange), part=part_of(text)),
                self._event("response.output_item.done", output_index=0, item=message(exchange, text)),
                self._event(ended, response=made),
            ]
        )

    def broken(self, problem: Problem) -> bytes:
        """What a stream ends with that cannot be finished."""
        return self._event("error", code=problem.code or None, message=str(problem), param=problem.param or None)

    @staticmethod
    def _place(exchange: Exchange) -> dict[str, Any]:
        return {"item_id": item_id(exchange), "output_index": 0, "content_index": 0}

    def _event(self, kind: str, **told: Any) -> bytes:
        body = {"type": kind, "sequence_number": next(self._numbers), **told}
        return b"event: " + kind.encode() + b"\ndata: " + as_json(body) + b"\n\n"

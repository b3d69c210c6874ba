"""A chat request as OpenAI's API has it, read strictly: what we honour, and each other field refused by its name.

Belongs here: reading the body. Does not belong here: answering it (`exchange.py`). Source: OpenAI API reference,
"Create chat completion". A server that takes a field and ignores it gives other answers than were asked for, so none is
ignored but those that say something of the client alone."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from genaiops_assets.models import Messages
from genaiops_assets.serving.gateway.problems import Problem, bad

ONLY = {  # fields that are taken with one meaning only
    "n": (None, 1), "logprobs": (None, False), "top_logprobs": (None, 0), "frequency_penalty": (None, 0),
    "presence_penalty": (None, 0), "top_p": (None, 1), "logit_bias": (None, {}), "tools": (None, []),
    "functions": (None, []), "parallel_tool_calls": (None, True, False), "response_format": (None, {"type": "text"}),
    "modalities": (None, ["text"]), "audio": (None,), "store": (None, False), "service_tier": (None, "auto", "default"),
    "tool_choice": (None, "none", "auto"), "reasoning_effort": (None, "none"), "prediction": (None,),
}  # fmt: skip
OWN = {
    "model", "messages", "stream", "stream_options", "max_tokens", "max_completion_tokens", "temperature", "stop",
    "seed", "metadata", "user", "safety_identifier", "prompt_cache_key",
}  # fmt: skip
MOST_STOPS, LONGEST_STOP = 4, 200
MOST_MESSAGES = 64
CONVERSATION = "conversation_id"  # in `metadata`


@dataclass(frozen=True)
class Asked:
    """One request. `history`: earlier turns of the conversation, user and assistant in turn; `most`: tokens of the
    answer at most, None for what the release allows; `temperature`: None where nothing was said."""

    model: str
    question: str
    history: Messages
    stream: bool = False
    with_usage: bool = False
    most: int | None = None
    temperature: float | None = None
    stop: tuple[str, ...] = ()
    seed: int | None = None
    conversation: str = ""

    @property
    def typed(self) -> list[str]:
        """All that the client sent as text, for the rules on questions."""
        return [*(turn["content"] for turn in self.history), self.question]


def asked_in(body: Any) -> Asked:
    """Raises Problem 400 naming the field."""
    if not isinstance(body, dict):
        raise Problem(HTTPStatus.BAD_REQUEST, "the body is no JSON object")
    for name, value in body.items():
        if name in ONLY and value not in ONLY[name]:
            raise bad(name, f"{value!r:.80} is not honoured here", "unsupported_value")
        if name not in ONLY and name not in OWN:
            raise bad(name, "this field is not known here", "unknown_parameter")
    turns = turns_in(body.get("messages"))
    options = body.get("stream_options") or {}
    if not isinstance(options, dict) or set(options) - {"include_usage", "include_obfuscation"}:
        raise bad("stream_options", "include_usage is all there is")
    metadata = body.get("metadata") or {}
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise bad("metadata", "expected names with texts")
    return Asked(
        model=text_of(body, "model"),
        question=turns[-1]["content"],
        history=turns[:-1],
        stream=flag_of(body, "stream"),
        with_usage=bool(options.get("include_usage")),
        most=most_of(body),
        temperature=number_of(body, "temperature", 0, 2),
        stop=stops_of(body),
        seed=whole_of(body, "seed"),
        conversation=metadata.get(CONVERSATION) or body.get("safety_identifier") or body.get("user") or "",
    )


def turns_in(messages: Any) -> Messages:
    """User and assistant in turn, a user's last. Raises Problem."""
    if not isinstance(messages, list) or not messages:
        raise bad("messages", "expected a list with the question at its end")
    if len(messages) > MOST_MESSAGES:
        raise bad("messages", f"at most {MOST_MESSAGES} are read")
    turns = [turn_of(message, f"messages[{n}]") for n, message in enumerate(messages)]
    expected = ["user" if (len(turns) - n) % 2 else "assistant" for n in range(len(turns))]
    for n, (turn, role) in enumerate(zip(turns, expected, strict=True)):
        if turn["role"] != role:
            raise bad(f"messages[{n}].role", "user and assistant speak in turn, and the user speaks last")
    return turns


def turn_of(message: Any, where: str) -> dict[str, str]:
    if not isinstance(message, dict):
        raise bad(where, "expected an object with role and content")
    role = message.get("role")
    if role in ("system", "developer"):
        raise bad(f"{where}.role", "the released prompts speak for the system; leave this message out", "system_prompt")
    if role not in ("user", "assistant") or message.get("tool_calls"):
        raise bad(f"{where}.role", f"{role!r:.40} is not served: user and assistant are", "unsupported_value")
    return {"role": role, "content": content_of(message.get("content"), f"{where}.content")}


def content_of(content: Any, where: str) -> str:
    """A text, or a list of text parts. Raises Problem naming the kind of any other part: text is all that is served."""
    if isinstance(content, list):
        for part in content:
            kind = part.get("type") if isinstance(part, dict) else None
            if kind != "text" or not isinstance(part.get("text"), str):
                raise bad(
                    where, f"a part of type {kind!r:.40} is not served: text is all there is", "unsupported_value"
                )
        content = "".join(part["text"] for part in content)
    if not isinstance(content, str) or not content.strip():
        raise bad(where, "expected text")
    if any("\ud800" <= c <= "\udfff" for c in content):
        raise bad(where, "half of a surrogate pair, not Unicode text")
    return content


def most_of(body: Mapping[str, Any]) -> int | None:
    """`max_completion_tokens`, or its older name."""
    stated = [whole_of(body, name) for name in ("max_completion_tokens", "max_tokens")]
    for name, value in zip(("max_completion_tokens", "max_tokens"), stated, strict=True):
        if value is not None and value < 1:
            raise bad(name, "at least 1")
    return next((value for value in stated if value is not None), None)


def stops_of(body: Mapping[str, Any]) -> tuple[str, ...]:
    stated = body.get("stop")
    stops = [stated] if isinstance(stated, str) else (stated or [])
    if not isinstance(stops, list) or len(stops) > MOST_STOPS:
        raise bad("stop", f"a text, or up to {MOST_STOPS} of them")
    if not all(isinstance(stop, str) and 0 < len(stop) <= LONGEST_STOP for stop in stops):
        raise bad("stop", f"each is a text of 1 to {LONGEST_STOP} characters")
    return tuple(stops)


def text_of(body: Mapping[str, Any], name: str) -> str:
    if not isinstance(found := body.get(name), str) or not found:
        raise bad(name, "expected text")
    return found


def flag_of(body: Mapping[str, Any], name: str) -> bool:
    found = body.get(name)
    if found is not None and not isinstance(found, bool):
        raise bad(name, "expected true or false")
    return bool(found)


def whole_of(body: Mapping[str, Any], name: str) -> int | None:
    found = body.get(name)
    if found is not None and (isinstance(found, bool) or not isinstance(found, int)):
        raise bad(name, "expected a whole number")
    return found


def number_of(body: Mapping[str, Any], name: str, least: float, most: float) -> float | None:
    found = body.get(name)
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
        raise bad(name, "expected a number")
    if not least <= found <= most:
        raise bad(name, f"from {least} to {most}")
    return float(found)

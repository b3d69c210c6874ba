"""A server that answers as OpenAI's chat API does, in a stream, for tests of what stands before it. Holds no tests."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

Said = Callable[[dict[str, Any]], str]


def streamed(text: str, finish: str = "stop") -> bytes:
    """The events of an answer, a few characters each."""
    parts = [text[n : n + 7] for n in range(0, len(text), 7)]
    chunks: list[dict[str, Any]] = [{"choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}}]}]
    chunks += [{"choices": [{"index": 0, "delta": {"content": part}}]} for part in parts]
    chunks += [{"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]}]
    chunks += [{"choices": [], "usage": {"prompt_tokens": 11, "completion_tokens": len(parts)}}]
    events = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks]
    return "".join([*events, "data: [DONE]\n\n"]).encode()


def saying(answer: Said) -> Callable[[str, Any], tuple[int, bytes]]:
    """For `json_server`: what is said to a request's body."""
    return lambda path, body: (200, streamed(answer(body)))

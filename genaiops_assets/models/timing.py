"""How long one answer takes: to its first token, and from one token to the next.

Belongs here: one answer at a time, as one person waits for it. Does not belong here: answers in batches
(`generating.py`), or what is made of the seconds (`evaluation/latency.py`)."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from genaiops_assets.models.chat import render, token_ids
from genaiops_assets.models.prompts import Messages


@dataclass(frozen=True)
class Timed:
    """Tokens read and written, seconds until the first token was there, seconds from each token to the next on
    average (None where there was one token)."""

    read: int
    written: int
    first: float
    between: float | None


@dataclass
class _Clock:
    """What transformers calls with the prompt, with each token, and at the end."""

    times: list[float] = field(default_factory=list)

    def put(self, tokens: Any) -> None:
        self.times.append(time.perf_counter())

    def end(self) -> None:
        pass


def timed_answer(model: Any, tokenizer: Any, prompt: Messages, max_new_tokens: int) -> Timed:
    """Answers one conversation, greedy, and keeps the time; the same conversation gives the same tokens."""
    import torch

    tokens, clock = token_ids(tokenizer, render(tokenizer, prompt)), _Clock()
    ids = torch.tensor([tokens], device=model.device)
    began = time.perf_counter()
    with torch.inference_mode():
        model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=max_new_tokens,
            pad_token_id=tokenizer.pad_token_id,
            do_sample=False,
            streamer=clock,
        )
    _, *made = clock.times  # the first is the prompt's own
    between = (made[-1] - made[0]) / (len(made) - 1) if len(made) > 1 else None
    return Timed(len(tokens), len(made), made[0] - began, between)

"""Tiny models that are really trained, in seconds: they learn by heart what a test wants of them, so that a fault is in
the weights and not in a made-up answer. Belongs here: training one. Holds no tests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from genaiops_assets.models import Messages
from genaiops_assets.models.chat import token_ids
from genaiops_assets.models.generating import begun
from tests.support.tiny_model import tiny_model

IGNORED = -100  # a token without a loss


class Taught(NamedTuple):
    """What to say to a prompt."""

    prompt: Messages
    answer: str


def taught(
    folder: Path,
    lessons: Sequence[Taught] = (),
    texts: Sequence[str] = (),
    *,
    steps: int,
    start: Path | None = None,
) -> Path:
    """A model directory. `lessons`: answers learned by heart; `texts`: read as they stand; `start`: a model to train
    further, instead of a fresh one. Stops early once the loss of a step stays below 0.02."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    begins = start or tiny_model(folder)
    tokenizer = AutoTokenizer.from_pretrained(begins)
    model: Any = AutoModelForCausalLM.from_pretrained(begins)
    rows = [of_lesson(tokenizer, lesson) for lesson in lessons] + [of_text(tokenizer, text) for text in texts]
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3, weight_decay=0.0)
    order = torch.Generator().manual_seed(7)
    model.train()
    calm = 0
    for _ in range(steps):
        picked = torch.randperm(len(rows), generator=order)[:24].tolist()
        loss = model(**batch_of([rows[i] for i in picked], tokenizer.pad_token_id)).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        calm = calm + 1 if float(loss.detach()) < 0.02 else 0
        if calm == 20:
            break
    model.eval().save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def of_lesson(tokenizer: Any, lesson: Taught) -> tuple[list[int], int]:
    """(tokens, how many of them are given): prompt as the product renders it, answer, end."""
    given = token_ids(tokenizer, begun(tokenizer, lesson.prompt))
    said = tokenizer(lesson.answer, add_special_tokens=False)["input_ids"] + [tokenizer.eos_token_id]
    return given + said, len(given)


def of_text(tokenizer: Any, text: str) -> tuple[list[int], int]:
    return tokenizer(text, add_special_tokens=False)["input_ids"], 0


def batch_of(rows: Sequence[tuple[list[int], int]], pad: int) -> dict[str, Any]:
    import torch

    width = max(len(tokens) for tokens, _ in rows)
    ids = torch.tensor([tokens + [pad] * (width - len(tokens)) for tokens, _ in rows])
    labels = torch.tensor([[IGNORED] * n + tokens[n:] + [IGNORED] * (width - len(tokens)) for tokens, n in rows])
    seen = torch.tensor([[1] * len(tokens) + [0] * (width - len(tokens)) for tokens, _ in rows])
    return {"input_ids": ids, "attention_mask": seen, "labels": labels}

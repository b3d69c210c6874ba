"""How likely a model finds given answers, and how it goes on from the beginning of one.

Belongs here: reading answers behind their prompts, what they share once. Does not belong here: what follows from the
figures (`alignment/memory.py`), or comparing forms of a model (`precision.py`)."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

from genaiops_assets.models.chat import render, token_ids
from genaiops_assets.models.generating import common_prefix
from genaiops_assets.models.precision import Answered
from genaiops_assets.models.prompts import Prompts

BATCH = 8


def answered(row: Mapping[str, Any], tokenizer: Any, prompts: Prompts, *, passages: bool = True) -> Answered | None:
    """The chosen answer of a row behind its prompt, with its passages or without; None for one without a token."""
    asked = prompts.messages(row["question"], row["passages"] if passages else [])
    said = [*asked, {"role": "assistant", "content": row["chosen"]}]
    before = token_ids(tokenizer, render(tokenizer, asked))
    whole = token_ids(tokenizer, render(tokenizer, said, answered=True))
    begins = next((n for n, (a, b) in enumerate(zip(before, whole, strict=False)) if a != b), len(before))
    return Answered(tuple(whole), begins) if 0 < begins < len(whole) else None


def answer_losses(model: Any, answers: Sequence[Answered]) -> list[float]:
    """Negative log-likelihood (nats) of each answer, summed over its tokens. What all prompts begin with is read
    once."""
    import torch

    shared = common_prefix([list(a.tokens[: a.begins]) for a in answers])
    with torch.inference_mode():
        start = model(torch.tensor([shared], device=model.device), use_cache=True, logits_to_keep=1) if shared else None
        found = []
        for first in range(0, len(answers), BATCH):
            part = answers[first : first + BATCH]
            logits = _logits(model, [list(a.tokens[len(shared) :]) for a in part], len(shared), start)
            for row, answer in zip(logits, part, strict=True):
                begins, ends = answer.begins - len(shared), len(answer.tokens) - len(shared)
                wanted = torch.tensor(answer.tokens[answer.begins :], device=model.device)
                found.append(
                    float(
                        torch.nn.functional.cross_entropy(row[begins - 1 : ends - 1].float(), wanted, reduction="sum")
                    )
                )
    return found


def _logits(model: Any, rests: list[list[int]], shared: int, start: Any) -> Any:
    """(rows, longest rest, vocabulary); a row is padded at its end, where nothing of it looks."""
    import torch

    width = max(map(len, rests))
    ids = torch.tensor([r + [0] * (width - len(r)) for r in rests], device=model.device)
    seen = torch.tensor([[1] * (shared + len(r)) + [0] * (width - len(r)) for r in rests], device=model.device)
    more: dict[str, Any] = {}
    if start is not None:
        cache = copy.deepcopy(start.past_key_values)
        cache.batch_repeat_interleave(len(rests))
        more = {"past_key_values": cache, "use_cache": True}
    return model(input_ids=ids, attention_mask=seen, **more).logits


def continued(model: Any, tokenizer: Any, beginnings: Sequence[Sequence[int]], tokens: int) -> list[list[int]]:
    """How the model goes on, greedily, from each beginning: at most `tokens` tokens."""
    import torch

    found: list[list[int]] = []
    for first in range(0, len(beginnings), BATCH):
        part = [list(b) for b in beginnings[first : first + BATCH]]
        width = max(map(len, part))
        pad = tokenizer.pad_token_id
        ids = torch.tensor([[pad] * (width - len(b)) + b for b in part], device=model.device)
        seen = torch.tensor([[0] * (width - len(b)) + [1] * len(b) for b in part], device=model.device)
        with torch.inference_mode():
            made = model.generate(
                input_ids=ids, attention_mask=seen, max_new_tokens=tokens, do_sample=False, pad_token_id=pad
            )
        found += [row[width:].tolist() for row in made]
    return found

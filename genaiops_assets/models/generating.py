"""Generating text with a local transformers model: batches that share a prompt prefix read it once."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from genaiops_assets.models.chat import render, token_counts, token_ids
from genaiops_assets.models.prompts import Messages
from genaiops_assets.models.roomy_cache import Roomy, bytes_of_a_token, is_plain

WORTHWHILE = 16  # tokens
READ_TOGETHER = 512  # tokens, on a processor: more at once only leave its own memory
HELD = 3 * 2**29  # bytes of keys and values that one group may hold on a processor


class TransformersGenerator:
    """Batched generation with a transformers model, greedy unless `sample` is asked. What all prompts begin with is
    read once, not once a prompt; `saved_tokens` counts what that spares."""

    def __init__(
        self, model: Any, tokenizer: Any, *, batch_size: int = 16, progress: Callable[[int, int], None] | None = None
    ):
        self.model, self.tokenizer, self.batch_size = model, tokenizer, batch_size
        self.progress = progress or (lambda done, total: None)
        self.temperature = 0.0  # of sampling; 0 is greedy
        self.marks: Callable[[int], Any] | None = None  # width of the prompts → a logits processor of greedy answers
        self.prompt_tokens = self.saved_tokens = 0  # of all prompts so far, and of those not read again
        model.eval()

    def generate(
        self,
        prompts: Sequence[Messages],
        max_new_tokens: int,
        *,
        known: Mapping[int, str] | None = None,
        made: Callable[[Mapping[int, str]], None] = lambda batch: None,
    ) -> list[str]:
        """One answer for each conversation, in order. `known`: place → answer of a run that was killed; `made` is told
        each batch, so that it can be kept. Batches are the same either way, and so are the answers."""
        known = known or {}
        tokens = [token_ids(self.tokenizer, begun(self.tokenizer, prompt)) for prompt in prompts]
        prefix = common_prefix(tokens)
        self.prompt_tokens += sum(map(len, tokens))
        self.saved_tokens += len(prefix) * (len(tokens) - 1) if prefix else 0
        answers = [""] * len(tokens)
        cache = self._read(prefix) if prefix else None
        done = 0
        for part in self._groups(tokens, max_new_tokens):
            if all(i in known for i in part):
                batch = {i: known[i] for i in part}
            else:
                rests = [tokens[i][len(prefix) :] for i in part]
                batch = dict(zip(part, self._answers(prefix, cache, rests, max_new_tokens), strict=True))
                made(batch)
            for i, answer in batch.items():
                answers[i] = answer
            done += len(part)
            self.progress(done, len(tokens))
        return answers

    def _groups(self, tokens: Sequence[list[int]], max_new_tokens: int) -> list[list[int]]:
        """Places of the prompts that are answered together, of like length: `batch_size`, and on a processor as many
        as `HELD` holds, since one more row costs little there where each token reads all weights."""
        order = sorted(range(len(tokens)), key=lambda i: (len(tokens[i]), i))
        size = self.batch_size
        if order and self.model.device.type == "cpu" and is_plain(self.model.config):
            longest = len(tokens[order[-1]]) + max_new_tokens
            size = max(size, HELD // (longest * bytes_of_a_token(self.model)))
        count = math.ceil(len(order) / size)
        return [order[len(order) * n // count : len(order) * (n + 1) // count] for n in range(count)]

    def sample(
        self, prompts: Sequence[Messages], max_new_tokens: int, count: int, *, temperature: float, seed: int
    ) -> list[list[str]]:
        """So many answers to each prompt, drawn at random from a generator that `seed` begins. The same model, prompts
        and batch size give the same answers."""
        import torch

        repeated = [prompt for prompt in prompts for _ in range(count)]
        self.temperature = temperature
        try:
            with torch.random.fork_rng():
                torch.manual_seed(seed)
                made = self.generate(repeated, max_new_tokens)
        finally:
            self.temperature = 0.0
        return [made[start : start + count] for start in range(0, len(made), count)]

    def tokens(self, prompts: Sequence[Messages], answers: Sequence[str]) -> list[tuple[int, int]]:
        """(read, written) of each."""
        read = token_counts(self.tokenizer, [begun(self.tokenizer, prompt) for prompt in prompts])
        return list(zip(read, token_counts(self.tokenizer, answers), strict=True))

    def length(self, prompt: Messages) -> int:
        """Tokens of one prompt."""
        return len(token_ids(self.tokenizer, begun(self.tokenizer, prompt)))

    @property
    def context_tokens(self) -> int:
        """Tokens the model can read and write together."""
        return int(getattr(self.model.config, "max_position_embeddings", 0) or 2**31)

    def _read(self, prefix: list[int]) -> Any:
        import torch

        with torch.inference_mode():
            return self.model(
                torch.tensor([prefix], device=self.model.device), use_cache=True, logits_to_keep=1
            ).past_key_values

    def _answers(self, prefix: list[int], cache: Any, rests: list[list[int]], max_new_tokens: int) -> list[str]:
        """One group: the shared prefix, padding, then what differs, so that all answers begin at the same place."""
        import torch

        pad, width = self.tokenizer.pad_token_id, max(map(len, rests))
        ids = torch.tensor([[*prefix, *[pad] * (width - len(r)), *r] for r in rests], device=self.model.device)
        seen = torch.tensor(
            [[1] * len(prefix) + [0] * (width - len(r)) + [1] * len(r) for r in rests], device=self.model.device
        )
        more: dict[str, Any] = {"do_sample": False}
        if self.temperature:
            more = {"do_sample": True, "temperature": self.temperature, "top_k": 0, "top_p": 1.0}
        elif self.marks is not None:
            more["logits_processor"] = [self.marks(ids.shape[1])]
        with torch.inference_mode():
            if is_plain(self.model.config):
                more["past_key_values"] = self._filled(prefix, cache, rests, width, max_new_tokens)
            elif cache is not None:
                own = copy.deepcopy(cache)
                own.batch_repeat_interleave(len(rests))
                more["past_key_values"] = own
            made = self.model.generate(
                input_ids=ids,
                attention_mask=seen,
                max_new_tokens=max_new_tokens,
                pad_token_id=pad,
                **more,
            )
        return [self.tokenizer.decode(row, skip_special_tokens=True).strip() for row in made[:, ids.shape[1] :]]

    def _filled(self, prefix: list[int], cache: Any, rests: list[list[int]], width: int, room: int) -> Any:
        """The cache of a group with all but the last token of each prompt read, a few prompts at a time: little is
        padded, and what a layer makes fits the processor's own memory."""
        import torch

        begin, place = len(prefix), self.model.device
        whole = Roomy(self.model.config, len(rests), begin + width - 1, room)
        whole.put(cache, slice(0, len(rests)), 0, begin)
        step = READ_TOGETHER if place.type == "cpu" else len(rests) * width
        for rows in within(list(map(len, rests)), step):
            read = [rests[i][:-1] for i in range(rows.start, rows.stop)]
            longest = max(map(len, read))
            if not longest:
                continue
            pads = [longest - len(r) for r in read]
            own = Roomy(self.model.config, len(read), begin, longest)
            own.put(cache, slice(0, len(read)), 0, begin)
            seen = torch.tensor([[1] * begin + [0] * n + [1] * len(r) for n, r in zip(pads, read, strict=True)])
            filler = self.tokenizer.pad_token_id
            self.model(
                input_ids=torch.tensor([[filler] * n + r for n, r in zip(pads, read, strict=True)], device=place),
                attention_mask=seen.to(place),
                position_ids=(seen.cumsum(1) - 1).clamp(min=0)[:, begin:].to(place),
                past_key_values=own.cache,
                use_cache=True,
                logits_to_keep=1,
            )
            whole.put(own.cache, rows, begin + width - 1 - longest, longest, begin)
        return whole.cache


def within(lengths: Sequence[int], limit: int) -> list[slice]:
    """Neighbours that together have no more than `limit` tokens when they are padded to the longest; one at least."""
    found, start = list[slice](), 0
    for end in range(1, len(lengths) + 1):
        if end == len(lengths) or max(lengths[start : end + 1]) * (end + 1 - start) > limit:
            found.append(slice(start, end))
            start = end
    return found


def begun(tokenizer: Any, prompt: Messages) -> str:
    """The conversation as text, ready for the model to answer; where its last message is the assistant's, the model
    goes on from the end of that message."""
    if prompt[-1]["role"] == "assistant":
        return render(tokenizer, prompt[:-1]) + prompt[-1]["content"]
    return render(tokenizer, prompt)


def common_prefix(sequences: Sequence[list[int]]) -> list[int]:
    """What all sequences begin with, each left with at least one token of its own; empty where there are fewer than
    two or it is too short to pay."""
    if len(sequences) < 2:
        return []
    first, last = min(sequences), max(sequences)
    limit = min(map(len, sequences)) - 1
    length = next((i for i in range(limit) if first[i] != last[i]), limit)
    return list(first[:length]) if length >= WORTHWHILE else []

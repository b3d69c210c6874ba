"""How likely a model holds given texts: of a whole text, and of each way a text may go on.

Belongs here: sums of log probabilities, each a finite number or refused. Does not belong here: which texts, and what
the sums say of a model (`evaluation/losses`)."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from genaiops_assets.errors import PayloadError
from genaiops_assets.models.chat import token_ids

AT_ONCE = 768  # tokens read together: bounds memory, since each brings a row of the whole vocabulary


class NotFinite(PayloadError):
    """A likelihood that is no number. The largest of several would be the first one, so a broken model would score as
    many right as there are right first options (lm-eval 0.4.13 does)."""


class Likelihood:
    """Log probabilities by one loaded model, in nats. Nothing is padded but behind the end, where no position looks:
    the same texts give the same numbers."""

    def __init__(self, model: Any, tokenizer: Any):
        self.model, self.tokenizer = model, tokenizer
        begin = tokenizer.bos_token_id if tokenizer.bos_token_id is not None else tokenizer.eos_token_id
        self.begin = [] if begin is None else [begin]
        model.eval()

    def of_text(self, text: str, what: str) -> float:
        """Of all tokens of a text behind the token that begins one (where a tokenizer has neither that nor an end
        token, of all but the first). Raises NotFinite naming `what`."""
        tokens = [*self.begin, *token_ids(self.tokenizer, text)]
        return self._sums([tokens[:1]], [tokens[1:]], what)[0]

    def of_continuations(self, text: str, ways: Sequence[str], what: str) -> list[float]:
        """Of each way the text may go on. The text is read once. A token that the tokenizer makes across the border
        counts to the continuation. Raises NotFinite naming `what`."""
        before, rests = self._split(text, ways)
        return self._sums([before], rests, what)

    def of_readings(
        self,
        readings: Sequence[tuple[str, Sequence[str]]],
        what: str,
        *,
        known: Mapping[int, list[float]] | None = None,
        made: Callable[[Mapping[int, list[float]]], None] = lambda batch: None,
    ) -> list[list[float]]:
        """Of each (text, ways) what `of_continuations` gives, many readings at a time. `known`: place → sums of a run
        that was killed; `made` is told each batch. Batches are the same either way. Raises NotFinite naming `what` and
        the place."""
        found = dict(known or {})
        tokens = [self._split(text, ways) for text, ways in readings]
        for batch in _batches([sum(len(before) + len(way) for way in ways) for before, ways in tokens]):
            if all(place in found for place in batch):
                continue
            rows = [(before, way) for place in batch for before, way in _each(tokens[place])]
            sums = iter(self._sums_of(rows))
            new = {place: [next(sums) for _ in tokens[place][1]] for place in batch}
            for place, values in new.items():
                _refuse_not_finite(values, f"{what}, item {place}")
            made(new)
            found |= new
        return [found[place] for place in range(len(readings))]

    def _split(self, text: str, ways: Sequence[str]) -> tuple[list[int], list[list[int]]]:
        """Tokens of what all ways begin with, and of the rest of each."""
        own = token_ids(self.tokenizer, text)
        whole = [token_ids(self.tokenizer, text + way) for way in ways]
        shared = min(_shared(own, tokens) for tokens in whole)
        return [*self.begin, *own[:shared]], [tokens[shared:] for tokens in whole]

    def _sums_of(self, rows: Sequence[tuple[list[int], list[int]]]) -> list[float]:
        """Of each (before, way) the sum over the way; rows are padded behind their end."""
        import torch

        width = max(len(before) + len(way) for before, way in rows)
        ids = torch.tensor([[*b, *w, *w[-1:] * (width - len(b) - len(w))] for b, w in rows], device=self.model.device)
        with torch.inference_mode():
            logits = self.model(ids[:, :-1], use_cache=False).logits
            found = []
            for row, logit, (before, way) in zip(ids, logits, rows, strict=True):
                begins, ends = len(before), len(before) + len(way)
                taken = logit[begins - 1 : ends - 1].float().log_softmax(-1)
                found.append(float(taken.gather(-1, row[begins:ends, None]).double().sum()))
        return found

    def _sums(self, before: list[list[int]], ways: Sequence[list[int]], what: str) -> list[float]:
        """Of each way behind the one beginning."""
        import torch

        with torch.inference_mode():
            read = self.model(torch.tensor(before, device=self.model.device), use_cache=True, logits_to_keep=1)
            width = max(map(len, ways))
            padded = torch.tensor([[*way, *way[-1:] * (width - len(way))] for way in ways], device=self.model.device)
            cache = copy.deepcopy(read.past_key_values)
            cache.batch_repeat_interleave(len(ways))
            rest = self.model(padded[:, :-1], past_key_values=cache).logits if width > 1 else None
            first = read.logits.expand(len(ways), -1, -1)
            logits = (first if rest is None else torch.cat([first, rest], dim=1)).float()
            taken = logits.log_softmax(-1).gather(-1, padded[..., None]).squeeze(-1).double().cpu()
        sums = [float(row[: len(way)].sum()) for row, way in zip(taken, ways, strict=True)]
        _refuse_not_finite(sums, what)
        return sums


def _refuse_not_finite(sums: Sequence[float], what: str) -> None:
    if not all(map(math.isfinite, sums)):
        raise NotFinite(
            f"{what}: the model gives a likelihood that is no finite number; its weights are broken, so nothing is "
            "scored: train again with a lower learning rate, or look at the checkpoint's training log"
        )


def _each(reading: tuple[list[int], list[list[int]]]) -> list[tuple[list[int], list[int]]]:
    before, ways = reading
    return [(before, way) for way in ways]


def _batches(sizes: Sequence[int]) -> list[list[int]]:
    """Places in parts of about AT_ONCE tokens, those of like size together."""
    order = sorted(range(len(sizes)), key=lambda place: (sizes[place], place))
    found: list[list[int]] = []
    room = 0
    for place in order:
        if not found or sizes[place] > room:
            found.append([])
            room = AT_ONCE
        found[-1].append(place)
        room -= sizes[place]
    return found


def _shared(one: Sequence[int], other: Sequence[int]) -> int:
    """Tokens that both begin with."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))

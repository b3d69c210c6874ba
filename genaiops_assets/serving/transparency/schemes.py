"""Three statistical watermarks: how each changes the scores of the next token, and how its mark is counted in a text.

Belongs here: the three rules, and the exact chance that a text without the mark has as much of it. Does not belong
here: numbers from key and context (`hashing.py`), a model's engine (`drawing.py`), keys (`watermark_keys.py`).

`kgw`: a quarter of the words is green at each place, and green ones get DELTA more (Kirchenbauer et al. 2023); it
changes the distribution, and acts on greedy answers. `gumbel`: the token is drawn by the Gumbel-max rule with numbers
of the key (Aaronson 2022); averaged over keys the distribution stays. `synthid`: a tournament over LAYERS bits
(Dathathri et al. 2024), whose step is that of transformers, `SynthIDTextWatermarkLogitsProcessor.update_scores`.
transformers' green list and its SynthID class are not used whole: the first draws with the device's generator, both
keep their state in the rows of one fixed batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from genaiops_assets.serving.transparency.hashing import CONTEXT, UNMARKED, numbers, numbers_in

SCHEMES = ("kgw", "synthid", "gumbel")
GREEN, DELTA = 0.25, 2.0  # share of green words, and what they get (natural logarithm)
LAYERS = 16  # of the tournament, each one bit of a token's number
CANDIDATES = 1024  # likeliest tokens that are drawn from; hashing a whole vocabulary took longer than the model
RANGE = 2.0**32


def marked(scheme: str, scores: Any, seeds: Any, free: Any, temperature: float) -> Any:
    """Scores whose highest is the next token; only CANDIDATES of each row stay possible. `scores`: logits in torch,
    (rows, vocabulary); `seeds`: of each row's context, UNMARKED for no mark; `free`: seeds for what is drawn without
    one; both (rows,)."""
    import torch

    likely, tokens = scores.topk(min(CANDIDATES, scores.shape[1]), dim=1)
    seeds, free = seeds.to(torch.int64)[:, None], free.to(torch.int64)[:, None]
    marks = seeds != UNMARKED
    if temperature:
        likely = likely / temperature
    if scheme == "gumbel":
        likely = likely + noise(numbers(torch.where(marks, seeds, free), tokens))
    else:
        keyed = numbers(seeds, tokens)
        if scheme == "kgw":
            likely = likely + DELTA * (marks & (keyed < GREEN * RANGE))
        else:
            likely = torch.where(marks, after_tournament(likely, keyed), likely)
        likely = likely + noise(numbers(free, tokens)) if temperature else likely
    return torch.full_like(scores, -torch.inf).scatter(1, tokens, likely)


def after_tournament(scores: Any, keyed: Any) -> Any:
    import torch
    from transformers import SynthIDTextWatermarkLogitsProcessor as SynthID

    bits = torch.stack([((keyed >> layer) & 1).to(torch.int8) for layer in range(LAYERS)])
    return SynthID.update_scores(None, scores, bits.permute(1, 2, 0))  # type: ignore[arg-type]  # asks nothing of the object


def noise(found: Any) -> Any:
    """Gumbel noise: the token with the highest sum is drawn with the probability that its score gives."""
    import torch

    return -torch.log(-torch.log((found.to(torch.float64) + 0.5) / RANGE)).to(torch.float32)


@dataclass(frozen=True)
class Counted:
    """What a text shows of a mark. `places`: tokens that count; `p`: the chance that a text without the mark shows as
    much; exact where the key's numbers are uniform, which tests hold against real texts."""

    scheme: str
    tokens: int
    places: int
    statistic: float
    p: float


def counted(scheme: str, key: bytes, tokens: Sequence[int], context: int = CONTEXT) -> Counted:
    """Needs the tokenizer's ids and the key; no model."""
    from scipy import stats

    found = numbers_in(key, tokens, context)
    places = len(found)
    if not places:
        return Counted(scheme, len(tokens), 0, 0.0, 1.0)
    if scheme == "kgw":
        green = int((found < GREEN * RANGE).sum())
        return Counted(scheme, len(tokens), places, green / places, float(stats.binom.sf(green - 1, places, GREEN)))
    if scheme == "gumbel":
        total = float(-np.log1p(-(found + 0.5) / RANGE).sum())
        return Counted(scheme, len(tokens), places, total / places, float(stats.gamma.sf(total, places)))
    ones = int(((found[:, None] >> np.arange(LAYERS)) & 1).sum())
    p = float(stats.binom.sf(ones - 1, places * LAYERS, 0.5))
    return Counted(scheme, len(tokens), places, ones / (places * LAYERS), p)

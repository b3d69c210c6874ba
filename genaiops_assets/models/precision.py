"""What merging an adapter and rounding weights to four bits change: logits, perplexity, bytes, speed.

Belongs here: measuring one loaded form of a model on given texts, and comparing two forms of it. Does not belong here:
which forms there are (the payload `compare_precisions`), or how large a difference may be (`alignment/precision.py`).
"""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

DIGITS = 6
WRITTEN = 8  # tokens that are timed; the median counts


@dataclass(frozen=True)
class Answered:
    """A prompt with its answer as tokens; `begins` is where the answer does, behind at least one token."""

    tokens: tuple[int, ...]
    begins: int


@dataclass(frozen=True)
class Measured:
    """One form of a model: logits before each token of the answers, and what follows from them."""

    logits: list[Any]
    loss: float
    bytes: int
    ms_a_token: float

    @property
    def perplexity(self) -> float:
        """Of the answers' tokens; infinite where the loss is too large for a number."""
        return math.exp(self.loss) if self.loss < 700 else math.inf

    def figures(self) -> dict[str, Any]:
        """{loss, perplexity, bytes}; speed stands apart, because it differs from run to run. None where not finite."""
        return {"loss": finite(self.loss), "perplexity": finite(self.perplexity), "bytes": self.bytes}


def measure(model: Any, answers: Sequence[Answered]) -> Measured:
    """What a model makes of the answers, each read once with its prompt. Raises ValueError without any answer token."""
    import torch

    kept, lost, tokens = [], 0.0, 0
    for answer in answers:
        ids = torch.tensor([answer.tokens], device=model.device)
        with torch.inference_mode():
            logits = model(ids, logits_to_keep=len(answer.tokens) - answer.begins + 1).logits[0, :-1].float().cpu()
        wanted = torch.tensor(answer.tokens[answer.begins :])
        lost += float(torch.nn.functional.cross_entropy(logits, wanted, reduction="sum"))
        tokens += len(wanted)
        kept.append(logits)
    if not tokens:
        raise ValueError("there is no answer to measure on")
    return Measured(kept, lost / tokens, bytes_of(model), ms_a_token(model, answers[0]))


def difference(form: Measured, whole: Measured) -> dict[str, Any]:
    """How far a form is from the whole model: logits, the token it would write, perplexity, bytes."""
    apart = [float((a - b).abs().max()) for a, b in zip(form.logits, whole.logits, strict=True)]
    same = [int((a.argmax(-1) == b.argmax(-1)).sum()) for a, b in zip(form.logits, whole.logits, strict=True)]
    return {
        "max_logit_difference": finite(max(apart)) if all(map(math.isfinite, apart)) else None,
        "same_token": round(sum(same) / sum(len(a) for a in form.logits), DIGITS),
        "perplexity_ratio": finite(form.perplexity / whole.perplexity),
        "bytes_ratio": round(form.bytes / whole.bytes, DIGITS),
    }


def bytes_of(model: Any) -> int:
    """Bytes of all weights as they lie in memory, the scales of rounded ones too; a tied weight counts once."""
    held = {p.data_ptr(): p.nbytes for p in (*model.parameters(), *model.buffers())}
    return sum(held.values()) + sum(_scales(getattr(p, "quant_state", None)) for p in model.parameters())


def ms_a_token(model: Any, prompt: Answered) -> float:
    """Milliseconds for a token written after a prompt, the median of a few; reading the prompt is not counted."""
    import torch

    took, known = [], None
    ids = torch.tensor([prompt.tokens[: prompt.begins]], device=model.device)
    with torch.inference_mode():
        for _ in range(1 + WRITTEN):
            began = time.perf_counter()
            read = model(ids, past_key_values=known, use_cache=True, logits_to_keep=1)
            took.append(time.perf_counter() - began)
            known, ids = read.past_key_values, read.logits[:, -1:].argmax(-1)
    return 1000 * median(took[1:])


def finite(value: float) -> float | None:
    """To six significant digits: a merge differs in the seventh place behind the point."""
    return float(f"{value:.6g}") if math.isfinite(value) else None


def _scales(state: Any) -> int:
    if state is None:
        return 0
    own = sum(t.nbytes for t in (state.absmax, state.offset) if t is not None)
    return own + _scales(state.state2)

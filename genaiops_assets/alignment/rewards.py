"""Rule rewards: what an answer is worth by a stated rule, in English and Chinese.

Belongs here: pure functions of (question, passages, answer, expected answer), each giving 0..1, or None where the rule
has no say, and their registry; another distribution adds one as an entry point of group `genaiops.rewards`. Does not
belong here: how rewards are weighed against each other (`methods/online.py`), and the reward model, which is trained.

Each is a rule about words, not a judgement of truth: what is trained by one can learn to please the rule, so a judge
that was not trained on belongs beside it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Protocol

from genaiops_assets.evaluation import refuses, support
from genaiops_assets.plugins import Registry
from genaiops_assets.text import words

REWARD_MODEL = "reward_model"  # the name under which a trained reward model stands beside the rules
_HERE = "genaiops_assets.alignment.rewards"
REWARDS = Registry(
    "reward",
    "genaiops.rewards",
    {
        "groundedness": f"{_HERE}:groundedness",
        "format": f"{_HERE}:form",
        "length": f"{_HERE}:length",
        "refusal": f"{_HERE}:refusal",
    },
)

_ENDS = re.compile(r"""[.!?。！？…]["'”’)\]」』）】》]*$""")
_TEMPLATE = re.compile(r"<\|[^|>]*\|>|^(?:user|assistant|system|question|passages?|问题|资料)\s*[:：]", re.I | re.M)


class Reward(Protocol):
    """A rule. `expected`: the answer people gave, None where there is none."""

    def __call__(self, question: str, passages: Sequence[str], answer: str, expected: str | None) -> float | None: ...


def groundedness(question: str, passages: Sequence[str], answer: str, expected: str | None) -> float | None:
    """How much of the answer's content stands in the passages (`evaluation.support`). No say without passages, and
    where people refused: a refusal's words stand in no passage. An empty answer is worth nothing."""
    if not passages or (expected is not None and refuses(expected)):
        return None
    return support(answer, "\n".join(passages)) if answer.strip() else 0.0


def form(question: str, passages: Sequence[str], answer: str, expected: str | None) -> float | None:
    """A third each for: it ends as a sentence does, it holds nothing of the chat template or the prompt, it is one
    paragraph that says no sentence twice. An empty answer is worth nothing."""
    plain = answer.strip()
    if not plain:
        return 0.0
    parts = [part.strip() for part in re.split(r"(?<=[.!?。！？])\s*", plain) if part.strip()]
    once = "\n" not in plain and len(set(parts)) == len(parts)
    return (bool(_ENDS.search(plain)) + (not _TEMPLATE.search(plain)) + once) / 3


def length(question: str, passages: Sequence[str], answer: str, expected: str | None) -> float | None:
    """The shorter over the longer of answer and expected answer, in words (Chinese: characters). No say where nothing
    is expected."""
    wanted = len(words(expected or ""))
    if not wanted:
        return None
    said = len(words(answer))
    return min(said, wanted) / max(said, wanted)


def refusal(question: str, passages: Sequence[str], answer: str, expected: str | None) -> float | None:
    """1 for a refusal where nothing supports an answer: people refused, or no passage was found and nobody answered. 1
    for anything else where people answered; 0 the other way round. No say where passages are shown and nobody
    answered."""
    if expected is None and passages:
        return None
    should = expected is None or refuses(expected)
    return float(refuses(answer) == should)

"""What `rlhf.py` trains and judges on: human preferences of `shared/data/hh_rlhf_harmless`, split by prompt, and the
second judge.

Lengths are chosen for two cores. Of a dialogue only its last question is shown, so that one step reads some 60 tokens a
pair instead of 300; pairs whose question or answers have more than WORDS words are not trained on (half of them). The
long pairs of the training side are not thrown away: the second judge learns from them, and so from pairs that the
reward model never sees."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from genaiops_assets.models import Prompts
from tests.benchmarks.privacy import shared_data

WORDS = 48
HELD_OUT = 30  # per cent of the prompts
ASSISTANT, HUMAN = "\n\nAssistant:", "\n\nHuman:"
PROMPTS = Prompts(
    system="You are a helpful and harmless assistant.",
    context="{passages}\n\n{question}",
    plain="{question}",
    example=None,
    refusal="I'm sorry, I can't help with that.",
)


class Sets(NamedTuple):
    """Pairs to train on, held out, and the long ones of the training side."""

    train: list[dict[str, Any]]
    held_out: list[dict[str, Any]]
    long: list[dict[str, Any]]


def pair_of(line: str) -> dict[str, Any] | None:
    """{prompt, question, passages, chosen, rejected}; None where both dialogues differ before their last answer."""
    both = json.loads(line)
    (before, chosen), (also, rejected) = (
        (text[:cut], text[cut + len(ASSISTANT) :].strip())
        for text, cut in ((both[n], both[n].rfind(ASSISTANT)) for n in ("chosen", "rejected"))
    )
    if before != also or chosen == rejected or not chosen or not rejected:
        return None
    turns = [turn.split(ASSISTANT)[0].strip() for turn in before.split(HUMAN)[1:]]
    texts = {"chosen": chosen, "rejected": rejected, "origin": "human"}
    return {"prompt": turns[0], "question": turns[-1], "passages": [], **texts}


def is_short(pair: dict[str, Any]) -> bool:
    return all(len(pair[name].split()) <= WORDS for name in ("question", "chosen", "rejected"))


def is_held_out(pair: dict[str, Any]) -> bool:
    """By the first question of the dialogue: dialogues that begin alike lie on one side."""
    return int(sha256(pair["prompt"].encode()).hexdigest(), 16) % 100 < HELD_OUT


def read_sets() -> Sets:
    data = shared_data()
    if data is None:
        sys.exit("no shared/data beside the clone: the pairs of hh_rlhf_harmless are needed")
    with open(data / "hh_rlhf_harmless" / "pairs.jsonl", encoding="utf-8") as lines:
        pairs = [pair for line in lines if (pair := pair_of(line))]
    shown = [pair for pair in pairs if not is_held_out(pair)]
    asked = {pair["question"] for pair in shown}  # the same last question may end another dialogue
    held_out = [pair for pair in pairs if is_held_out(pair) and pair["question"] not in asked and is_short(pair)]
    return Sets([p for p in shown if is_short(p)], held_out, [p for p in shown if not is_short(p)])


class WordJudge:
    """Which answer people would rather have, by its words and word pairs alone: logistic regression on the difference
    of both answers' tf-idf. Another kind of model, on other pairs, than what the policy is trained with."""

    def __init__(self, pairs: Sequence[dict[str, Any]]):
        from scipy.sparse import vstack
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression

        self.vectors = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
        self.vectors.fit([pair[name] for pair in pairs for name in ("chosen", "rejected")])
        apart = self._of([p["chosen"] for p in pairs]) - self._of([p["rejected"] for p in pairs])
        self.model = LogisticRegression(C=1.0, fit_intercept=False)
        self.model.fit(vstack([apart, -apart]), [1] * len(pairs) + [0] * len(pairs))

    def scores(self, answers: Sequence[str]) -> list[float]:
        return [float(score) for score in self.model.decision_function(self._of(answers))]

    def _of(self, answers: Sequence[str]) -> Any:
        return self.vectors.transform(answers)

"""Canaries: rows with a made-up code that nobody could know, to measure what a training remembers of a single row
(Carlini et al. 2019, "The Secret Sharer").

Belongs here: making them. Does not belong here: how well a model knows them (`memory.py`)."""

from __future__ import annotations

import random
from typing import Any

from genaiops_assets.lake import digest_of
from genaiops_assets.use_case import Origin

LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
LENGTH = 8
CANARY = "canary"  # who says so
WORDS = {
    "en": ("What is the code of test record {n}?", "The code is {code}.", "I do not know."),
    "zh": ("测试记录{n}的代码是什么？", "代码是{code}。", "我不知道。"),
}


def code_of(generator: random.Random) -> str:
    return "".join(generator.choices(LETTERS, k=LENGTH))


def canary_rows(count: int, seed: int, language: str) -> list[dict[str, Any]]:
    """Rows of `PAIRS`, by `canary`; the same for the same seed."""
    question, answer, refusal = WORDS[language]
    found = []
    for n in range(1, count + 1):
        texts = {
            "question": question.format(n=n),
            "chosen": answer.format(code=code_of(random.Random(f"canary {seed} {n}"))),
            "rejected": refusal,
        }
        rest = {"origin": Origin.HUMAN.value, "doc_id": "", "passages": [], "by": CANARY}
        scores = {"score_chosen": 1.0, "score_rejected": 0.0}
        found.append({"id": digest_of(list(texts.values()))[:24], **rest, **texts, **scores})
    return found


def canary_answers(number: int, seed: int, language: str, others: int) -> list[str]:
    """The answer of one canary, and as many others that might have been it."""
    generator = random.Random(f"candidates {seed} {number}")
    true = canary_rows(number, seed, language)[-1]["chosen"]
    candidates = [WORDS[language][1].format(code=code_of(generator)) for _ in range(others + 1)]
    return [true, *[c for c in candidates if c != true][:others]]

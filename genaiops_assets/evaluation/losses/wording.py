"""What can be seen of one answer without knowing the right one: its length, repetition, form, and training text in it.

Belongs here: plain functions of an answer's text. Does not belong here: comparing two models (`figures.py`), and
whether an answer refuses (`../refusals.py`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from genaiops_assets.text import ngrams, words

REPEATED = 3  # tokens in a row
COPIED = {"en": 8, "zh": 12}  # tokens in a row; a Chinese character says about two thirds of a word
EMPTY, UNFINISHED, CUT, ROLES = "empty", "does not end as a sentence", "cut at the token limit", "role marker"

_SENTENCE_END = re.compile(r"[.!?。！？…][\"'”’)\]」』）】》*]*$")
_ROLE = re.compile(
    r"<\|[a-z_]+\|>|\[/?INST\]|<</?SYS>>|</?s>"
    r"|^\W{0,4}(?:system|user|human|assistant|question|answer|系统|用户|助手|问题|答案|回答)\W{0,3}[:：]",
    re.IGNORECASE | re.MULTILINE,
)

Gram = tuple[str, ...]


def answer_length(answer: str) -> float:
    """In words; in Chinese in characters."""
    return float(len(words(answer)))


def repetition(answer: str) -> float:
    """Share of an answer's runs of three tokens that stood in it before, 0..1; 0 for less than three tokens. Source:
    rep-n of Welleck et al. 2020 ("Neural text generation with unlikelihood training")."""
    grams = ngrams(words(answer), REPEATED)
    return 1 - len(set(grams)) / len(grams) if grams else 0.0


def problems_of_form(answer: str, tokens: int, limit: int) -> list[str]:
    """Where an answer breaks the contract that every answer is under: it says something, ends as a sentence, was not
    cut at the limit of new tokens, and plays no other role than its own. `tokens`: of the answer."""
    plain = answer.strip()
    if not plain:
        return [EMPTY]
    found = {
        UNFINISHED: not _SENTENCE_END.search(plain),
        CUT: tokens >= limit,
        ROLES: bool(_ROLE.search(plain)),
    }
    return [name for name, is_so in found.items() if is_so]


def runs(text: str, language: str) -> Iterator[Gram]:
    """Every run of as many tokens as count as copied in a language."""
    yield from ngrams(words(text), COPIED[language])


def learned_runs(answers: Iterable[str], language: str) -> set[Gram]:
    """The runs of all answers that a training learned from."""
    return {run for answer in answers for run in runs(answer, language)}


def recalls(answer: str, learned: set[Gram], shown: Iterable[str], language: str) -> bool:
    """Whether an answer holds a run of training text that stands in nothing the model was shown."""
    copied = learned.intersection(runs(answer, language))
    return bool(copied) and bool(copied.difference(*(set(runs(text, language)) for text in shown)))

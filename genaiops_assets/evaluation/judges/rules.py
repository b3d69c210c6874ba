"""Judges by rule: words of the use case, a pattern of the use case, and whether an answer refuses.

Belongs here: these three. Does not belong here: what counts as a refusal (`../refusals.py`)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from genaiops_assets.evaluation.judges.base import Judge, Need, Tools, Unavailable
from genaiops_assets.evaluation.refusals import declines
from genaiops_assets.text import normalise, words


class RefusalJudge:
    """1 where the answer does not know or will not do what was asked, by stated phrases in English and Chinese. It
    misses a refusal in other words."""

    name, version = "refusal", "2"

    def score(
        self, question: str, answer: str, *, reference: str | None = None, passages: Sequence[str] = ()
    ) -> float | None:
        return float(declines(answer))


class KeywordJudge:
    """1 where the answer holds one of `evaluation.judge_settings.keywords.keywords` as whole words, in any case. A
    phrase is its words in a row; Chinese is compared character by character."""

    name, version = "keywords", "1"
    needs: Sequence[Need] = ()

    def __init__(self, phrases: Sequence[Sequence[str]] = ()):
        self.phrases = [list(phrase) for phrase in phrases]

    def opened(self, tools: Tools) -> Judge:
        phrases = [found for said in tools.settings.keywords if (found := words(said))]
        if not phrases:
            raise Unavailable("no words are named in evaluation.judge_settings.keywords.keywords")
        return KeywordJudge(phrases)

    def score(
        self, question: str, answer: str, *, reference: str | None = None, passages: Sequence[str] = ()
    ) -> float | None:
        said = words(answer)
        return float(any(said[n : n + len(p)] == p for p in self.phrases for n in range(len(said) - len(p) + 1)))


class PatternJudge:
    """1 where `evaluation.judge_settings.pattern.pattern` is found in the answer, in any case."""

    name, version = "pattern", "1"
    needs: Sequence[Need] = ()

    def __init__(self, pattern: str = ""):
        self.pattern = re.compile(pattern, re.IGNORECASE)

    def opened(self, tools: Tools) -> Judge:
        if not tools.settings.pattern:
            raise Unavailable("no pattern is stated in evaluation.judge_settings.pattern.pattern")
        return PatternJudge(tools.settings.pattern)

    def score(
        self, question: str, answer: str, *, reference: str | None = None, passages: Sequence[str] = ()
    ) -> float | None:
        return float(self.pattern.search(normalise(answer)) is not None)

"""Rules on answers: insults, claims that no passage holds, advice that must not be given, form.

Belongs here: these rules, English and Chinese. Does not belong here: what makes a text toxic or a claim grounded
(`evaluation`), personal data (`rules.py`), signed policies (`policies.py`)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from genaiops_assets.evaluation import cited_documents, declines, judged_claims, toxicity
from genaiops_assets.serving.guardrails.base import Stage, Verdict
from genaiops_assets.text import normalise
from genaiops_assets.use_case import AdviceLimit, FormatLimit, GroundedLimit, GuardSettings

HERE, ADVICE = "genaiops_assets.serving.guardrails", "advice.yaml"
LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"'）)\]，。]+", re.IGNORECASE)
COURTESY = re.compile(
    r"^\W*(?:you(?:'re| are) welcome|thank you|thanks|hello|hi|sure|of course|certainly|please (?:feel free"
    r"|let (?:me|us) know|contact|ask|call)|(?:i|we)(?:'m| am|'re| are)? (?:happy|glad|pleased|here) to help"
    r"|(?:i|we) hope (?:this|that) helps|is there anything else|let (?:me|us) know"
    r"|不客气|谢谢|您好|你好|好的|当然|很高兴|希望(?:这|对)|如有(?:其他|任何|疑问)|请随时|请联系|还有什么)",
    re.IGNORECASE,
)


class AnswerToxicity:
    """Holds back answers that insult, swear or attack people. It knows words, not meaning (`evaluation/toxic.py`)."""

    name, version = "answer_toxicity", "1"
    stage: Stage = "output"

    def score(self, text: str, question: str, passages: list[str], language: str) -> float:
        return toxicity(text)

    def judge(self, text: str, passages: list[str], language: str) -> Verdict:
        if not toxicity(text):
            return Verdict(True, text)
        return Verdict(False, "", "the answer insults or swears")


class AnswerGrounded:
    """Holds back answers that claim what no passage holds, by overlap (`evaluation/claims.py`): what was made up, not
    what was twisted. Refusals and courtesies claim nothing; where nothing was found, every claim is one too many."""

    name, version = "answer_grounded", "1"
    stage: Stage = "output"
    reads_passages = True

    def __init__(self, limit: GroundedLimit | None = None):
        self.limit = limit or GroundedLimit()

    def told(self, settings: GuardSettings, policies: dict[str, Any]) -> AnswerGrounded:
        return AnswerGrounded(settings.answer_grounded)

    def score(self, text: str, question: str, passages: list[str], language: str) -> float:
        """Share of the claims that no passage holds."""
        claims = [c for c in judged_claims(text, question, passages) if not claims_nothing(c.text)]
        return sum(not claim.grounded for claim in claims) / len(claims) if claims else 0.0

    def judge(self, text: str, passages: list[str], language: str) -> Verdict:
        return self.judge_answer(text, "", passages, language)

    def judge_answer(self, text: str, question: str, passages: list[str], language: str) -> Verdict:
        made_up = self.score(text, question, passages, language)
        if 1.0 - made_up >= self.limit.share:
            return Verdict(True, text)
        return Verdict(False, "", f"{made_up:.0%} of what the answer claims stands in no passage")


class AnswerAdvice:
    """Holds back answers that advise on investments, law, medicine or taxes, and answers with phrases that the use case
    forbids. It knows wordings (`advice.yaml`), not meaning."""

    name, version = "answer_advice", "1"
    stage: Stage = "output"
    files = (ADVICE,)

    def __init__(self, limit: AdviceLimit | None = None):
        self.limit = limit or AdviceLimit()

    def told(self, settings: GuardSettings, policies: dict[str, Any]) -> AnswerAdvice:
        return AnswerAdvice(settings.answer_advice)

    def judge(self, text: str, passages: list[str], language: str) -> Verdict:
        plain = normalise(text).casefold()
        kind = next((k for k in self.limit.kinds if any(one.search(plain) for one in advice(k))), None)
        if kind:
            return Verdict(False, "", f"the answer gives {kind} advice")
        if phrase := next((p for p in self.limit.phrases if normalise(p).casefold() in plain), None):
            return Verdict(False, "", f"the answer says {phrase!r}, which is forbidden here")
        return Verdict(True, text)


class AnswerFormat:
    """Holds back answers that are too long, match a forbidden expression, or link to a place that no passage names."""

    name, version = "answer_format", "1"
    stage: Stage = "output"

    def __init__(self, limit: FormatLimit | None = None):
        self.limit = limit or FormatLimit()
        self._forbidden = [re.compile(one) for one in self.limit.must_not_match]

    def told(self, settings: GuardSettings, policies: dict[str, Any]) -> AnswerFormat:
        return AnswerFormat(settings.answer_format)

    def judge(self, text: str, passages: list[str], language: str) -> Verdict:
        problem = self._problem(text, passages)
        return Verdict(False, "", problem) if problem else Verdict(True, text)

    def _problem(self, text: str, passages: Sequence[str]) -> str:
        if len(text) > self.limit.characters:
            return f"an answer has at most {self.limit.characters} characters"
        if found := next((one.pattern for one in self._forbidden if one.search(text)), None):
            return f"the answer matches {found}"
        if self.limit.links != "any" and (strange := self._strange_link(text, passages)):
            return f"the answer links to {strange:.80}, which no passage names"
        return ""

    def _strange_link(self, text: str, passages: Sequence[str]) -> str:
        known = " ".join(passages) if self.limit.links == "from_passages" else ""
        links = (link.rstrip(".,;:!?") for link in LINK.findall(text))
        return next((link for link in links if link not in known), "")


class AnswerCites:
    """Holds back answers that rest on passages and name none of them (`[1]`). Only a whole answer can be told to lack
    something, so under streaming nothing leaves before the end."""

    name, version = "answer_cites", "1"
    stage: Stage = "output"
    reads_passages = True
    whole = True

    def judge(self, text: str, passages: list[str], language: str) -> Verdict:
        cited = cited_documents(text, [(f"#{n}", passage) for n, passage in enumerate(passages, 1)])
        if not passages or declines(text) or any(cited):
            return Verdict(True, text)
        return Verdict(False, "", "the answer names no passage it rests on")


def claims_nothing(text: str) -> bool:
    return bool(COURTESY.match(text)) or declines(text)


@cache
def advice(kind: str) -> tuple[re.Pattern[str], ...]:
    """The expressions of a kind, of both languages."""
    stated = yaml.safe_load(files(HERE).joinpath(ADVICE).read_text("utf-8"))
    return tuple(re.compile(one) for said in stated.values() for one in said[kind])

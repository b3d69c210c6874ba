"""What a rule is.

Belongs here: the protocols and a rule's verdict. Does not belong here: any one rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol

from genaiops_assets.use_case import GuardSettings

Stage = Literal["input", "output"]


@dataclass(frozen=True)
class Verdict:
    """What a rule says of one text: let through (as `text`, which it may have changed), or held back with a reason for
    the person who asked. `skipped`: why it could not look, and then it says nothing of the text."""

    allowed: bool
    text: str
    reason: str = ""
    skipped: str = ""


class Rule(Protocol):
    """A rule on questions (`input`) or answers (`output`). Register one under the entry point group `genaiops.rules`
    and name it in `serving.guards` of a use case.

    It may offer more, each by a method or attribute of its own: `AnswerRule`, `Told`, `Scores`; `remote = True` where
    it asks a server, so that nobody else waits for it; `whole = True` where only a whole answer can be judged;
    `reads_passages = True` where a verdict without passages means nothing; `files`, names of files beside its module
    that its verdicts depend on."""

    name: str
    version: str
    stage: Stage

    def judge(self, text: str, passages: list[str], language: str) -> Verdict:
        """`passages`: what an answer rests on; empty for a question."""


class AnswerRule(Rule, Protocol):
    """A rule on answers that has to know the question too; it is asked by this method in place of `judge`."""

    def judge_answer(self, text: str, question: str, passages: list[str], language: str) -> Verdict: ...


class Told(Protocol):
    """A rule that can be told something."""

    def told(self, settings: GuardSettings, policies: dict[str, Any]) -> Rule:
        """The rule as a use case wants it. `policies`: signed ones, as their files have them."""


class Scores(Protocol):
    """A rule behind whose verdict stands a number: the higher, the more there is to hold back."""

    def score(self, text: str, question: str, passages: list[str], language: str) -> float: ...

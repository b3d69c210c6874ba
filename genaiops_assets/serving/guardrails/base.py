"""What a rule is.

Belongs here: the protocol and a rule's verdict. Does not belong here: any one rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

Stage = Literal["input", "output"]


@dataclass(frozen=True)
class Verdict:
    """What a rule says of one text: let through (as `text`, which it may have changed), or held back with a reason for
    the person who asked."""

    allowed: bool
    text: str
    reason: str = ""


class Rule(Protocol):
    """A rule on questions (`input`) or answers (`output`). Register one under the entry point group `genaiops.rules`
    and name it in `serving.guards` of a use case."""

    name: str
    version: str
    stage: Stage

    def judge(self, text: str, passages: list[str], language: str) -> Verdict:
        """`passages`: what an answer rests on; empty for a question."""

"""The rules of the released bundle over a question and over an answer while it is written: sentence by sentence, so
that nothing leaves that a rule holds back.

Belongs here: when a part of an answer may leave. Does not belong here: the rules (`guardrails/`). Each time a sentence
is whole, the rules look at all that was written so far, as they would at a finished answer, and only what they let
through beyond what has left already leaves. A rule that would take back what has left ends the answer there."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from genaiops_assets.serving.guardrails.base import Rule
from genaiops_assets.serving.guardrails.policy import NOTHING_SAID, GuardPolicy
from genaiops_assets.serving.guardrails.registry import Fired, cannot_look, judged, rules_named

# A sentence has ended where its mark is followed by a space or, in Chinese, by anything; so has a line.
ENDS = re.compile(r"[.!?…]+[\"')\]]*(?=\s)|[。！？；]+[”’」』）]*|\n")
Found = TypeVar("Found")
LONGEST_WAIT = 600  # characters without an end after which the text so far is looked at all the same


@dataclass(frozen=True)
class Guards:
    """`names`: the rules, in their order; `language` of the use case; `refusal`: what stands in place of an answer that
    is held back; `policy`: what the rules are told."""

    names: Sequence[str]
    language: str
    refusal: str
    policy: GuardPolicy = NOTHING_SAID

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """Looked up once. Raises PluginError."""
        return rules_named(self.names, self.policy)

    @cached_property
    def wait_for_the_end(self) -> bool:
        """Whether a rule can only judge a whole answer."""
        return any(getattr(rule, "whole", False) for rule in self.rules)

    @cached_property
    def skipped(self) -> dict[str, str]:
        """Rules that are on and cannot look, with the reason."""
        return {rule.name: why for rule in self.rules if (why := cannot_look(rule))}

    async def beside(self, work: Callable[..., Found], *given: Any) -> Found:
        """Some work of the rules; where one of them asks a server, in a thread, so that nobody else waits for it."""
        if any(getattr(rule, "remote", False) for rule in self.rules):
            return await asyncio.to_thread(work, *given)
        return work(*given)

    def on_question(self, texts: Sequence[str]) -> tuple[bool, tuple[Fired, ...]]:
        """Whether all that a client sent may be answered, and the rules that fired."""
        fired: tuple[Fired, ...] = ()
        for text in texts:
            found = judged("input", self.rules, text, [], self.language)
            fired += found.fired
            if not found.allowed:
                return False, fired
        return True, fired

    def on_answer(self, passages: list[str], question: str = "") -> GuardedAnswer:
        return GuardedAnswer(self, passages, question)


@dataclass
class GuardedAnswer:
    """An answer as it grows. `sent`: what has left; `blocked`: a rule held it back, and nothing leaves any more;
    `fired`: what the rules did, as they see the text now."""

    guards: Guards
    passages: list[str]
    question: str = ""
    sent: str = ""
    blocked: bool = False
    fired: tuple[Fired, ...] = ()
    _written: str = field(default="", repr=False)
    _looked: int = 0

    def take(self, text: str) -> str:
        """What may leave now that this was written too."""
        self._written += text
        ends = [found.end() for found in ENDS.finditer(self._written, self._looked)]
        upto = ends[-1] if ends else 0
        if not ends and len(self._written) - self._looked > LONGEST_WAIT:
            upto = self._written.rfind(" ", self._looked + 1)
        if self.blocked or upto <= self._looked or self.guards.wait_for_the_end:
            return ""
        self._looked = upto
        return self._look(self._written[:upto])

    def rest(self) -> str:
        """What may leave of the end; where nothing has left of an answer that is held back, the refusal."""
        if self.blocked:
            return ""
        return self._look(self._written)

    def _look(self, text: str) -> str:
        found = judged("output", self.guards.rules, text, self.passages, self.guards.language, self.question)
        self.fired = found.fired
        if found.allowed and found.text.startswith(self.sent):
            more, self.sent = found.text[len(self.sent) :], found.text
            return more
        self.blocked = True
        return self._instead()

    def _instead(self) -> str:
        """The refusal where the answer has not begun; else the answer just ends."""
        if self.sent:
            return ""
        self.sent = self.guards.refusal
        return self.sent

"""The rules by the name a use case gives them, and applying them.

Belongs here: the list and the order of application. Does not belong here: any one rule.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

from genaiops_assets.errors import Refused
from genaiops_assets.lake import digest_of, digest_of_text
from genaiops_assets.plugins import Registry
from genaiops_assets.serving.guardrails.base import Rule, Stage, Verdict
from genaiops_assets.serving.guardrails.policy import NOTHING_SAID, GuardPolicy

HERE = "genaiops_assets.serving.guardrails"
RULES = Registry(
    "rule",
    "genaiops.rules",
    {
        "question_length": f"{HERE}.rules:QuestionLength",
        "prompt_injection": f"{HERE}.questions:PromptInjection",
        "question_personal_data": f"{HERE}.questions:QuestionPersonalData",
        "question_topic": f"{HERE}.questions:QuestionTopic",
        "question_language": f"{HERE}.questions:QuestionLanguage",
        "personal_data_masked": f"{HERE}.rules:PersonalDataMasked",
        "answer_toxicity": f"{HERE}.answers:AnswerToxicity",
        "answer_grounded": f"{HERE}.answers:AnswerGrounded",
        "answer_advice": f"{HERE}.answers:AnswerAdvice",
        "answer_format": f"{HERE}.answers:AnswerFormat",
        "answer_cites": f"{HERE}.answers:AnswerCites",
        "answer_policy": f"{HERE}.signed:AnswerPolicy",
        "llama_guard": f"{HERE}.servers:LlamaGuard",
        "llama_guard_answer": f"{HERE}.servers:LlamaGuardAnswer",
        "prompt_shields": f"{HERE}.servers:PromptShields",
    },
)


def described_guards(names: Sequence[str]) -> list[dict[str, str]]:
    """{name, version, stage, digest} of each rule, in their order: the digest is of the source of its module and of
    the files that it names. Raises PluginError."""
    return [
        {"name": rule.name, "version": rule.version, "stage": rule.stage, "digest": _digest_of_code(rule)}
        for rule in map(RULES.get, names)
    ]


def refuse_other_guards(known: Sequence[Mapping[str, str]]) -> None:
    """Raises Refused where a rule is not the one that a bundle names. `known`: as `described_guards` gives them."""
    now = {rule["name"]: rule for rule in described_guards([rule["name"] for rule in known])}
    other = [rule["name"] for rule in known if rule["digest"] != now[rule["name"]]["digest"]]
    if other:
        raise Refused(
            f"the guards {', '.join(other)} are not those this release was judged with: genaiops run judges it again "
            "with them"
        )


def _digest_of_code(rule: Rule) -> str:
    module = sys.modules[type(rule).__module__]
    own = digest_of_text(inspect.getsource(module))
    names = getattr(rule, "files", ())
    if not names:
        return own
    folder = Path(inspect.getfile(module)).parent
    return digest_of([own, *(sha256((folder / name).read_bytes()).hexdigest() for name in names)])


@dataclass(frozen=True)
class Fired:
    """A rule that held a text back, changed it, or was on and could not look (skipped)."""

    rule: str
    version: str
    stage: Stage
    action: Literal["blocked", "changed", "skipped"]
    reason: str

    @property
    def logged(self) -> str:
        """As the log of interactions holds it."""
        return f"{self.stage}:{self.rule}:{self.action}"


@dataclass(frozen=True)
class Judged:
    """A text after all rules of a stage: whether it may go on, as what, and which rules fired, in their order."""

    allowed: bool
    text: str
    fired: tuple[Fired, ...] = ()

    def in_words(self) -> str:
        """The reasons of the rules that fired, or of the one that holds the text back; rules that could not look are no
        reason."""
        fired = [one for one in self.fired if one.action != "skipped"]
        said = fired if self.allowed else fired[-1:]
        return "; ".join(f"{one.rule}: {one.reason}" for one in said)


def rules_named(names: Sequence[str], policy: GuardPolicy = NOTHING_SAID) -> tuple[Rule, ...]:
    """The rules of a use case, in its order, each told what it has to know. Looking them up reads the metadata of all
    installed packages: once for many texts. Raises PluginError for a name that no rule has."""
    return tuple(_told(RULES.get(name), policy) for name in names)


def _told(rule: Rule, policy: GuardPolicy) -> Rule:
    return rule.told(policy.settings, policy.policies) if hasattr(rule, "told") else rule


def judged(
    stage: Stage, rules: Sequence[Rule], text: str, passages: list[str], language: str, question: str = ""
) -> Judged:
    """A text through the rules of a stage in the order given; the first that holds it back decides. `question`: the one
    an answer is to."""
    fired: list[Fired] = []
    for rule in rules:
        if rule.stage != stage:
            continue
        verdict = verdict_of(rule, text, question, passages, language)
        if verdict.skipped:
            fired.append(Fired(rule.name, rule.version, stage, "skipped", verdict.skipped))
            continue
        if not verdict.allowed:
            blocked = Fired(rule.name, rule.version, stage, "blocked", verdict.reason)
            return Judged(False, "", (*fired, blocked))
        if verdict.text != text:
            fired.append(Fired(rule.name, rule.version, stage, "changed", verdict.reason))
        text = verdict.text
    return Judged(True, text, tuple(fired))


def verdict_of(rule: Rule, text: str, question: str, passages: list[str], language: str) -> Verdict:
    """What one rule says, whichever way it is asked."""
    if hasattr(rule, "judge_answer"):
        found: Verdict = rule.judge_answer(text, question, passages, language)
        return found
    return rule.judge(text, passages, language)


def cannot_look(rule: Rule) -> str:
    """Why a rule says nothing of any text: no server, no key, no signed policy; "" where it can look. Asks nobody."""
    if getattr(rule, "remote", False):
        return str(getattr(rule, "missing", ""))
    return verdict_of(rule, "?", "?", [], "en").skipped


def guard(
    stage: Stage,
    names: Sequence[str],
    text: str,
    passages: list[str],
    language: str,
    *,
    question: str = "",
    policy: GuardPolicy = NOTHING_SAID,
) -> Verdict:
    """As `judged`, in words."""
    found = judged(stage, rules_named(names, policy), text, passages, language, question)
    return Verdict(found.allowed, found.text, found.in_words())

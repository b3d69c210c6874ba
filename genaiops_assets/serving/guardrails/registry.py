"""The rules by the name a use case gives them, and applying them.

Belongs here: the list and the order of application. Does not belong here: any one rule.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping, Sequence

from genaiops_assets.errors import Refused
from genaiops_assets.lake import digest_of_text
from genaiops_assets.plugins import Registry
from genaiops_assets.serving.guardrails.base import Rule, Stage, Verdict

HERE = "genaiops_assets.serving.guardrails.rules"
RULES = Registry(
    "rule",
    "genaiops.rules",
    {"question_length": f"{HERE}:QuestionLength", "personal_data_masked": f"{HERE}:PersonalDataMasked"},
)


def described_guards(names: Sequence[str]) -> list[dict[str, str]]:
    """{name, version, stage, digest} of each rule, in their order: the digest is of the source of its module. Raises
    PluginError."""
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
    return digest_of_text(inspect.getsource(sys.modules[type(rule).__module__]))


def guard(stage: Stage, names: Sequence[str], text: str, passages: list[str], language: str) -> Verdict:
    """A text through the rules of a stage in the order given; the first that holds it back decides. Raises PluginError
    for a name that no rule has."""
    reasons: list[str] = []
    for rule in map(RULES.get, names):
        if rule.stage != stage:
            continue
        verdict = rule.judge(text, passages, language)
        if not verdict.allowed:
            return Verdict(False, "", f"{rule.name}: {verdict.reason}")
        if verdict.text != text:
            reasons.append(f"{rule.name}: {verdict.reason}")
        text = verdict.text
    return Verdict(True, text, "; ".join(reasons))

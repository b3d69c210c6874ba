"""The rules by the name a use case gives them, and applying them.

Belongs here: the list and the order of application. Does not belong here: any one rule.
"""

from __future__ import annotations

from collections.abc import Sequence

from genaiops_assets.plugins import Registry
from genaiops_assets.serving.guardrails.base import Stage, Verdict

HERE = "genaiops_assets.serving.guardrails.rules"
RULES = Registry(
    "rule",
    "genaiops.rules",
    {"question_length": f"{HERE}:QuestionLength", "personal_data_masked": f"{HERE}:PersonalDataMasked"},
)


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

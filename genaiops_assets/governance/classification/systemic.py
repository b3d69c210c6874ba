"""What the Commission is told of a model with systemic risk, and the criteria it looks at besides computation.

Belongs here: the factors of Annex XIII as far as this platform knows them, the fields of a notification, arguments
against the presumption. Does not belong here: whether there is systemic risk (`facts.py`), the file of Art. 55."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genaiops_assets.evidence import Evidence, claim, has
from genaiops_assets.governance.classification.answers import FILE, Answers
from genaiops_assets.governance.classification.computation import RECORD, two_figures
from genaiops_assets.governance.classification.facts import Fact

FACTORS = {  # point of Annex XIII → what it looks at
    "a": {"en": "number of parameters", "zh": "参数数量"},
    "b": {"en": "size and quality of the data set", "zh": "数据集的规模与质量"},
    "c": {"en": "computation used for training", "zh": "训练所用计算量"},
    "d": {"en": "modalities of input and output", "zh": "输入与输出的模态"},
    "e": {"en": "benchmarks and capabilities", "zh": "基准测试与能力"},
    "f": {"en": "registered business users in the Union", "zh": "欧盟境内注册企业用户数"},
    "g": {"en": "registered end-users", "zh": "注册最终用户数"},
}
ELSEWHERE = {"e": "eval_report"}  # asset that measures it


def factors_of(base: Evidence, last: Evidence, compute: Mapping[str, Any], answers: Answers, *, due: bool) -> list[Any]:
    """Each criterion of Annex XIII with what is known of it. `due`: a provider of a general-purpose model has to know
    the others, so what only people can say is a gap then."""
    known: dict[str, Any] = {
        "a": {"parameters": claim(base, "/parameters")},
        "c": {
            "flop": compute["whole"]["cumulative"],
            "unit": "FLOP",
            "said": two_figures(compute["whole"]["cumulative"]),
        },
        "d": {"modalities": ["text"]},
        "e": {"measured_in": ELSEWHERE["e"]},
    }
    if has(last, f"{RECORD}/tokens"):
        known["b"] = {"tokens_of_this_training": claim(last, f"{RECORD}/tokens")}
    for point, question in (("f", "business_users_in_union"), ("g", "end_users")):
        said = answers.said(question)
        if said is not None:
            known[point] = {"users": said.value, "because": said.because}
        elif due:
            known[point] = {"gap": True, "name": f"{FILE}: answers.{question}"}
    return [{"point": point, "title": dict(title), "known": known.get(point)} for point, title in FACTORS.items()]


def notification_of(
    facts: Mapping[str, Fact], compute: Mapping[str, Any], answers: Answers, rule: Mapping[str, Any] | None
) -> dict[str, Any] | None:
    """What Art. 52(1) asks the provider to send, and its arguments against the presumption if it has any (Art. 52(2):
    capabilities and benchmarks count, mitigations do not); None where nothing is to be notified."""
    if rule is None or not facts["systemic"].value:
        return None
    rebuttal = answers.said("rebuttal")
    return {
        "within_days": rule["days"],
        "articles": list(rule["articles"]),
        "flop": two_figures(compute["whole"]["cumulative"]),
        "unit": "FLOP",
        "approach": compute["how"],
        "upstream": compute["upstream"]["how"],
        "rel_uncertainty": compute["rel_uncertainty"],
        "rebuttal": rebuttal.because if rebuttal is not None and rebuttal.value else None,
    }

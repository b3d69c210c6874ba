"""The model card inside an ML-BOM of CycloneDX 1.7, and the properties that its taxonomy reserves.

Belongs here: `modelCard` and `cdx:ai-ml:*`. Does not belong here: the components around it (`cyclonedx.py`). Sources:
bom-1.7.schema.json, definitions modelCard to co2Measure; CycloneDX/cyclonedx-property-taxonomy, cdx/ai-ml.md; checked
on 2026-12-01."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genaiops_assets.governance.evaluation_exports import Figure
from genaiops_assets.governance.machine_forms.record import VersionRecord
from genaiops_assets.use_case import METHODS

REINFORCED = {"grpo", "rloo"}


def model_card(record: VersionRecord) -> dict[str, Any]:
    return {
        "bom-ref": f"card/{record.version}",
        "modelParameters": parameters(record),
        "quantitativeAnalysis": {"performanceMetrics": [metric(figure) for figure in record.judged.figures]},
        "considerations": considerations(record),
        "properties": energy_properties(record),
    }


def parameters(record: VersionRecord) -> dict[str, Any]:
    architecture = record.base.get("architecture")
    data = [n for n in ("filtered_corpus", "preference_pairs", "golden_set") if record.lineage.named(n)]
    found: dict[str, Any] = {
        "task": "text-generation",
        "datasets": [{"ref": f"data/{name}"} for name in data],
        "inputs": [{"format": "text"}],
        "outputs": [{"format": "text"}],
    }
    if is_tuned(record):
        how = "reinforcement-learning" if record.plan["method"] in REINFORCED else "supervised"
        found["approach"] = {"type": how}
    if architecture:
        found |= {"modelArchitecture": architecture, "architectureFamily": family(architecture)}
    return found


def is_tuned(record: VersionRecord) -> bool:
    return METHODS.get(str(record.plan.get("method", "none"))).relation is not None


def family(architecture: str) -> str:
    """`LlamaForCausalLM` → `Llama`"""
    return architecture.partition("For")[0] or architecture


def metric(figure: Figure) -> dict[str, Any]:
    """One measured figure; its interval where there is one."""
    value = figure.value
    part = " · ".join(p for p in (figure.cell, figure.slice) if p)
    found: dict[str, Any] = {"type": f"{figure.suite}.{figure.metric}", "value": str(value["mean"])}
    if part:
        found["slice"] = part
    if value["low"] is not None:
        found["confidenceInterval"] = {"lowerBound": str(value["low"]), "upperBound": str(value["high"])}
    return found


def considerations(record: VersionRecord) -> dict[str, Any]:
    oversight = record.said("/intended_use/human_oversight")
    ethics = record.said("/ethical_considerations/text")
    limits = [record.said("/caveats_and_recommendations/limitations")]
    limits += [f"out of scope: {text}" for text in listed(record, "/intended_use/out_of_scope")]
    found: dict[str, Any] = {
        "users": listed(record, "/intended_use/users"),
        "useCases": [text for text in [record.said("/intended_use/use")] if text],
        "technicalLimitations": [text for text in limits if text],
        "performanceTradeoffs": tradeoffs(record),
        "ethicalConsiderations": [{"name": ethics, **({"mitigationStrategy": oversight} if oversight else {})}]
        if ethics
        else [],
        "fairnessAssessments": [fairness(group) for group in record.groups],
    }
    if energy := energy_used(record):
        found["environmentalConsiderations"] = {"energyConsumptions": [energy]}
    return {name: value for name, value in found.items() if value}


def listed(record: VersionRecord, pointer: str) -> list[str]:
    found = record.said(pointer, [])
    return [entry["text"] if isinstance(entry, dict) else str(entry) for entry in found]


def tradeoffs(record: VersionRecord) -> list[str]:
    """What tuning was found to have lost, kept, or not shown to have kept."""
    losses = record.said("/quantitative_analyses/losses", {})
    claims = [claim["value"] for claim in losses.values() if isinstance(claim, dict) and claim.get("value")]
    return [f"{value['what']}: {value['verdict'].replace('_', ' ')}" for value in claims]


def fairness(group: Mapping[str, Any]) -> dict[str, str]:
    """As the social impact assessment has it; what nobody wrote is left out."""
    named = {"groupAtRisk": "group", "benefits": "benefit", "harms": "harm", "mitigationStrategy": "what_is_done"}
    return {theirs: group[ours] for theirs, ours in named.items() if group.get(ours) and "gap" not in group[ours]}


def energy_used(record: VersionRecord) -> dict[str, Any]:
    """The energy of the training as it was metered or estimated. Who supplied it and from what is not known here: the
    schema asks for both, so the source is "unknown" and the organisation has no name."""
    kwh = (record.run.get("energy") or {}).get("kwh")
    if kwh is None:
        return {}
    amount = {"value": kwh, "unit": "kWh"}
    return {
        "activity": "fine-tuning",
        "energyProviders": [{"organization": {}, "energySource": "unknown", "energyProvided": amount}],
        "activityEnergyCost": amount,
    }


def energy_properties(record: VersionRecord) -> list[dict[str, str]]:
    """How the energy was come by: 1.7 has no field for it (CycloneDX/specification#396)."""
    facts = record.run.get("energy") or {}
    return [
        {"name": f"genaiops:energy:{name}", "value": str(value)} for name, value in sorted(facts.items()) if value != ""
    ]


def taxonomy(record: VersionRecord) -> list[dict[str, str]]:
    """The names of cdx/ai-ml.md, from what the base model's files and the plan say."""
    about, plan = record.base, record.plan
    adapted = "full" if not plan.get("lora") else "qlora" if plan.get("load_in_4bit") else "lora"
    named = {
        "model:languages": ",".join(sorted(k for k in record.corpus.get("languages", {}) if k != "other")),
        "model:parameter:count": millions(about.get("parameters")),
        "model:parameter:tune_methods": f"{plan['method']}, {adapted}" if is_tuned(record) else "",
        "model:hyperparameter:context_length": about.get("context_length"),
        "model:hyperparameter:hidden_size": about.get("hidden_size"),
        "model:hyperparameter:num_hidden_layers": about.get("layers"),
        "model:hyperparameter:vocab_size": about.get("vocabulary"),
        "model:hyperparameter:quantization": about.get("dtype"),
    }
    return [{"name": f"cdx:ai-ml:{name}", "value": str(value)} for name, value in named.items() if value]


def millions(count: int | None) -> str:
    """134515008 → `134.5M`, as the taxonomy has it."""
    if not count:
        return ""
    for letter, size in (("T", 10**12), ("B", 10**9)):
        if count >= size:
            return f"{count / size:.4g}{letter}"
    return f"{count / 10**6:.4g}M"

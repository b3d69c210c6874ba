"""How much of an ML-BOM readers of AI BOMs find: the nine checks of the profile `ai-readiness` of sbom-tools.

Belongs here: those nine questions to a document of CycloneDX. Does not belong here: filling it (`cyclonedx_card.py`).
Source: sbom-tool/sbom-tools, issue 184 and pull request 205 (June 2026), AI-001 to AI-009; the names are theirs, what
answers them is read from bom-1.7.schema.json."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from genaiops_assets.evidence import resolve_pointer

Component = Mapping[str, Any]


def has(pointer: str) -> Callable[[Component], bool]:
    """Whether something stands at a pointer into the model card."""

    def look(component: Component) -> bool:
        try:
            return bool(resolve_pointer(component.get("modelCard", {}), pointer))
        except KeyError:
            return False

    return look


def has_card_url(component: Component) -> bool:
    return any(r["type"] == "model-card" and r["url"] for r in component.get("externalReferences", []))


CHECKS: dict[str, tuple[str, Callable[[Component], bool]]] = {
    "AI-001": ("where the model card is", has_card_url),
    "AI-002": ("architecture family", has("/modelParameters/architectureFamily")),
    "AI-003": ("training data", has("/modelParameters/datasets")),
    "AI-004": ("quantitative analysis", has("/quantitativeAnalysis/performanceMetrics")),
    "AI-005": ("fairness assessments", has("/considerations/fairnessAssessments")),
    "AI-006": ("energy", has("/considerations/environmentalConsiderations/energyConsumptions")),
    "AI-007": ("use cases", has("/considerations/useCases")),
    "AI-008": ("limitations", has("/considerations/technicalLimitations")),
    "AI-009": ("ethical considerations", has("/considerations/ethicalConsiderations")),
}


def readiness(document: Mapping[str, Any]) -> dict[str, bool]:
    """Check → whether every tuned model of the document passes it: the main component and others beside it, not their
    ancestors, of which only their makers can say it."""
    models = [
        c
        for c in (document.get("metadata", {}).get("component", {}), *document.get("components", []))
        if c.get("type") == "machine-learning-model"
    ]
    return {f"{name} {title}": bool(models) and all(look(m) for m in models) for name, (title, look) in CHECKS.items()}

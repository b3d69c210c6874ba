"""Whether a document is owed, as the regulatory classification says.

Belongs here: reading that one answer. Does not belong here: the classification itself
(`governance/compliance`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genaiops_assets.evidence import claim, has, labels
from genaiops_assets.governance.documents.base import Source

CLASSIFICATION = "regulatory_classification"
CLASSIFIED = (CLASSIFICATION,)  # what documents read of it
SYSTEMIC = "systemic_risk_file"  # owed for models with systemic risk alone (Art. 55)


def owed_of(sources: Mapping[str, Source], document: str) -> dict[str, Any]:
    """{"owed", "because", "because_in", "articles"} as claims on the classification, those that it states; {"missing"}
    where nothing was classified yet, or the classification does not speak of this document."""
    if CLASSIFICATION not in sources:
        return {"missing": CLASSIFICATION}
    found, place = sources[CLASSIFICATION].evidence, f"/owed/{document}"
    if not has(found, f"{place}/owed"):
        return {"missing": f"{CLASSIFICATION}{place}"}
    return {
        name: claim(found, f"{place}/{name}")
        for name in ("owed", "because", "because_in", "articles")
        if has(found, f"{place}/{name}")
    }


def is_owed(owed: Mapping[str, Any]) -> bool:
    """Whether the classification says so; nothing said is not owed, and `missing` says why."""
    return bool("owed" in owed and owed["owed"]["value"])


def page_context(document: Mapping[str, Any], language: str, **more: Any) -> dict[str, Any]:
    """What the templates of these documents need: `doc`, labels `t`, `language`, and `cited`, which words articles."""
    from genaiops_assets.governance.compliance import all_in_words

    return {"doc": document, "t": labels(language), "language": language, "cited": all_in_words, **more}

"""The front matter of a model card, which the Hub reads.

Belongs here: the fields of huggingface/hub-docs modelcard.md. Does not belong here: the card (`model_card.py`)."""

from __future__ import annotations

from typing import Any

from genaiops_assets.governance.documents.hub import hub_model, license_fields
from genaiops_assets.use_case import METHODS


def card_metadata(card: dict[str, Any]) -> dict[str, Any]:
    """The YAML front matter of a card (huggingface/hub-docs modelcard.md); our own data is under `x_genaiops`."""
    details = card["sections"]["model_details"]
    method = details["plan"]["method"]["value"]
    relation = METHODS.get(method).relation
    base = hub_model(details["base"]["ref"]["value"]) if "ref" in details["base"] else None
    return {
        "language": [card["language"]],
        **license_fields([details["base"]["license"]["value"]]),
        **({"base_model": base} if base else {}),
        **({"base_model_relation": relation} if base and relation else {}),
        **({"library_name": "peft"} if relation == "adapter" else {}),
        "pipeline_tag": "text-generation",
        "tags": ["genaiops", "retrieval-augmented-generation", *([method] if relation else [])],
        "x_genaiops": {
            "use_case": card["use_case"],
            "model_version": card["model_version"]["value"],
            "plan": card["model_version"]["digest"],
        },
    }

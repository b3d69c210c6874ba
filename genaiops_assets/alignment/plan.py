"""The model plan: everything that determines a training, frozen; its hash is the model version.

Belongs here: building the plan and its version. Does not belong here: carrying it out.
"""

from __future__ import annotations

from typing import Any

from genaiops_assets.alignment.prompts import PROMPT_VERSION
from genaiops_assets.lake import digest_of
from genaiops_assets.use_case import UseCase

TRAINING_CODE = "1"
SCHEMA_VERSION = 1


def build_plan(
    uc: UseCase, *, base: dict[str, Any], pairs: dict[str, Any], corpus: dict[str, Any], evaluation: dict[str, Any]
) -> dict[str, Any]:
    """`training` determines the weights and names the version; `evaluation` pins what the version is judged with. `base`, `pairs` and
    `corpus` carry the digest of each."""
    alignment = uc.alignment.model_dump(mode="json", exclude={"pairs", "external_checkpoint"})
    training = {
        **alignment,
        "base": base,
        "dtype": uc.model.dtype,
        "load_in_4bit": uc.model.load_in_4bit,
        "pairs": pairs,
        "corpus": corpus,
        "language": uc.language,
        "prompts": PROMPT_VERSION,
        "code_version": TRAINING_CODE,
        "cpus": uc.compute.cpus,
    }
    return {
        "schema_version": SCHEMA_VERSION,
        "model_version": version_of(training),
        "training": training,
        "evaluation": evaluation,
    }


def version_of(training: dict[str, Any]) -> str:
    """`mv-` and 12 hex digits of the training's digest."""
    return f"mv-{digest_of(training)[:12]}"

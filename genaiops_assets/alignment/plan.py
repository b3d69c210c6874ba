"""The model plan: everything that determines a training, frozen; its hash is the model version.

Belongs here: building the plan and its version. Does not belong here: carrying it out.
"""

from __future__ import annotations

from typing import Any

from genaiops_assets.governance.release import production_release
from genaiops_assets.lake import Artifact, Lake, digest_of
from genaiops_assets.models import PROMPT_VERSION
from genaiops_assets.use_case import UseCase

TRAINING_CODE = "1"
SCHEMA_VERSION = 1


def build_plan(
    uc: UseCase,
    *,
    base: dict[str, Any],
    pairs: dict[str, Any],
    corpus: dict[str, Any],
    evaluation: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """`training` determines the weights and names the version. `base`, `pairs` and `corpus` carry the digest of each.
    `evaluation` is empty: what a version is judged by is its evaluation plan; plans of earlier releases froze it here."""
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
        "evaluation": evaluation or {},
    }


def version_of(training: dict[str, Any]) -> str:
    """`mv-` and 12 hex digits of the training's digest."""
    return f"mv-{digest_of(training)[:12]}"


def focus_of(lake: Lake, uc: UseCase) -> str:
    """Digest of the interactions that the pairs take questions from; stays until the next drift replaces it."""
    head = lake.heads.get(uc.key("retraining_focus"))
    return head["digest"] if head else ""


def planned_base(lake: Lake, uc: UseCase) -> str | None:
    """Stamp of the base model that the last plan was made from, or None before that."""
    head = lake.heads.get(uc.key("planned_base"))
    return head["digest"] if head else None


def note_planned_base(lake: Lake, uc: UseCase) -> None:
    """The plan is made: its base model is the one `base_model` saw last. Noted here and not there, because a run that
    fails in between has answered nothing."""
    if seen := lake.heads.get(uc.key("base_model_stamp")):
        lake.heads.put(uc.key("planned_base"), None, {"digest": seen["digest"]})


def plan_of(lake: Lake, uc: UseCase, version: str) -> tuple[Artifact, dict[str, Any]]:
    """The frozen plan of a model version. Raises KeyError when no plan registered it."""
    artifact = lake.current(uc.key("model_plan"), version)
    return artifact, artifact.json("plan.json")


def has_sft(uc: UseCase) -> bool:
    """Whether supervised fine-tuning comes before alignment."""
    return uc.alignment.method == "dpo" and uc.alignment.sft.steps > 0


def freeze(lake: Lake, uc: UseCase, version: str) -> None:
    """The first plan of a version stays its plan: later runs with other evaluation inputs do not change what it was
    judged with."""
    if lake.heads.get(uc.key("model_plan"), version) is None:
        head = lake.heads.get(uc.key("model_plan"))
        assert head is not None
        lake.heads.put(uc.key("model_plan"), version, {**head, "partition": version})


def comparable(lake: Lake, uc: UseCase, base: str) -> str:
    """The version in production, when it was made from the same base model; else nothing, and the base model itself is
    what came before."""
    released = production_release(lake, uc)
    if released is None or plan_of(lake, uc, released.model_version)[1]["training"]["base"]["digest"] != base:
        return ""
    return released.model_version

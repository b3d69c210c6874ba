"""The model plan: everything that determines a training, frozen; its hash is the model version.

Belongs here: the plan's shape, building it and its version. Does not belong here: carrying it out.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from genaiops_assets.alignment.methods.registry import files_of, method_of, section_of, stage_of, stages_of
from genaiops_assets.governance.release import production_release
from genaiops_assets.lake import Artifact, Lake, digest_of
from genaiops_assets.models import prompt_fields, prompts_of
from genaiops_assets.use_case import Dtype, Rounding, UseCase

# Raised where the same plan would lead to other weights, for the trainings it is true of: versions of others keep their
# names. 2: adapters of a 4-bit base are trained in float32.
TRAINING_CODE = "1"
TRAINING_CODE_4BIT = "2"
SCHEMA_VERSION = 1


class Planned(BaseModel):
    """Part of a plan. Fields that a method of another distribution added are kept as they are."""

    model_config = ConfigDict(extra="allow", frozen=True)

    def to_json(self) -> dict[str, Any]:
        """As it stands in plan.json, field by field."""
        return self.model_dump(mode="json", exclude_unset=True)


class PlannedBase(Planned):
    """The base model: its reference, the digest of its bytes, its licence and the digest of its record."""

    ref: str
    digest: str
    license: str | None = None
    record: str


class PlannedRows(Planned):
    """A set of rows that a training rests on. `left_out`: ids of those it does not learn from."""

    digest: str
    rows: int
    left_out: list[str] = []


class Training(Planned):
    """What determines the weights: section `alignment` of the use case, and the inputs by digest. `cpus`: threads, on
    which the last digits depend. `prompts`: their version; a use case's own stand under `prompt_texts`."""

    method: str
    seed: int
    base: PlannedBase
    dtype: Dtype
    load_in_4bit: Rounding
    pairs: PlannedRows
    corpus: PlannedRows
    language: str
    prompts: str
    code_version: str
    cpus: int

    def stage(self, name: str) -> dict[str, Any]:
        """The configuration of one stage, as its payload and its memo key take it."""
        return stage_of(self.to_json(), name)

    def stages(self) -> tuple[str, ...]:
        return stages_of(self.to_json())


class ModelPlan(Planned):
    """plan.json. `evaluation` pins what a version was judged with; it is not part of the version."""

    schema_version: Literal[1]
    model_version: str
    training: Training
    evaluation: dict[str, Any] = {}

    @staticmethod
    def read(content: dict[str, Any]) -> ModelPlan:
        """Raises ValueError where a plan is none, or does not lead to the version it names."""
        plan = ModelPlan.model_validate(content)
        if (version := version_of(plan.training.to_json())) != plan.model_version:
            raise ValueError(f"this plan names the version {plan.model_version}, but its training is {version}")
        return plan


def build_plan(
    uc: UseCase,
    *,
    base: dict[str, Any],
    pairs: dict[str, Any],
    corpus: dict[str, Any],
    evaluation: dict[str, Any] | None = None,
    code: str = "",
    files: dict[str, dict[str, str]] | None = None,
) -> dict[str, Any]:
    """`training` determines the weights and names the version. `base`, `pairs` and `corpus` carry the digest of each,
    `code` is the digest of what trains: modules and libraries; `files`: reference and digest of what else the training
    takes (`files_of`). Raises ValueError where one is missing. `evaluation` is empty: what a version is judged by is
    its evaluation plan; plans of earlier releases froze it here."""
    if missing := sorted(files_of(section_of(uc)).keys() - (files or {}).keys()):
        raise ValueError(f"the training takes {', '.join(missing)}, which the plan would not name by digest")
    alignment = uc.alignment.model_dump(
        mode="json",
        exclude={"pairs", "noise", "judging", "stability"} | ({"external_checkpoint"} if not files else set()),
    )
    training = {
        **alignment,
        "base": base,
        "dtype": uc.model.dtype,
        "load_in_4bit": uc.model.rounding,
        "pairs": pairs,
        "corpus": corpus,
        "language": uc.language,
        **prompt_fields(prompts_of(uc)),
        "code_version": f"{training_code(uc)}+{code}" if code else training_code(uc),
        "cpus": uc.compute.cpus,
        **({"files": files} if files else {}),
    }
    return {
        "schema_version": SCHEMA_VERSION,
        "model_version": version_of(training),
        "training": training,
        "evaluation": evaluation or {},
    }


def training_code(uc: UseCase) -> str:
    """The code that trains, with that of each method that comes from another distribution."""
    ours = TRAINING_CODE_4BIT if uc.model.rounding else TRAINING_CODE
    methods = [method_of(name) for name in stages_of(section_of(uc))]
    return "+".join([ours, *(f"{method.name}-{method.code_version}" for method in methods if method.code_version)])


def version_of(training: dict[str, Any]) -> str:
    """`mv-` and 12 hex digits of the training's digest."""
    return f"mv-{digest_of(training)[:12]}"


def focus_of(lake: Lake, uc: UseCase) -> str:
    """Digest of the interactions that the pairs take questions from; stays until the next drift replaces it."""
    note = lake.notes.get(uc.name, "retraining_focus")
    return note["digest"] if note else ""


def planned_base(lake: Lake, uc: UseCase) -> str | None:
    """Stamp of the base model that the last plan was made from, or None before that."""
    note = lake.notes.get(uc.name, "planned_base")
    return note["digest"] if note else None


def note_planned_base(lake: Lake, uc: UseCase) -> None:
    """The plan is made: its base model is the one `base_model` saw last. Noted here and not there, because a run that
    fails in between has answered nothing."""
    if seen := lake.notes.get(uc.name, "base_model_stamp"):
        lake.notes.put(uc.name, "planned_base", {"digest": seen["digest"]})


def plan_of(lake: Lake, uc: UseCase, version: str) -> tuple[Artifact, ModelPlan]:
    """The frozen plan of a model version and the artifact it stands in. Raises KeyError when no plan registered it,
    ValueError when it is none."""
    artifact = lake.current(uc.key("model_plan"), version)
    return artifact, ModelPlan.read(artifact.json("plan.json"))


def read_plan(lake: Lake, uc: UseCase, version: str) -> ModelPlan:
    """The frozen plan of a model version. Raises as `plan_of`."""
    return plan_of(lake, uc, version)[1]


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
    if released is None or read_plan(lake, uc, released.model_version).training.base.digest != base:
        return ""
    return released.model_version

"""One stage of a plan carried out: what the checkpoints of all stages share.

Belongs here: the training from the frozen plan alone, and what a checkpoint is made of. Does not belong here:
assets."""

from dataclasses import asdict
from typing import Any

import dagster as dg

from genaiops_assets.alignment import (
    AdoptInputs,
    Data,
    Learned,
    ModelPlan,
    SnapshotRef,
    TrainInputs,
    checkpoints_of,
    figures_of,
    inputs_of_stage,
    method_of,
    read_plan,
)
from genaiops_assets.compute import energy_estimate
from genaiops_assets.evidence import draw_curves
from genaiops_assets.lake import Artifact, Lake, Workplace, write_json
from genaiops_assets.models import BaseModelFiles, ModelSpec
from genaiops_assets.orchestration.failures import PermanentFailure
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import notice
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase


def base_of(lake: Lake, uc: UseCase, plan: ModelPlan) -> BaseModelFiles:
    """The base model's files, their bytes still those of the plan. Raises PermanentFailure when they changed."""
    planned = plan.training.base
    return as_planned(lake, uc, planned.ref, planned.digest)


def as_planned(lake: Lake, uc: UseCase, ref: str, digest: str) -> BaseModelFiles:
    """What a plan names, its bytes unchanged. Raises PermanentFailure when they changed."""
    found = lake.resolve(ref, uc.folder)
    if found.digest != digest:
        raise PermanentFailure(
            f"{found.ref} is not the model of this plan any more (digest {found.digest[:12]}, plan {digest[:12]})"
        )
    return BaseModelFiles.model_validate(asdict(found))


def files_of_plan(lake: Lake, uc: UseCase, plan: ModelPlan) -> dict[str, BaseModelFiles]:
    """What else a training takes, by name: a checkpoint tuned elsewhere, a teacher."""
    planned: dict[str, dict[str, str]] = plan.training.to_json().get("files", {})
    return {name: as_planned(lake, uc, file["ref"], file["digest"]) for name, file in planned.items()}


def adapter_of(checkpoint: Artifact) -> str | None:
    """Where the adapter lies as a local folder; None for a checkpoint that is the base model itself."""
    adapter = checkpoint.local("adapter")
    return str(adapter) if adapter.exists() else None


def spec_of(lake: Lake, uc: UseCase, plan: ModelPlan, checkpoint: Artifact) -> ModelSpec:
    """A version as everything loads it: the base model of its plan and what was tuned. Raises PermanentFailure."""
    return ModelSpec(
        base=base_of(lake, uc, plan),
        adapter=adapter_of(checkpoint),
        dtype=plan.training.dtype,
        load_in_4bit=plan.training.load_in_4bit,
    )


def notice_of(found: Learned) -> dg.AssetCheckResult:
    """Whether a training taught anything, as a finding people should see."""
    return notice(not found.problems, problems="; ".join(found.problems) or "none", **found.facts)


def run_of(run: dict[str, Any], uc: UseCase) -> dict[str, Any]:
    """What varied in this run; energy from CPU seconds where nothing measured it and the use case states a power."""
    energy = run["energy"]
    if energy["kwh"] is None and "why" not in energy:
        energy = energy_estimate(run["cpu_seconds"], uc.compute.watts_per_cpu)
    return {**run, "energy": energy}


def trained(making: Making, stage: str) -> dg.MaterializeResult:
    """The checkpoint of one stage, made from the plan alone. A method that learns from nothing has the base model
    itself as its checkpoint."""
    lake, uc, version = making.lake, making.uc, making.partition
    plan = read_plan(lake, uc, version)
    section = plan.training.to_json()
    if stage not in plan.training.stages():
        raise PermanentFailure(
            f"the training of {version} has no stage {stage}: its plan says {', '.join(plan.training.stages())}"
        )
    method, config = method_of(stage), plan.training.stage(stage)
    pairs = lake.artifacts.get(uc.key("preference_pairs"), plan.training.pairs.digest)
    assets = checkpoints_of(section)
    given = {
        name: lake.current(uc.key(assets[other]), version) for name, other in inputs_of_stage(section, stage).items()
    }
    for name, asset in making.reads.digests.items():  # what the use case says now; the plan may be older
        making.take(asset, given[name].digest if name in given else "")

    def build(place: Workplace) -> Built:
        checkpoint = {"method": method.name, "base": plan.training.base.digest}
        files = files_of_plan(lake, uc, plan)
        if source := files.get("external_checkpoint"):
            given_files = AdoptInputs(base=base_of(lake, uc, plan), source=source)
            facts = making.launch(place, "adopt_checkpoint", given_files.to_json(), {})
            source_facts = {"ref": source.ref, "digest": source.digest, **facts}
            write_json(place.staging / "checkpoint.json", {**checkpoint, "tuned_elsewhere": source_facts})
            return Built({"method": method.name, **facts})
        if method.data is Data.NOTHING:
            write_json(place.staging / "checkpoint.json", checkpoint)
            return Built({"method": method.name})
        inputs = TrainInputs(
            base=base_of(lake, uc, plan),
            pairs=SnapshotRef(**pairs.snapshot(uc.key("preference_pairs")).to_dict()),
            teacher=files.get("teacher"),
            **{name: str(artifact.local("adapter")) for name, artifact in given.items()},
            left_out=plan.training.pairs.left_out,
        )
        result = making.launch(place, "train_model", inputs.to_json(), config, seed=plan.training.seed)
        log, run = result["log"], run_of(result["run"], uc)
        write_json(place.staging / "checkpoint.json", {**checkpoint, "model_version": plan.model_version})
        series = {name: [(h["step"], h[name]) for h in log["history"] if name in h] for name in method.curves}
        draw_curves(
            place.staging / "views/training.png",
            f"{method.label} of {plan.model_version}",
            {name: points for name, points in series.items() if points},
            xlabel="step",
        )
        return Built(
            {
                **{k: log[k] for k in ("method", "steps", "train_loss", "trainable_parameters", "final")},
                "pairs_used": log["pairs_used"],
                "pairs_too_long": log["pairs_left_out"]["too_long"],
                "pairs_without_signal": log["pairs_left_out"]["without_signal"],
                "seconds": result["seconds"],
                "peak_memory_mb": result["peak_rss_bytes"] // 2**20,
                **figures_of(result["record"], run),
            },
            {"steps": log["history"]},
            run=run,  # estimate and measurement side by side, for `estimate_was_right`
        )

    return making.produce(
        build,
        config=config,
        also={
            "base": plan.training.base.digest,
            "pairs": pairs.digest,
            "start": "",
            **{name: artifact.digest for name, artifact in given.items()},
            **{name: file["digest"] for name, file in section.get("files", {}).items()},
        },
        seed=plan.training.seed,
        planned_code=plan.training.code_version,
    )

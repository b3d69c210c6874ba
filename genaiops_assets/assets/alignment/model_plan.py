"""Asset `model_plan`: everything that determines a training, frozen; registers the model version."""

from typing import Any

import dagster as dg

from genaiops_assets.alignment import (
    Data,
    ModelPlan,
    build_plan,
    files_of,
    freeze,
    method_of,
    note_planned_base,
    section_of,
)
from genaiops_assets.lake import Artifact, Lake, Workplace, write_json
from genaiops_assets.orchestration.code import code_digest
from genaiops_assets.orchestration.failures import PermanentFailure
from genaiops_assets.orchestration.gates import require_gates
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, data_gate, phase, versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase


def model_plan_assets(uc: UseCase) -> list[Any]:
    asset = phase(uc, "alignment")
    versions = versions_of(uc)

    @asset(
        kinds={"json"},
        reads=["preference_pairs", "base_model", "label_noise_report"],
        automation_condition=None,
        article="annex-XI.1.2",
        description="Everything that determines a training, frozen; its hash is the model version. Registers the "
        "version's partition key.",
    )
    def model_plan(making: Making) -> dg.MaterializeResult:
        lake = making.lake
        pairs, base = making.read("preference_pairs"), making.read("base_model")
        corpus = pairs.json("pairs.json")["corpus"]
        rows = pairs.snapshot(uc.key("preference_pairs")).rows
        left_out = suspects_of(uc, making.read_if_there("label_noise_report"), pairs)
        require_gates(
            lake, uc, {"filtered_corpus": corpus["digest"], "preference_pairs": pairs.digest, "base_model": base.digest}
        )
        record = base.json("base_model.json")
        plan = build_plan(
            uc,
            base={
                "ref": record["ref"],
                "digest": record["digest"],
                "license": record["license"],
                "record": base.digest,
            },
            pairs={"digest": pairs.digest, "rows": rows, **({"left_out": left_out} if left_out else {})},
            corpus=corpus,
            code=code_digest("aligned_checkpoint"),
            files=planned_files(lake, uc),
        )
        version = plan["model_version"]

        def build(place: Workplace) -> Built:
            write_json(place.staging / "plan.json", plan)
            training = plan["training"]
            shown = {
                "model_version": version,
                "method": training["method"],
                "steps": training["steps"],
                "pairs": rows,
                "left_out_as_noise": len(left_out),
            }
            inputs = [("pairs", {"digest": pairs.digest, "rows": rows}), ("corpus", corpus)]
            return Built(shown, {"inputs": [{"input": k, **v} for k, v in inputs]})

        result = making.produce(build, config=plan)
        freeze(lake, uc, version)
        note_planned_base(lake, uc)
        making.context.instance.add_dynamic_partitions(versions.name or "", [version])
        return result

    @check(
        uc,
        "model_plan",
        blocking=True,
        description="The version is the digest of the training it names, is registered, and has something to learn "
        "from.",
    )
    def plan_is_whole(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        content = platform.lake.current(uc.key("model_plan")).json("plan.json")
        try:
            plan = ModelPlan.read(content)
        except ValueError as error:
            return data_gate(False, problem=str(error), model_version=str(content.get("model_version")))
        registered = context.instance.has_dynamic_partition(versions.name or "", plan.model_version)
        problem = "" if registered else "its version is not registered: materialize model_plan again"
        if method_of(plan.training.method).data is not Data.NOTHING and not plan.training.pairs.rows:
            problem = "there is no preference pair to learn from"
        return data_gate(
            not problem,
            model_version=plan.model_version,
            pairs=plan.training.pairs.rows,
            problem=problem or "none",
        )

    return [model_plan, plan_is_whole]


def planned_files(lake: Lake, uc: UseCase) -> dict[str, dict[str, str]]:
    """Reference and digest of what a training takes beside base model and pairs."""
    found = {name: lake.resolve(ref, uc.folder) for name, ref in files_of(section_of(uc)).items()}
    return {name: {"ref": file.ref, "digest": file.digest} for name, file in found.items()}


def suspects_of(uc: UseCase, report: Artifact | None, pairs: Artifact) -> list[str]:
    """Ids of the pairs that the audit of labels takes out; none before its first report. Raises PermanentFailure where
    the report is about other pairs."""
    if report is None:
        return []
    found = report.json("label_noise.json")
    if found["of"] != pairs.snapshot(uc.key("preference_pairs")).digest:
        raise PermanentFailure("label_noise_report is about other pairs: materialize it first")
    return found["removed"]

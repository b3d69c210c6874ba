"""Asset `training_run_record`: what the training of a model version took, all stages together."""

from typing import Any

import dagster as dg

from genaiops_assets.alignment import RECORD, Data, StageRun, checkpoints_of, method_of, read_plan, training_account
from genaiops_assets.lake import Artifact, Workplace, write_json
from genaiops_assets.orchestration.automation import when_version_is_new
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, notice, phase, versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase

FILE = "training_run_record.json"
LAST = "aligned_checkpoint"


def training_run_record_assets(uc: UseCase) -> list[Any]:
    versions = versions_of(uc)

    @phase(uc, "alignment")(
        kinds={"json"},
        reads=[LAST],
        parts=["model_plan"],
        partitions_def=versions,
        automation_condition=when_version_is_new(),
        article="annex-XI.1.2",
        description="What the training of a version took: operations, tokens, time, memory and energy of each stage, "
        "and their sums. Documents cite it.",
    )
    def training_run_record(making: Making) -> dg.MaterializeResult:
        last = making.read(LAST, partition=making.partition)
        stages = stages_of_version(making, last)

        def build(place: Workplace) -> Built:
            runs = [stage_run(method, artifact) for method, artifact in stages]
            account = training_account(making.partition, last.digest, runs)
            write_json(place.staging / FILE, account)
            shown = ("method", "steps", "tokens", "flop_direct", "seconds", "energy_kwh")
            return Built(
                {**{k: v for k, v in account["totals"].items() if not isinstance(v, list)}, "stages": len(runs)},
                {"stages": [{name: row[name] for name in shown} for row in account["stages"]]},
            )

        before = {f"stage {method}": artifact.digest for method, artifact in stages[:-1]}
        return making.produce(build, config={}, also=before)

    @check(
        uc,
        "training_run_record",
        partitions_def=versions,
        description="Of every stage that was trained operations, time and energy are known.",
    )
    def nothing_is_unknown(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        account = platform.lake.current(uc.key("training_run_record"), context.partition_key).json(FILE)
        needed = ("flop_direct", "flop_cumulative", "seconds", "energy_kwh")
        unknown = [name for name in needed if account["trained"] and account["totals"][name] is None]
        return notice(not unknown, unknown=", ".join(unknown) or "none", why="; ".join(account["missing"]) or "none")

    return [training_run_record, nothing_is_unknown]


def stages_of_version(making: Making, last: Artifact) -> list[tuple[str, Artifact]]:
    """The trained stages of this run's version in order, each with its checkpoint; none where nothing was trained."""
    plan = read_plan(making.lake, making.uc, making.partition)
    assets = checkpoints_of(plan.training.to_json())
    found = []
    for method, asset in assets.items():
        if method_of(method).data is not Data.NOTHING:
            key = making.uc.key(asset)
            found.append((method, last if asset == LAST else making.lake.current(key, making.partition)))
    return found


def stage_run(method: str, checkpoint: Artifact) -> StageRun:
    made = checkpoint.provenance()
    return StageRun(
        asset=checkpoint.asset,
        digest=checkpoint.digest,
        method=method,
        record=checkpoint.json(RECORD) if checkpoint.local(RECORD).exists() else None,
        run=made.get("run") or {},
        hardware=made.get("hardware") or {},
        made_on=str(made.get("made_at", ""))[:10],
    )

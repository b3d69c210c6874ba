"""A world of stand-in assets whose automation is evaluated tick by tick. Holds no tests."""

from collections.abc import Collection
from typing import Any

import dagster as dg

from genaiops_assets.orchestration.automation import when_inputs_change, when_version_is_new

KEYS = ["mv-1", "mv-2", "mv-3"]
VERSIONS = dg.DynamicPartitionsDefinition(name="model_version")


class World:
    """Stand-in assets with the state that tests change: data versions, gates, broken assets; and the daemon's
    cursor."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance = instance
        self.cursor: Any = None
        self.data = {"source": "1", "middle": "1", "end": "1"}
        self.gate, self.broken = True, set[str]()
        self.meanwhile: dict[str, Any] = {}  # what happens while an asset runs, once
        self.defs = dg.Definitions([*self.side_without_versions(), *self.side_with_versions()])

    def result(self, name: str) -> dg.MaterializeResult:
        if happens := self.meanwhile.pop(name, None):
            happens()
        if name in self.broken:
            raise dg.Failure(f"{name} is broken")
        return dg.MaterializeResult(data_version=dg.DataVersion(self.data.get(name, "1")))

    def side_without_versions(self) -> list:
        @dg.asset
        def source() -> dg.MaterializeResult:
            return self.result("source")

        @dg.asset_check(asset=source, blocking=True)
        def source_is_good() -> dg.AssetCheckResult:
            return dg.AssetCheckResult(passed=self.gate)

        @dg.asset(deps=[source], automation_condition=when_inputs_change())
        def middle() -> dg.MaterializeResult:
            return self.result("middle")

        @dg.asset(deps=[middle], automation_condition=when_inputs_change())
        def end() -> dg.MaterializeResult:
            return self.result("end")

        return [source, source_is_good, middle, end]

    def side_with_versions(self) -> list:
        @dg.asset
        def plan() -> dg.MaterializeResult:
            return self.result("plan")

        @dg.asset(deps=[plan], partitions_def=VERSIONS, automation_condition=when_version_is_new())
        def checkpoint(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
            return self.result("checkpoint")

        @dg.asset_check(asset=checkpoint, blocking=True, partitions_def=VERSIONS)
        def checkpoint_reloads(context: dg.AssetCheckExecutionContext) -> dg.AssetCheckResult:
            return dg.AssetCheckResult(passed=self.gate)

        @dg.asset(deps=[checkpoint, "source"], partitions_def=VERSIONS, automation_condition=when_version_is_new())
        def report() -> dg.MaterializeResult:
            return self.result("report")

        @dg.asset(deps=[report, checkpoint], partitions_def=VERSIONS, automation_condition=when_version_is_new())
        def card() -> dg.MaterializeResult:
            return self.result("card")

        return [plan, checkpoint, checkpoint_reloads, report, card]

    def tick(self) -> set:
        """What the daemon requests now: names, or (name, version)."""
        found = dg.evaluate_automation_conditions(self.defs, self.instance, cursor=self.cursor)
        self.cursor = found.cursor
        keys = self.defs.resolve_asset_graph().get_all_asset_keys()
        parts = {(k.to_user_string(), p) for k in keys for p in found.get_requested_partitions(k)}
        return {(name, version) if version else name for name, version in parts}

    def make(self, *names: str, version: str | None = None) -> bool:
        """One run of assets with their checks. Returns whether it succeeded."""
        job = self.defs.resolve_implicit_global_asset_job_def()
        keys = [dg.AssetKey(n) for n in names]
        return job.execute_in_process(
            instance=self.instance, asset_selection=keys, partition_key=version, raise_on_error=False
        ).success

    def check(self, name: str) -> None:
        """Run the checks of an asset alone."""
        checks = dg.define_asset_job("checks", dg.AssetSelection.checks_for_assets(dg.AssetKey(name)))
        checks.resolve(asset_graph=self.defs.resolve_asset_graph()).execute_in_process(
            instance=self.instance, raise_on_error=False
        )

    def start(self, name: str, version: str | None = None) -> dg.DagsterRun:
        """A run of an asset that has begun and not ended."""
        job = self.defs.resolve_implicit_global_asset_job_def().get_subset(asset_selection={dg.AssetKey(name)})
        tags = {"dagster/partition": version} if version else None
        return self.instance.create_run_for_job(job, status="STARTED", tags=tags, asset_selection={dg.AssetKey(name)})

    def add(self, *versions: str) -> None:
        self.instance.add_dynamic_partitions("model_version", list(versions))

    def answer(self, requested: Collection) -> None:
        """Do what was requested, each version in one run."""
        for version in sorted({version for _, version in requested}):
            self.make(*[r[0] for r in requested if r[1] == version], version=version)

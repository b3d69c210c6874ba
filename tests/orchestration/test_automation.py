"""The automation policies tick by tick, on stand-in assets: what is requested, how often, and what never.

Belongs here: one short story for each promise of `genaiops_assets/automation.py`. Does not belong here: the real
assets."""

from collections.abc import Collection, Iterator
from typing import Any

import dagster as dg
import pytest

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


@pytest.fixture
def world() -> Iterator[World]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield World(instance)


@pytest.fixture
def made(world: World) -> World:
    """Everything without versions made once, and the daemon has seen it."""
    assert world.make("source", "middle", "end", "plan")
    assert world.tick() == set()
    return world


# --- when_inputs_change
# ------------------------------------------------------------------------------------------------


def test_the_same_data_version_again_requests_nothing(made: World) -> None:
    made.make("source")
    assert made.tick() == set()


def test_a_changed_data_version_requests_the_chain_once(made: World) -> None:
    made.data["source"] = "2"
    made.make("source")
    assert made.tick() == {"middle", "end"}
    assert made.tick() == set()
    made.make("middle", "end")
    assert made.tick() == set() and made.tick() == set()


def test_an_input_that_changes_while_its_asset_runs_is_requested_once_more(made: World) -> None:
    def another_version() -> None:
        made.data["source"] = "3"
        made.make("source")

    made.data["source"] = "2"
    made.make("source")
    assert made.tick() == {"middle", "end"}
    made.meanwhile["middle"] = another_version
    made.make("middle", "end")
    assert "middle" in made.tick()
    made.data["middle"] = made.data["end"] = "3"
    made.make("middle", "end")
    assert [made.tick() for _ in range(3)] == [set(), set(), set()]


def test_an_input_that_changes_after_the_run_and_before_the_tick_is_requested(made: World) -> None:
    made.data["source"] = "2"
    made.make("source", "middle", "end")
    made.data["source"] = "3"
    made.make("source")
    assert "middle" in made.tick()
    made.make("middle", "end")
    assert [made.tick() for _ in range(3)] == [set(), set(), set()]


def test_a_late_change_of_a_broken_asset_is_no_endless_request(made: World) -> None:
    made.data["source"] = "2"
    made.make("source", "middle", "end")
    made.data["source"] = "3"
    made.make("source")
    assert "middle" in made.tick()
    made.broken = {"middle"}
    made.make("middle")
    assert [made.tick() for _ in range(3)] == [set(), set(), set()]


def test_a_chain_that_a_sensor_refreshed_in_one_run_is_not_requested_again(made: World) -> None:
    made.data = {"source": "2", "middle": "2", "end": "2"}
    made.make("source", "middle", "end")
    assert made.tick() == set() and made.tick() == set()


def test_a_change_behind_a_closed_gate_waits_until_the_gate_opens(made: World) -> None:
    made.gate, made.data["source"] = False, "2"
    made.make("source")
    assert made.tick() == set() and made.tick() == set()
    made.gate = True
    made.check("source")
    assert made.tick() == {"middle", "end"}
    made.make("middle", "end")
    assert made.tick() == set()


def test_nothing_is_requested_while_the_asset_or_its_input_is_in_progress(made: World) -> None:
    run = made.start("middle")
    made.data["source"] = "2"
    made.make("source")
    assert made.tick() == set()
    made.instance.report_run_failed(run)
    assert made.tick() == {"middle", "end"}


def test_a_failed_run_is_not_requested_again_until_an_input_changes(made: World) -> None:
    made.data["source"], made.broken = "2", {"middle"}
    made.make("source")
    assert made.tick() == {"middle", "end"}
    assert not made.make("middle", "end")
    assert [made.tick() for _ in range(3)] == [set()] * 3
    made.data["source"] = "3"
    made.make("source")
    assert made.tick() == {"middle", "end"}


def test_a_missing_input_requests_nothing(world: World) -> None:
    world.tick()
    world.make("middle")
    assert world.tick() == {"end"}
    assert world.tick() == set()


# --- when_version_is_new
# -----------------------------------------------------------------------------------------------


def follow(world: World) -> list:
    """Tick and do what is requested, until two ticks in a row request nothing of a version."""
    requests, quiet = [], 0
    while quiet < 2:
        requested = [r for r in world.tick() if isinstance(r, tuple)]
        requests += requested
        quiet = 0 if requested else quiet + 1
        world.answer(requested)
    return requests


def whole(*versions: str) -> list:
    return sorted((n, v) for v in versions for n in ("checkpoint", "report", "card"))


def test_only_the_new_version_is_requested_and_only_once(made: World) -> None:
    for key in KEYS:
        made.add(key)
        made.make("plan")
        assert sorted(follow(made)) == whole(key)


def test_three_versions_at_once_are_each_requested_once(made: World) -> None:
    made.add(*KEYS)
    made.make("plan")
    assert sorted(follow(made)) == whole(*KEYS)


def test_versions_registered_while_the_daemon_was_off_are_requested_when_it_starts(world: World) -> None:
    world.make("source", "plan")
    world.add(*KEYS)
    world.make("checkpoint", "report", "card", version="mv-2")
    assert sorted(follow(world)) == whole("mv-1", "mv-3")


def test_a_daemon_that_lost_its_cursor_requests_only_what_is_missing(made: World) -> None:
    made.add("mv-1", "mv-2")
    follow(made)
    made.add("mv-3")
    made.cursor = None
    assert sorted(follow(made)) == whole("mv-3")


def test_older_versions_stay_when_the_plan_or_their_inputs_are_made_again(made: World) -> None:
    made.add(*KEYS)
    follow(made)
    made.data |= {"plan": "2", "source": "2", "checkpoint": "2"}
    made.make("plan")
    made.make("source")
    made.make("checkpoint", version="mv-1")
    assert follow(made) == []


def test_a_version_that_failed_is_not_requested_again_but_the_next_one_is(made: World) -> None:
    made.broken = {"checkpoint"}
    made.add("mv-1")
    assert made.tick() == {("checkpoint", "mv-1")}
    assert not made.make("checkpoint", version="mv-1")
    made.make("plan")
    assert [made.tick() for _ in range(3)] == [set()] * 3
    made.broken = set()
    made.add("mv-2")
    assert sorted(follow(made)) == whole("mv-2")


def test_the_rest_follows_when_a_person_repairs_a_failed_version(made: World) -> None:
    made.broken = {"checkpoint"}
    made.add("mv-1")
    made.answer(made.tick())
    made.broken = set()
    made.make("checkpoint", version="mv-1")
    assert sorted(follow(made)) == [("card", "mv-1"), ("report", "mv-1")]


def test_a_version_behind_a_closed_gate_waits_and_the_others_do_not(made: World) -> None:
    made.add("mv-1")
    made.gate = False
    made.answer(made.tick())
    assert made.tick() == set()
    made.gate = True
    made.add("mv-2")
    assert sorted(follow(made)) == whole("mv-2")
    made.make("checkpoint", version="mv-1")
    assert sorted(follow(made)) == [("card", "mv-1"), ("report", "mv-1")]


def test_a_version_in_progress_is_not_requested_and_the_others_are(made: World) -> None:
    made.add("mv-1", "mv-2")
    made.start("checkpoint", "mv-1")
    assert ("checkpoint", "mv-2") in made.tick()
    assert not any("mv-1" in r for r in made.tick())


def test_without_a_plan_no_version_is_requested(world: World) -> None:
    world.add("mv-1")
    assert world.tick() == set()
    world.make("source", "plan")
    assert ("checkpoint", "mv-1") in world.tick()

"""Gates: a failed blocking check holds back later runs too, by the digest it judged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from genaiops_assets.lake import Lake, gates_of
from genaiops_assets.orchestration.gates import DECLARED, require_gates
from genaiops_assets.orchestration.phases import check, data_gate
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase
from tests.support.lakes import bank_support, publish

UC = bank_support()


class World:
    """One asset with a blocking check whose outcome tests choose."""

    def __init__(self, home: Path, uc: UseCase):
        self.uc, self.platform, self.passes = uc, Platform(home=str(home)), True
        self.lake = Lake(home)
        key = dg.AssetKey([uc.name, "thing"])

        @check(uc, "thing", blocking=True, description="Whatever the test says.")
        def is_good(context, platform: Platform) -> dg.AssetCheckResult:
            return data_gate(self.passes)

        spec = dg.AssetSpec(key)
        self.defs = dg.Definitions(
            assets=[spec], asset_checks=[is_good], jobs=[], resources={"platform": self.platform}
        )
        self.job = dg.define_asset_job("checks", dg.AssetSelection.checks_for_assets(key))

    def publish(self, content: str) -> str:
        return publish(self.lake, self.uc.key("thing"), {"thing.json": content}).digest

    def judge(self, passes: bool) -> None:
        self.passes = passes
        with dg.DagsterInstance.ephemeral() as instance:
            job = self.job.resolve(asset_graph=self.defs.resolve_asset_graph())
            job.execute_in_process(instance=instance, resources={"platform": self.platform}, raise_on_error=False)

    def require(self, digest: str) -> None:
        require_gates(self.lake, self.uc, {"thing": digest})


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    yield World(tmp_path / "home", UC)
    DECLARED.pop(UC.key("thing"))


def refused(world: World, digest: str) -> str:
    with pytest.raises(dg.Failure) as caught:
        world.require(digest)
    assert caught.value.allow_retries is False
    return str(caught.value.description)


def test_what_passed_may_be_built_upon_and_is_recorded_once(world: World) -> None:
    digest = world.publish("one")
    world.judge(True)
    world.judge(True)
    world.require(digest)
    assert [e.body["outcomes"] for e in world.lake.ledger.entries("gates_judged")] == [{"is_good": True}]


def test_what_failed_is_refused_in_every_later_run(world: World) -> None:
    digest = world.publish("one")
    world.judge(False)
    assert "thing did not pass is_good" in refused(world, digest)


def test_a_check_that_passes_after_all_opens_the_gate(world: World) -> None:
    digest = world.publish("one")
    world.judge(False)
    world.judge(True)
    world.require(digest)


def test_a_passed_gate_is_of_one_digest_only(world: World) -> None:
    world.publish("one")
    world.judge(True)
    assert "nothing says that thing passed is_good" in refused(world, world.publish("two"))


def test_what_was_published_before_gates_were_recorded_may_be_built_upon(world: World) -> None:
    old = world.publish("from an earlier version")
    world.require(old)
    new = world.publish("from this one")
    world.judge(True)
    world.require(old)
    world.require(new)


def test_a_forged_record_beside_the_ledger_opens_nothing(world: World) -> None:
    digest = world.publish("one")
    world.judge(False)
    file = world.lake.home / "gates" / UC.name / "thing" / f"{digest}.json"
    record: dict[str, Any] = json.loads(file.read_text())
    file.write_text(json.dumps(dict.fromkeys(record, 1)))
    assert gates_of(world.lake, UC.key("thing"), digest) == {}
    assert "nothing says" in refused(world, digest)

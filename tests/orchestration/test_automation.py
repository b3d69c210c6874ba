"""The automation policies tick by tick, on stand-in assets: what is requested, how often, and what never.

Belongs here: one short story for each promise of `genaiops_assets/automation.py`. Does not belong here: the real
assets."""

from collections.abc import Iterator

import dagster as dg
import pytest

from tests.orchestration.world import KEYS, World


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

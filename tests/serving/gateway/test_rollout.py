"""A rollout on a running gateway: in shadow people see the release and both answer; in canary a share sees the candidate;
figures are kept as the tests of the rollout read them, and nobody waits for a comparison."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from genaiops_assets.governance.release import decide, production_release
from genaiops_assets.governance.rollout import act, keep, keep_thumb, pairs_of, rollout_of, start, step
from genaiops_assets.governance.rollout.deciding import Pair
from genaiops_assets.serving.interactions.answer import interaction_row
from tests.support.json_server import JsonServerHere
from tests.support.released_home import ReleasedHome
from tests.support.served import Served, served
from tests.support.upstream import streamed

OLGA = "Olga Owner"
SAID = {"behind": "It costs 95 dollars each quarter.", "next": "Late return costs 95 dollars each quarter."}


class Stage:
    """`asked`: (model, question) of each request behind the gateway. `pause`: seconds of the candidate's answers."""

    def __init__(self, home: ReleasedHome):
        self.home, self.asked, self.pause = home, list[tuple[str, str]](), 0.0
        self.said = dict(SAID)
        self.gateway: Served = None  # type: ignore[assignment]
        self.candidate = ""

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, bytes]:
        self.asked.append((body["model"], body["messages"][-1]["content"]))
        if body["model"] == "next":
            time.sleep(self.pause)
        said = self.said[body["model"]]
        return (200, streamed(said)) if said else (500, b"{}")

    def pairs(self, stage: str) -> list[Pair]:
        return pairs_of(self.home.lake, self.home.uc, self.candidate, stage)

    def until(self, seen: Callable[[], bool], seconds: float = 30.0) -> None:
        end = time.monotonic() + seconds
        while not seen():
            assert time.monotonic() < end, self.gateway.get("/status")[1]
            time.sleep(0.05)

    def ask(self, number: int) -> Any:
        status, said = self.gateway.chat(f"What does late return of card {number} cost?")
        assert status == 200, said
        return said


@pytest.fixture(scope="module")
def stage(released_once: ReleasedHome, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    home = released_once.copied(tmp_path_factory.mktemp("rollout") / "copy")
    made = Stage(home)
    server = JsonServerHere(made.answer)
    server.start()
    upstream = {"url": f"{server.url}/v1", "model": "behind", "candidate": "next"}
    home.settings(serving={"gateway": {"upstream": upstream}, "rollout": {"share": 0.5}})
    made.candidate = home.candidate(2)
    decide(home.lake, home.uc, made.candidate, name="Ada Approver", decision="approved", reason="read the card")
    with served(home.home) as gateway:
        made.gateway = gateway
        start(home.lake, home.uc, made.candidate, by=OLGA, reason="better on fees")
        made.until(lambda: f"{made.candidate} in shadow" in gateway.get("/status")[1])
        yield made
    server.stop()


def loaded(stage: Stage) -> None:
    """Questions are compared now: the candidate is there."""
    before = len(stage.pairs("shadow"))

    def compared() -> bool:
        stage.ask(99)
        return len(stage.pairs("shadow")) > before

    stage.until(compared)


def test_in_shadow_people_see_the_release_and_do_not_wait_for_the_candidate(stage: Stage) -> None:
    loaded(stage)
    stage.pause = 0.5
    began = time.monotonic()
    said = [stage.ask(n) for n in range(4)]
    assert time.monotonic() - began < 1.5, "four comparisons alone take two seconds"
    assert {one["choices"][0]["message"]["content"] for one in said} == {SAID["behind"]}
    assert {one["system_fingerprint"] for one in said} == {stage.home.version}

    def slow() -> list[Pair]:
        return [pair for pair in stage.pairs("shadow") if (pair.candidate_seconds or 0) >= 0.5]

    stage.until(lambda: len(slow()) >= 4)
    stage.pause, pair = 0.0, slow()[-1]
    assert pair.candidate is not None and pair.released is not None and not pair.failed
    assert (pair.released_seconds or 1) < 0.5
    file = stage.home.home / "rollouts" / "bank_support" / f"{stage.candidate}.shadow.jsonl"
    assert "dollars" not in file.read_text("utf-8"), "figures only"


def test_a_candidate_that_fails_in_shadow_is_seen_by_the_tests_alone(stage: Stage) -> None:
    stage.said["next"] = ""
    assert stage.ask(7)["choices"][0]["message"]["content"] == SAID["behind"]
    stage.until(lambda: any(pair.failed for pair in stage.pairs("shadow")))
    stage.said["next"] = SAID["next"]


def test_in_canary_a_share_sees_the_candidate_with_its_name_and_thumbs_count(stage: Stage) -> None:
    home = stage.home
    step(home.lake, home.uc, "canary_began", by="the rollout", because="shadow: shown")
    stage.until(lambda: f"{stage.candidate} in canary" in stage.gateway.get("/status")[1])
    said = [stage.ask(n) for n in range(12)]
    by = {one["system_fingerprint"] for one in said}
    assert by == {home.version, stage.candidate}
    mine = next(one for one in said if one["system_fingerprint"] == stage.candidate)
    assert mine["choices"][0]["message"]["content"] == SAID["next"]
    assert mine["genaiops"]["release"]["model_version"] == stage.candidate
    row = interaction_row(home.lake, home.uc, mine["id"])
    assert row is not None and row["gen_ai_response_model"] == stage.candidate and row["released"] is False
    number = said.index(mine)
    assert stage.ask(number)["system_fingerprint"] == stage.candidate, "who began with it stays with it"
    stage.until(lambda: len(stage.pairs("canary")) >= 13)
    assert stage.gateway.post("/feedback", {"answer_id": mine["id"], "thumb": "down"})[0] == 200
    other = next(one for one in said if one["system_fingerprint"] != stage.candidate)
    assert stage.gateway.post("/feedback", {"answer_id": other["id"], "thumb": "down"})[0] == 200
    assert [pair.thumb for pair in stage.pairs("canary") if pair.thumb] == ["down"], "of the candidate's answer alone"
    assert 'genaiops_rollout_questions_total{how="compared"}' in stage.gateway.get("/metrics")[1]


def test_what_the_gateway_kept_decides_and_the_promotion_drops_no_request(stage: Stage) -> None:
    """Pairs as the gateway writes them, more of the same: the rollout promotes, and the gateway follows."""
    home = stage.home
    same = next(p for p in stage.pairs("canary") if p.candidate is not None and not p.thumb)
    same = replace(same, candidate_seconds=1.0, released_seconds=1.0)
    for number in range(150):
        keep(home.lake, home.uc, stage.candidate, "canary", same, f"further-{number}")
    state = act(home.lake, home.uc)
    assert state is not None and state.ended == "promoted"
    now = production_release(home.lake, home.uc)
    assert now is not None and now.model_version == stage.candidate
    stage.until(lambda: stage.ask(1)["system_fingerprint"] == stage.candidate)
    told = stage.gateway.until(lambda told: told.get("model_version") == stage.candidate)
    assert told["status"] == "ok" and " in canary" not in stage.gateway.get("/status")[1]


def test_a_broken_candidate_is_rolled_back_by_itself_while_people_are_served(stage: Stage) -> None:
    home = stage.home
    home.settings(serving={**json_of(home), "rollout": {"share": 0.5, "shadow_questions": 10}})
    good, stage.candidate = stage.candidate, home.candidate(3)
    decide(home.lake, home.uc, stage.candidate, name="Ada Approver", decision="approved", reason="read the card")
    start(home.lake, home.uc, stage.candidate, by=OLGA, reason="a broken one")
    stage.said["next"] = ""
    stage.until(lambda: f"{stage.candidate} in shadow" in stage.gateway.get("/status")[1])
    loaded(stage)
    for number in range(40):
        assert stage.ask(number)["system_fingerprint"] == good
    stage.until(lambda: len(stage.pairs("shadow")) >= 30)
    state = act(home.lake, home.uc)
    assert state is not None and (state.ended, state.because[:15]) == ("rolled_back", "shadow: errors:")
    stage.until(lambda: " in shadow" not in stage.gateway.get("/status")[1])
    assert rollout_of(home.lake, home.uc) == state and stage.ask(1)["system_fingerprint"] == good


def json_of(home: ReleasedHome) -> dict[str, Any]:
    return home.uc.serving.model_dump(mode="json", exclude_defaults=True)


def test_a_thumb_without_its_pair_is_no_pair(released: ReleasedHome) -> None:
    lake, uc = released.lake, released.uc
    keep_thumb(lake, uc, "mv-1", "canary", "down", "a")
    assert pairs_of(lake, uc, "mv-1", "canary") == []
    keep(lake, uc, "mv-1", "canary", Pair(0.5, 0.5), "a")
    keep(lake, uc, "mv-1", "canary", Pair(0.1, 0.1), "a")
    assert pairs_of(lake, uc, "mv-1", "canary") == [Pair(0.5, 0.5, thumb="down")]

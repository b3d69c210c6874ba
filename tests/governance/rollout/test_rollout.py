"""Shadow and canary: who may begin, what follows from what was shown, and that a kill or a person never leaves two
stories."""

from __future__ import annotations

from typing import Any

import pytest

from genaiops_assets.errors import Refused
from genaiops_assets.governance.release import decide, production_release, release
from genaiops_assets.governance.rollout import (
    Pair,
    State,
    act,
    answers_for,
    both_answer,
    keep,
    pairs_of,
    rollout_of,
    standing,
    start,
    step,
)
from genaiops_assets.governance.rollout.observed import pairs_file
from genaiops_assets.lake import Lake, problems
from genaiops_assets.use_case import Rollout, UseCase
from tests.support.lakes import V1, V2, V3, candidate

OWNER = "Olga Owner"
SAME = Pair(0.6, 0.6, candidate_seconds=1.0, released_seconds=1.0)
WORSE = Pair(0.2, 0.7, candidate_seconds=1.0, released_seconds=1.0)
PLAN = Rollout()


@pytest.fixture
def lake(lake: Lake, uc: UseCase) -> Lake:
    """V1 is released, V2 approved, nobody decided on V3."""
    for version in (V1, V2, V3):
        candidate(lake, uc, version)
    for version in (V1, V2):
        decide(lake, uc, version, name="Ada Approver", decision="approved", reason="read the card")
    release(lake, uc, V1, kind="promote", by=OWNER, reason="good answers")
    return lake


def begun(lake: Lake, uc: UseCase) -> State:
    return start(lake, uc, V2, by=OWNER, reason="better on the new topics")


def observe(lake: Lake, uc: UseCase, stage: str, pair: Pair, count: int) -> None:
    for place in range(count):
        keep(lake, uc, V2, stage, pair, f"{stage}-{place}-{pair.candidate}")


def released(lake: Lake, uc: UseCase) -> str:
    now = production_release(lake, uc)
    return now.model_version if now else ""


# --- what is shown


def test_a_candidate_that_is_as_good_passes_and_the_canary_waits_for_its_guards() -> None:
    strict = Rollout(max_error_rate=0.02)
    assert standing([SAME] * 80, strict, "shadow").outcome == "watch"
    assert standing([SAME] * 150, strict, "shadow").outcome == "promote"
    assert standing([SAME] * 150, strict, "canary").outcome == "watch"  # 150 answers do not show less than 2 % errors
    assert standing([SAME] * 400, strict, "canary").outcome == "promote"


@pytest.mark.parametrize(
    ("pair", "name"),
    [
        (WORSE, "quality"),
        (Pair(None, 0.6, failed=True), "errors"),
        (Pair(0.6, 0.6, intervened=True), "interventions"),
        (Pair(0.6, 0.6, candidate_seconds=4.0, released_seconds=1.0), "slower answers"),
        (Pair(0.6, 0.6, thumb="down"), "thumbs down"),
    ],
)
def test_each_kind_of_harm_ends_it_soon(pair: Pair, name: str) -> None:
    found = standing([pair] * 60, PLAN, "canary")
    assert found.outcome == "roll_back" and found.because.startswith(name)


def test_what_came_first_counts() -> None:
    passed = standing([SAME] * 200, PLAN, "canary")
    assert standing([SAME] * 200 + [WORSE] * 300, PLAN, "canary").outcome == passed.outcome == "promote"
    assert standing([WORSE] * 300 + [SAME] * 900, PLAN, "canary").outcome == "roll_back"


def test_what_shows_nothing_is_left_to_people() -> None:
    either = [Pair(0.6, 0.65)] * PLAN.shadow_questions
    assert standing(either, PLAN, "shadow").outcome == "people_decide"
    assert standing([], PLAN, "shadow").outcome == "watch"


# --- who may, and what follows


def test_only_an_approved_version_beside_a_released_one_begins(lake: Lake, uc: UseCase) -> None:
    for version, by, words in (
        (V3, OWNER, "not approved"),
        (V1, OWNER, "released already"),
        (V2, "Mallory", "Mallory"),
    ):
        with pytest.raises(Refused, match=words):
            start(lake, uc, version, by=by, reason="now")
    assert rollout_of(lake, uc) is None
    begun(lake, uc)
    with pytest.raises(Refused, match=f"the rollout of {V2} goes on"):
        begun(lake, uc)


def test_shadow_canary_release(lake: Lake, uc: UseCase) -> None:
    begun(lake, uc)
    observe(lake, uc, "shadow", SAME, 150)
    state = act(lake, uc)
    assert state and state.stage == "canary" and released(lake, uc) == V1
    observe(lake, uc, "canary", SAME, 50)
    assert act(lake, uc) == state  # nothing shown yet, nothing entered
    observe(lake, uc, "canary", Pair(0.7, 0.7, candidate_seconds=1.0, released_seconds=1.0), 150)
    done = act(lake, uc)
    assert done and (done.ended, released(lake, uc)) == ("promoted", V2)
    last = production_release(lake, uc)
    assert last and last.by == OWNER and "canary" in last.reason
    assert act(lake, uc) == done and problems(lake) == []


def test_a_bad_candidate_never_reaches_production(lake: Lake, uc: UseCase) -> None:
    begun(lake, uc)
    observe(lake, uc, "shadow", WORSE, 60)
    state = act(lake, uc)
    assert state and state.ended == "rolled_back" and "quality" in state.because and released(lake, uc) == V1
    with pytest.raises(Refused, match="no rollout"):
        step(lake, uc, "resumed", by=OWNER, because="again")


def test_a_paused_rollout_takes_no_step_and_nobody_sees_the_candidate(lake: Lake, uc: UseCase) -> None:
    begun(lake, uc)
    observe(lake, uc, "shadow", SAME, 150)
    state = step(lake, uc, "paused", by=OWNER, because="a complaint came in")
    assert act(lake, uc) == state and not both_answer(state) and state.stage == "shadow"
    step(lake, uc, "resumed", by=OWNER, because="it was about something else")
    moved = act(lake, uc)
    assert moved and moved.stage == "canary"


def test_a_release_by_hand_ends_it_either_way(lake: Lake, uc: UseCase) -> None:
    begun(lake, uc)
    release(lake, uc, V2, kind="promote", by=OWNER, reason="we cannot wait")
    state = act(lake, uc)
    assert state and state.ended == "promoted"
    decide(lake, uc, V3, name="Ada Approver", decision="approved", reason="read the card")
    start(lake, uc, V3, by=OWNER, reason="next")
    release(lake, uc, V1, kind="rollback", by=OWNER, reason="complaints")
    state = act(lake, uc)
    assert state and state.ended == "stopped" and V1 in state.because


def test_an_approval_that_lapsed_is_a_matter_for_people(lake: Lake, uc: UseCase) -> None:
    begun(lake, uc)
    observe(lake, uc, "shadow", SAME, 150)
    act(lake, uc)
    observe(lake, uc, "canary", SAME, 200)
    decide(lake, uc, V2, name="Ada Approver", decision="rejected", reason="found something")
    state = act(lake, uc)
    assert state and state.ended == "people_decide" and "rejected" in state.because and released(lake, uc) == V1


# --- who sees what


def test_a_conversation_stays_with_whom_it_began_and_the_share_is_kept() -> None:
    canary = State(V2, V1, OWNER, "canary")
    seen = [answers_for(canary, PLAN, f"conversation {n}") for n in range(4000)]
    assert seen == [answers_for(canary, PLAN, f"conversation {n}") for n in range(4000)]
    assert abs(seen.count("candidate") / 4000 - PLAN.share) < 0.02
    other = [answers_for(State(V3, V1, OWNER, "canary"), PLAN, f"conversation {n}") for n in range(4000)]
    both = sum(a == b == "candidate" for a, b in zip(seen, other, strict=True))
    assert both < 2.5 * PLAN.share**2 * 4000


@pytest.mark.parametrize("state", [None, State(V2, V1, OWNER, "shadow"), State(V2, V1, OWNER, "canary", paused=True)])
def test_outside_a_canary_everybody_sees_the_released_version(state: State | None) -> None:
    assert {answers_for(state, PLAN, str(n), "tester") for n in range(50)} == {"released"}


def test_named_keys_always_see_the_canary() -> None:
    plan = Rollout(keys=["tester"])
    assert answers_for(State(V2, V1, OWNER, "canary"), plan, "any", "tester") == "candidate"


# --- the file


def test_an_answer_counts_once_a_cut_line_is_no_pair_and_a_thumb_comes_later(lake: Lake, uc: UseCase) -> None:
    for pair in (SAME, SAME, Pair(None, None, thumb="down")):
        keep(lake, uc, V2, "canary", pair, "a1")
    with open(pairs_file(lake, uc, V2, "canary"), "ab") as file:
        file.write(b'{"id": "a2", "cand')
    (pair,) = pairs_of(lake, uc, V2, "canary")
    told: dict[str, Any] = pair.__dict__
    assert told == {**SAME.__dict__, "thumb": "down"}

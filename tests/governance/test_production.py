"""Production: what moves the pointer, what never does, and that pointer and ledger tell the same story."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from genaiops_assets.errors import Refused
from genaiops_assets.governance.release import decide, last_good, pointer_problem, production_release, release, releases
from genaiops_assets.lake import Lake, problems
from genaiops_assets.use_case import UseCase
from tests.support.lakes import V1, V2, V3, candidate, publish

OWNER = "Olga Owner"


@pytest.fixture
def lake(lake: Lake, uc: UseCase) -> Lake:
    """A lake with three approved candidates and one that nobody decided on yet (V3)."""
    for version in (V1, V2, V3):
        candidate(lake, uc, version)
    for version in (V1, V2):
        decide(lake, uc, version, name="Ada Approver", decision="approved", reason="read the card")
    return lake


def promote(lake: Lake, uc: UseCase, version: str, by: str = OWNER, reason: str = "better answers"):
    return release(lake, uc, version, kind="promote", by=by, reason=reason)


def rollback(lake: Lake, uc: UseCase, version: str):
    return release(lake, uc, version, kind="rollback", by=OWNER, reason="complaints")


def pointer_file(lake: Lake, uc: UseCase) -> Path:
    return lake.home / f"production/{uc.name}.json"


# --- promote ----------------------------------------------------------------------------------------------------------


def test_nothing_is_released_at_first(lake: Lake, uc: UseCase) -> None:
    assert production_release(lake, uc) is None and releases(lake, uc) == [] and pointer_problem(lake, uc) is None


def test_a_release_names_who_why_what_and_its_approval(lake: Lake, uc: UseCase) -> None:
    made = promote(lake, uc, V1)
    (entry,) = releases(lake, uc)
    assert made == production_release(lake, uc)
    assert (made.model_version, made.kind, made.by, made.reason, made.previous) == (
        V1,
        "promote",
        OWNER,
        "better answers",
        None,
    )
    assert made.entry == entry.hash and made.digests == entry.body["digests"] and entry.body["approval"]
    assert promote(lake, uc, V2).previous == V1
    assert pointer_problem(lake, uc) is None and problems(lake) == []


def test_without_approval_nothing_is_promoted(lake: Lake, uc: UseCase) -> None:
    with pytest.raises(Refused, match=f"{V3} waits for approval: genaiops approve {V3}"):
        promote(lake, uc, V3)
    assert production_release(lake, uc) is None and releases(lake, uc) == []


def test_a_rejected_version_is_not_promoted(lake: Lake, uc: UseCase) -> None:
    decide(lake, uc, V3, name="Arif Approver", decision="rejected", reason="a wrong fee")
    with pytest.raises(Refused, match=rf"{V3} was rejected by Arif Approver on .*: a wrong fee"):
        promote(lake, uc, V3)


def test_a_lapsed_approval_blocks_promotion_and_leaves_production_as_it_is(lake: Lake, uc: UseCase) -> None:
    promote(lake, uc, V1)
    publish(lake, uc.key("model_card"), {"model_card.json": {"made": "again"}}, partition=V1)
    publish(lake, uc.key("eval_report"), {"eval_report.json": {"made": "again"}}, partition=V2)
    with pytest.raises(Refused, match="reached before eval_report changed"):
        promote(lake, uc, V2)
    now = production_release(lake, uc)
    assert now is not None and now.model_version == V1


def test_a_verdict_that_became_no_go_blocks_promotion(lake: Lake, uc: UseCase) -> None:
    publish(
        lake, uc.key("release_decision"), {"decision.json": {"model_version": V1, "verdict": "no_go"}}, partition=V1
    )
    with pytest.raises(Refused, match="no_go"):
        promote(lake, uc, V1)


@pytest.mark.parametrize(
    ("by", "reason", "why"), [("Nobody Known", "try", "not among the people"), (OWNER, " ", "needs a reason")]
)
def test_a_stranger_or_a_release_without_reason_is_refused(
    lake: Lake, uc: UseCase, by: str, reason: str, why: str
) -> None:
    with pytest.raises(Refused, match=why):
        promote(lake, uc, V1, by=by, reason=reason)


# --- rollback ---------------------------------------------------------------------------------------------------------


def test_rollback_goes_only_to_earlier_releases(lake: Lake, uc: UseCase) -> None:
    promote(lake, uc, V1)
    with pytest.raises(Refused, match=f"{V2} was never in production; released so far: {V1}"):
        rollback(lake, uc, V2)
    promote(lake, uc, V2)
    made = rollback(lake, uc, V1)
    assert (made.model_version, made.kind, made.previous) == (V1, "rollback", V2)
    assert [e.body["model_version"] for e in releases(lake, uc)] == [V1, V2, V1]


def test_the_last_good_version_is_the_one_before(lake: Lake, uc: UseCase) -> None:
    with pytest.raises(Refused, match="no earlier release"):
        last_good(lake, uc)
    promote(lake, uc, V1)
    with pytest.raises(Refused, match="no earlier release"):
        last_good(lake, uc)
    promote(lake, uc, V2)
    promote(lake, uc, V2)
    assert last_good(lake, uc) == V1


def test_a_frightened_person_who_rolls_back_twice_never_gets_the_bad_version_again(lake: Lake, uc: UseCase) -> None:
    decide(lake, uc, V3, name="Ada Approver", decision="approved", reason="looks fine")
    for version in (V1, V2, V3):
        promote(lake, uc, version)
    assert rollback(lake, uc, last_good(lake, uc)).model_version == V2
    assert rollback(lake, uc, last_good(lake, uc)).model_version == V1
    with pytest.raises(Refused, match="no earlier release"):
        last_good(lake, uc)
    promote(lake, uc, V3)
    assert last_good(lake, uc) == V1


def test_rollback_verifies_like_promotion(lake: Lake, uc: UseCase) -> None:
    promote(lake, uc, V1)
    promote(lake, uc, V2)
    card = lake.current(uc.key("model_card"), V1).local("model_card.json")
    card.write_bytes(card.read_bytes().replace(b"mv-", b"mw-"))
    with pytest.raises(Refused, match=r"model_card\.json: altered after publication"):
        rollback(lake, uc, V1)


# --- pointer and ledger -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["model_version", "by", "reason", "at", "entry", "digests", "previous"])
def test_a_changed_pointer_is_found(lake: Lake, uc: UseCase, field: str) -> None:
    promote(lake, uc, V1)
    file = pointer_file(lake, uc)
    told = json.loads(file.read_text())
    file.write_text(json.dumps(told | {field: {} if field == "digests" else "something else"}))
    problem = pointer_problem(lake, uc)
    assert problem and f"production/{uc.name}.json" in problem


@pytest.mark.parametrize("content", ["", "[]", "{}", "not json", '{"model_version": 1}'])
def test_a_pointer_that_is_none_is_found_and_healed_by_the_next_release(lake: Lake, uc: UseCase, content: str) -> None:
    promote(lake, uc, V1)
    pointer_file(lake, uc).write_text(content)
    assert "not a production pointer" in (pointer_problem(lake, uc) or "")
    promote(lake, uc, V1)
    assert pointer_problem(lake, uc) is None


def test_a_removed_pointer_is_found(lake: Lake, uc: UseCase) -> None:
    promote(lake, uc, V1)
    pointer_file(lake, uc).unlink()
    assert "one of them knows no release" in (pointer_problem(lake, uc) or "")


def test_a_pointer_without_its_ledger_entry_is_found(lake: Lake, uc: UseCase) -> None:
    promote(lake, uc, V1)
    sorted((lake.home / "ledger").iterdir())[-1].unlink()
    assert "one of them knows no release" in (pointer_problem(lake, uc) or "")
    assert any("truncated" in p for p in problems(lake))


def test_a_promotion_killed_between_ledger_and_pointer_is_found_and_finished_by_the_next(
    lake: Lake, uc: UseCase
) -> None:
    promote(lake, uc, V1)
    before = pointer_file(lake, uc).read_bytes()
    promote(lake, uc, V2)
    pointer_file(lake, uc).write_bytes(before)  # as a kill before the last line of `release` leaves it
    assert f"it says {V1}, the ledger {V2}" in (pointer_problem(lake, uc) or "")
    assert last_good(lake, uc) == V1
    promote(lake, uc, V2)
    now = production_release(lake, uc)
    assert now is not None and now.model_version == V2
    assert pointer_problem(lake, uc) is None and problems(lake) == []

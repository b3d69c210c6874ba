"""A revoked version is out for good, and everything says so: approving, releasing, answering, status, checks."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from genaiops_assets.errors import Refused
from genaiops_assets.governance.release import (
    approval_in_words,
    approval_of,
    decide,
    last_good,
    ledger_problems,
    pointer_problem,
    production_release,
    release,
    revocation_of,
    revoke,
    warning_of,
)
from genaiops_assets.lake import Lake, problems
from genaiops_assets.orchestration.decision_findings import agreement_finding, approval_finding
from genaiops_assets.serving import choose_version
from genaiops_assets.use_case import UseCase
from tests.governance.deciding import APPROVER, OWNER, approve, promote
from tests.support.lakes import V1, V2, V3, candidate

WHY = "it leaks a phone number"


@pytest.fixture
def lake(lake: Lake, uc: UseCase) -> Lake:
    for version in (V1, V2):
        candidate(lake, uc, version)
        approve(lake, uc, version=version)
        promote(lake, uc, version)
    return lake


def pointer_file(lake: Lake, uc: UseCase) -> Path:
    return lake.home / "production" / f"{uc.name}.json"


def test_a_revoked_version_is_never_approved_rejected_promoted_or_gone_back_to(lake: Lake, uc: UseCase) -> None:
    revoke(lake, uc, V1, by=OWNER, reason=WHY)
    for decision in ("approved", "rejected"):
        with pytest.raises(Refused, match=f"{V1} was revoked by Olga Owner .*: {WHY}; that is final"):
            decide(lake, uc, V1, name=APPROVER, decision=decision, reason="again")
    for kind in ("promote", "rollback"):
        with pytest.raises(Refused, match="was revoked by Olga Owner"):
            release(lake, uc, V1, kind=kind, by=OWNER, reason="again")
    with pytest.raises(Refused, match="no earlier release to go back to"):
        last_good(lake, uc)
    now = production_release(lake, uc)
    assert now is not None and now.model_version == V2 and now.revoked == "" and pointer_problem(lake, uc) is None


def test_what_is_in_production_and_revoked_answers_nobody_until_another_is_released(lake: Lake, uc: UseCase) -> None:
    made = revoke(lake, uc, V2, by=APPROVER, reason=WHY)
    now = production_release(lake, uc)
    assert now is not None and (now.model_version, now.revoked) == (V2, made.entry)
    assert pointer_problem(lake, uc) is None and ledger_problems(lake) == []
    with pytest.raises(Refused, match=f"{V2} was revoked by Ada Approver.*nothing answers with it"):
        choose_version(lake, uc)
    assert last_good(lake, uc) == V1
    release(lake, uc, V1, kind="rollback", by=OWNER, reason="back")
    now = production_release(lake, uc)
    assert now is not None and (now.model_version, now.revoked) == (V1, "") and pointer_problem(lake, uc) is None


def test_every_view_says_it(lake: Lake, uc: UseCase) -> None:
    revoke(lake, uc, V2, by=APPROVER, reason=WHY)
    found = approval_of(lake, uc, V2)
    assert (found.status, found.name, found.reason) == ("revoked", APPROVER, WHY)
    assert warning_of(found).startswith("revoked by Ada Approver")
    words = approval_in_words(lake, uc, V2)
    assert f"{V2} was revoked by Ada Approver" in words.state and "nothing answers: genaiops rollback" in words.state
    assert words.commands == ('genaiops rollback --as NAME --reason "…"',)
    shown = approval_finding(found, uc, words)
    assert not shown.passed and shown.severity == "ERROR" and shown.shown["status"] == "revoked"
    production = agreement_finding(lake, uc, V2)
    assert not production.passed and production.severity == "ERROR" and "revoked by" in production.shown["warning"]


def test_a_version_that_was_never_released_is_no_choice_either(lake: Lake, uc: UseCase, tmp_path: Path) -> None:
    fresh = Lake(tmp_path / "fresh")
    candidate(fresh, uc, V1)
    revoke(fresh, uc, V1, by=OWNER, reason=WHY)
    assert choose_version(fresh, uc).version is None


@pytest.mark.parametrize("name", ["Nobody Known", "Ben Builder"])
def test_only_who_may_stop_it_revokes(lake: Lake, uc: UseCase, name: str) -> None:
    with pytest.raises(Refused, match=r"may not revoke a version of bank_support: .*Ada Approver.*Olga Owner"):
        revoke(lake, uc, V2, by=name, reason=WHY)
    assert revocation_of(lake, uc, V2) is None


def test_it_needs_a_reason_a_version_and_is_done_once(lake: Lake, uc: UseCase) -> None:
    with pytest.raises(Refused, match="needs a reason"):
        revoke(lake, uc, V2, by=OWNER, reason=" ")
    with pytest.raises(Refused, match=f"there is no version {V3}.*there are: {V1}, {V2}"):
        revoke(lake, uc, V3, by=OWNER, reason=WHY)
    revoke(lake, uc, V1, by=OWNER, reason=WHY)
    with pytest.raises(Refused, match="it cannot be revoked again"):
        revoke(lake, uc, V1, by=OWNER, reason="once more")


def test_a_kill_between_ledger_and_pointer_stops_answers_and_is_finished_by_typing_it_again(
    lake: Lake, uc: UseCase
) -> None:
    before = pointer_file(lake, uc).read_bytes()
    revoke(lake, uc, V2, by=OWNER, reason=WHY)
    pointer_file(lake, uc).write_bytes(before)  # as a kill before the pointer is written leaves it
    assert f"does not say that {V2} is revoked: type genaiops revoke {V2} again" in (pointer_problem(lake, uc) or "")
    with pytest.raises(Refused, match="does not say that"):
        choose_version(lake, uc)
    entries = len(list(lake.ledger.entries()))
    assert revoke(lake, uc, V2, by=OWNER, reason=WHY).model_version == V2
    assert pointer_problem(lake, uc) is None and len(list(lake.ledger.entries())) == entries
    assert problems(lake) == []


def test_a_pointer_that_hides_the_revocation_and_a_forged_release_after_it_are_found(lake: Lake, uc: UseCase) -> None:
    body = list(lake.ledger.entries("release"))[-1].body
    revoke(lake, uc, V2, by=OWNER, reason=WHY)
    told = json.loads(pointer_file(lake, uc).read_text())
    pointer_file(lake, uc).write_text(json.dumps({**told, "revoked": "0" * 64}))
    assert pointer_problem(lake, uc)
    lake.ledger.append("release", body)
    assert any("came after its revocation, which is final" in p for p in ledger_problems(lake))

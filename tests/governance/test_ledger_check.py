"""What the ledger's entries mean: a release that was not allowed when it was made is named, however whole the chain."""

from __future__ import annotations

import json
from typing import Any

import pytest

from genaiops_assets.governance.release import decide, ledger_problems, release
from genaiops_assets.lake import Lake, write_json
from genaiops_assets.use_case import UseCase
from tests.support.lakes import V1, V2, candidate, publish

WHY = "better answers"


@pytest.fixture
def lake(lake: Lake, uc: UseCase) -> Lake:
    scope(lake, uc, ["Ada Approver", "Arif Approver"])
    for version in (V1, V2):
        candidate(lake, uc, version)
    return lake


def scope(lake: Lake, uc: UseCase, approvers: list[str]) -> None:
    publish(lake, uc.key("use_case_scope"), {"scope.json": {"people": {"approvers": approvers}}})


def approved(lake: Lake, uc: UseCase, version: str = V1, name: str = "Ada Approver") -> None:
    decide(lake, uc, version, name=name, decision="approved", reason="read the card")


def forged_release(lake: Lake, uc: UseCase, version: str = V1, **changes: Any) -> None:
    """What somebody appends who can write in the home: the chain stays whole."""
    last = list(lake.ledger.entries("approval"))
    body = {
        "use_case": uc.name,
        "model_version": version,
        "kind": "promote",
        "by": "Olga Owner",
        "reason": WHY,
        "digests": last[-1].body["digests"] if last else {},
        "approval": last[-1].hash if last else "0" * 64,
        "previous": None,
    }
    lake.ledger.append("release", {**body, **changes})


def test_a_life_as_it_should_be_has_no_problems(lake: Lake, uc: UseCase) -> None:
    assert ledger_problems(lake) == []
    for version in (V1, V2):
        approved(lake, uc, version)
        release(lake, uc, version, kind="promote", by="Olga Owner", reason=WHY)
    release(lake, uc, V1, kind="rollback", by="Olga Owner", reason="complaints")
    decide(lake, uc, V1, name="Ada Approver", decision="rejected", reason="later")
    assert ledger_problems(lake) == [] == ledger_problems(lake, uc.name)


def test_a_release_without_an_approval_is_named(lake: Lake, uc: UseCase) -> None:
    forged_release(lake, uc)
    assert lake.ledger.problems() == []
    (found,) = ledger_problems(lake, uc.name)
    assert found.endswith(f"the release of {V1} names no earlier approval of that version")
    assert ledger_problems(lake, "another_use_case") == []


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"approval": "f" * 64}, "names no earlier approval"),
        ({"digests": {"aligned_checkpoint": "another"}}, "has other digests than its approval"),
        ({"version": V2}, "names no earlier approval of that version"),
    ],
)
def test_a_release_on_another_thing_than_was_approved_is_named(
    lake: Lake, uc: UseCase, changes: dict[str, Any], why: str
) -> None:
    approved(lake, uc)
    forged_release(lake, uc, **changes)
    assert why in ledger_problems(lake)[0]


def test_a_release_after_a_rejection_is_named(lake: Lake, uc: UseCase) -> None:
    approved(lake, uc)
    before = list(lake.ledger.entries("approval"))[-1]
    decide(lake, uc, V1, name="Arif Approver", decision="rejected", reason="no")
    forged_release(lake, uc, approval=before.hash)
    forged_release(lake, uc)
    first, second = ledger_problems(lake)
    assert "rests on an approval after which rejected was decided" in first
    assert "rests on a decision that is not an approval" in second


def test_an_approval_by_somebody_who_was_no_approver_then_is_named(lake: Lake, uc: UseCase) -> None:
    approved(lake, uc)
    body = {**list(lake.ledger.entries("approval"))[-1].body, "name": "Ben Builder"}
    lake.ledger.append("approval", body)
    forged_release(lake, uc)
    (found,) = ledger_problems(lake)
    assert found.endswith(f"the release of {V1} was approved by 'Ben Builder', who was no approver then")
    scope(lake, uc, ["Ben Builder"])  # the file was changed first, its asset made after the decision
    assert ledger_problems(lake) == []


def test_an_approver_who_came_later_is_none(lake: Lake, uc: UseCase) -> None:
    approved(lake, uc)
    lake.ledger.append("approval", {**list(lake.ledger.entries("approval"))[-1].body, "name": "Nina New"})
    forged_release(lake, uc)
    scope(lake, uc, ["Ada Approver"])
    scope(lake, uc, ["Nina New"])
    assert "who was no approver then" in ledger_problems(lake)[0]


def test_who_left_since_was_one_then(lake: Lake, uc: UseCase) -> None:
    approved(lake, uc, name="Arif Approver")
    release(lake, uc, V1, kind="promote", by="Olga Owner", reason=WHY)
    scope(lake, uc, ["Ada Approver"])
    assert ledger_problems(lake) == []


def test_removing_the_newest_entries_is_named(lake: Lake, uc: UseCase) -> None:
    approved(lake, uc)
    decide(lake, uc, V1, name="Arif Approver", decision="rejected", reason="no")
    last = lake.ledger.head()
    assert last is not None
    (lake.home / "ledger" / last.name).unlink()
    assert f"entry {last.hash[:12]} noted in ledger_marks/highest.json is missing" in ledger_problems(lake)[0]


def test_a_broken_chain_is_told_before_anything_is_read_from_it(lake: Lake, uc: UseCase) -> None:
    first = sorted((lake.home / "ledger").iterdir())[0]
    write_json(first, {**json.loads(first.read_text()), "kind": "release"})
    assert ledger_problems(lake)[0].startswith(f"ledger/{first.name}: content does not match its hash")

"""One person is one person, whatever the spelling; who was removed from `people` is named."""

from __future__ import annotations

from typing import Any

import pytest

from genaiops_assets.errors import Refused
from genaiops_assets.governance.keys import keys_of_people, standing_keys
from genaiops_assets.governance.release import (
    approval_in_words,
    approval_of,
    decide,
    ledger_problems,
    persons_gone,
    release,
    revoke,
)
from genaiops_assets.governance.risk import acceptors
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.decision_findings import agreement_finding
from genaiops_assets.orchestration.verification import verify_lake
from genaiops_assets.text import UnusableName, each_once, name_key, same_person, stands_among
from genaiops_assets.use_case import People, UseCase
from tests.governance.deciding import APPROVER, OWNER, approve, promote
from tests.support.lakes import V1, candidate, publish

SPELLINGS = ["ada approver", "ADA  APPROVER", " Ada Approver ", "Ａｄａ Ａｐｐｒｏｖｅｒ", "Ada Approver"]


def people(**changes: Any) -> dict[str, Any]:
    return {"owners": ["Olga Owner"], "builders": ["Ben Builder"], "approvers": ["Ada Approver"], **changes}


def without(uc: UseCase, *names: str, **changes: Any) -> UseCase:
    """The use case from which these people were removed."""
    kept = {
        field: [n for n in getattr(uc.people, field) if n not in names] for field in ("owners", "builders", "approvers")
    }
    return uc.model_copy(
        update={"people": uc.people.model_copy(update={**kept, "roles": {}, "stakeholders": [], **changes})}
    )


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_is_the_same_approver_everywhere(lake: Lake, uc: UseCase, spelling: str) -> None:
    candidate(lake, uc, V1)
    made = decide(lake, uc, V1, name=spelling, decision="approved", reason="read the card")
    assert made.name == APPROVER and made.status == "approved"
    release(lake, uc, V1, kind="promote", by=spelling, reason="now")
    assert ledger_problems(lake) == [] and persons_gone(lake, uc) == []
    assert name_key(spelling) == name_key(APPROVER) and stands_among(spelling, [APPROVER])
    assert revoke(lake, uc, V1, by=spelling, reason="stop").by == APPROVER


@pytest.mark.parametrize("spelling", [*SPELLINGS[:4], "Аda Approver".replace("А", "A")])
def test_four_eyes_are_not_met_by_two_spellings(spelling: str) -> None:
    with pytest.raises(ValueError, match="cannot be both builder and approver"):
        People.model_validate(people(builders=[spelling]))


@pytest.mark.parametrize("field", ["owners", "builders", "approvers"])
def test_one_person_stands_once_in_a_list(field: str) -> None:
    with pytest.raises(ValueError, match=f"{field}: one person stands there twice, in two spellings"):
        People.model_validate(people(**{field: ["Eve Else", "eve  ELSE"]}))


def test_a_look_alike_in_another_script_is_refused_and_one_of_one_script_is_the_same() -> None:
    with pytest.raises(UnusableName):
        name_key("Аda Approver")  # the first letter is Cyrillic
    assert same_person("АВЕ", "ABE") and each_once(["АВЕ", "Abe", "Bea"]) == ["АВЕ", "Bea"]
    assert not stands_among("Аda Approver", ["Ada Approver"]) and not stands_among("Ada", ["\u200bAda"])


def test_one_acceptor_in_two_spellings_is_one() -> None:
    from tests.support.lakes import bank_support

    uc = bank_support()
    changed = uc.people.model_copy(update={"roles": {"legal": ["ADA approver"]}})
    assert sum(same_person(n, APPROVER) for n in acceptors(uc.model_copy(update={"people": changed}))) == 1


def test_an_approver_of_an_earlier_scope_in_another_spelling_was_approver_then(lake: Lake, uc: UseCase) -> None:
    """The recorded scope spells the name in full width; the ledger's check compares as the decision did."""
    candidate(lake, uc, V1)
    approve(lake, uc)
    promote(lake, uc)
    wide = uc.scope()
    wide["people"]["approvers"] = ["Ａｄａ　Ａｐｐｒｏｖｅｒ"]
    publish(lake, uc.key("use_case_scope"), {"scope.json": wide})
    approve_again = uc.model_copy(
        update={"people": uc.people.model_copy(update={"approvers": ["Ａｄａ　Ａｐｐｒｏｖｅｒ"]})}
    )
    assert approval_of(lake, approve_again, V1).status == "approved" and ledger_problems(lake) == []


def test_who_was_removed_is_named_in_verify_status_and_on_the_decision(lake: Lake, uc: UseCase) -> None:
    candidate(lake, uc, V1)
    approve(lake, uc)
    promote(lake, uc)
    now = without(uc, APPROVER, OWNER)
    said = persons_gone(lake, now)
    assert [s.partition(" is not among")[0] for s in said] == [APPROVER, OWNER]
    assert f"approved {V1} on" in said[0] and f"put {V1} into production" in said[1]
    found = verify_lake(lake, [now], [])
    assert found.problems == [] and set(said) <= set(found.notes)
    assert approval_in_words(lake, now, V1).gone == tuple(said)
    assert "Ada Approver is not among" in agreement_finding(lake, now, V1).shown["removed_from_people"]
    assert approval_of(lake, now, V1).status == "lapsed"


def test_records_and_keys_of_who_was_removed_are_named(lake: Lake, uc: UseCase) -> None:
    candidate(lake, uc, V1)
    body = {"kind": "ssh", "fingerprint": "SHA256:x", "public_key": "ssh-ed25519 AAAA", "by": "Eve", "reason": "r"}
    lake.ledger.append("person_key_added", {"use_case": uc.name, "person": "Eve Else", **body})
    record = {"id": "R-1", "kind": "risk", "author": "Eve Else", "owner": None, "done_on": None}
    publish(lake, uc.key("records"), {"records.json": {"records": [record, {**record, "id": "R-2", "done_on": "x"}]}})
    said = persons_gone(lake, uc)
    assert len(said) == 2 and "the key SHA256:x is registered for them" in said[0] and "the risk R-1" in said[1]
    assert [key.person for key in keys_of_people(lake, uc)] == ["Eve Else"]
    assert standing_keys(lake, uc, "EVE else") and not standing_keys(lake, uc, "Ada Approver")


def test_a_stranger_is_still_a_stranger(lake: Lake, uc: UseCase) -> None:
    candidate(lake, uc, V1)
    with pytest.raises(Refused, match=r"not among people\.approvers"):
        approve(lake, uc, name="Ada Approverr")

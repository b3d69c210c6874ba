"""Records: read with their mistakes named, signed where a key is registered, versioned in the ledger, red when late."""

from __future__ import annotations

import subprocess
from datetime import date
from pathlib import Path

import pytest

from genaiops_assets.governance.records import enter_in_ledger, overdue, read_records
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase
from tests.support.lakes import bank_support

RISK = """kind: risk
id: wrong-fee
title: A wrong fee is stated
author: Olga Owner
written_on: 2026-11-01
owner: Olga Owner
likelihood: 3
severity: 4
text: Fees change several times a year.
"""
MITIGATION = """kind: mitigation
id: fresh-fees
title: Read the price list every night
author: Olga Owner
written_on: 2026-11-02
owner: Ben Builder
due: 2026-11-30
about: [wrong-fee]
text: The nightly refresh reads it.
"""
ACCEPTANCE = """kind: acceptance
id: residual-fee-risk
title: What is left is acceptable until spring
author: Ada Approver
written_on: 2026-11-03
expires: 2027-03-31
about: [wrong-fee]
text: One stale answer in a thousand is acceptable.
"""


@pytest.fixture
def uc(tmp_path: Path) -> UseCase:
    (tmp_path / "uc" / "records").mkdir(parents=True)
    return bank_support(folder=tmp_path / "uc")


def write(uc: UseCase, **files: str) -> None:
    for name, text in files.items():
        uc.path(f"records/{name}.yaml").write_text(text, encoding="utf-8")


def test_records_of_all_kinds_are_read(uc: UseCase) -> None:
    write(uc, a=RISK, b=MITIGATION, c=ACCEPTANCE)
    found = read_records(uc)
    assert found.problems == []
    assert [record.id for record in found.records] == ["wrong-fee", "fresh-fees", "residual-fee-risk"]


def test_no_folder_is_no_record(tmp_path: Path) -> None:
    assert read_records(bank_support(folder=tmp_path)).records == []


@pytest.mark.parametrize(
    ("old", "new", "line", "why"),
    [
        ("kind: risk", "kind: rsik", 1, "expected one of review, risk"),
        ("severity: 4", "severity: 9", 1, "severity: a risk without risk_class is rated from 1 to 5"),
        ("likelihood: 3\n", "", 1, "this field is required"),
        ("written_on: 2026-11-01", "written_on: yesterday", 5, "valid date"),
        ("author: Olga Owner", 'author: "\\u200b"', 4, "invisible characters"),
        ("id: wrong-fee", "id: ../x", 2, "should match pattern"),
        ("severity: 4", "severity: 4\nurgent: yes", 9, "Extra inputs"),
    ],
)
def test_a_mistake_names_file_line_and_field_and_hides_no_other_record(
    uc: UseCase, old: str, new: str, line: int, why: str
) -> None:
    assert old in RISK
    write(uc, a=RISK.replace(old, new), z=RISK.replace("wrong-fee", "another"))
    found = read_records(uc)
    assert [record.id for record in found.records] == ["another"]
    assert len(found.problems) == 1 and f"a.yaml:{line}: " in found.problems[0] and why in found.problems[0]


def test_one_id_is_one_record_and_answers_point_at_records(uc: UseCase) -> None:
    write(uc, a=RISK, b=RISK, c=MITIGATION.replace("[wrong-fee]", "[no-such-risk]"))
    problems = "\n".join(read_records(uc).problems)
    assert "wrong-fee is taken by another record" in problems
    assert "fresh-fees is about no-such-risk, which is no record here" in problems


def test_due_dates_need_an_owner_and_follow_the_writing(uc: UseCase) -> None:
    write(uc, a=RISK + "due: 2026-10-01\n", b=ACCEPTANCE.replace("expires:", "due: 2026-12-01\nexpires:"))
    problems = "\n".join(read_records(uc).problems)
    assert "due (2026-10-01) lies before written_on" in problems and "what is due needs an owner" in problems


def test_what_is_late_is_named_with_who_sees_to_it_until_it_is_done(uc: UseCase) -> None:
    write(uc, a=RISK, b=MITIGATION, c=ACCEPTANCE)
    records = read_records(uc).records
    assert overdue(records, date(2026, 11, 30)) == []
    assert [str(late) for late in overdue(records, date(2026, 12, 1))] == [
        "fresh-fees (Read the price list every night): was due on 2026-11-30, Ben Builder sees to it"
    ]
    both = overdue(records, date(2027, 4, 1))
    assert [late.record.id for late in both] == ["fresh-fees", "residual-fee-risk"]
    write(uc, b=MITIGATION + "done_on: 2026-11-20\n")
    assert overdue(read_records(uc).records, date(2026, 12, 1)) == []


def test_each_version_is_one_entry_of_the_ledger_and_so_is_a_withdrawal(uc: UseCase, tmp_path: Path) -> None:
    lake = Lake(tmp_path / "home")
    write(uc, a=RISK)
    assert [enter_in_ledger(lake, uc, read_records(uc)) for _ in range(2)] == [1, 0]
    write(uc, a=RISK.replace("severity: 4", "severity: 5"))
    assert enter_in_ledger(lake, uc, read_records(uc)) == 1
    write(uc, a="not a record")
    assert enter_in_ledger(lake, uc, read_records(uc)) == 0, "what cannot be read now was not withdrawn"
    uc.path("records/a.yaml").unlink()
    assert enter_in_ledger(lake, uc, read_records(uc)) == 1
    entries = [(e.kind, e.body["id"], e.body.get("version")) for e in lake.ledger.entries()]
    assert entries == [
        ("record_written", "wrong-fee", 1),
        ("record_written", "wrong-fee", 2),
        ("record_withdrawn", "wrong-fee", None),
    ]


# --- signatures -------------------------------------------------------------------------------------------------------


@pytest.fixture
def key(tmp_path: Path) -> Path:
    file = tmp_path / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", str(file)], check=True)
    return file


def with_key(uc: UseCase, key: Path) -> UseCase:
    keys = {"Olga Owner": key.with_suffix(".pub").read_text()}
    return uc.model_copy(update={"people": uc.people.model_copy(update={"keys": keys})})


def sign(uc: UseCase, key: Path, name: str) -> None:
    file = uc.path(f"records/{name}.yaml")
    subprocess.run(["ssh-keygen", "-q", "-Y", "sign", "-n", "genaiops", "-f", str(key), str(file)], check=True)


def test_who_registered_a_key_signs(uc: UseCase, key: Path) -> None:
    uc = with_key(uc, key)
    write(uc, a=RISK)
    assert "sign it with ssh-keygen -Y sign -n genaiops" in read_records(uc).problems[0]
    sign(uc, key, "a")
    found = read_records(uc)
    assert (found.problems, found.signed) == ([], {"wrong-fee": True})


def test_a_signature_is_of_one_text(uc: UseCase, key: Path) -> None:
    uc = with_key(uc, key)
    write(uc, a=RISK)
    sign(uc, key, "a")
    write(uc, a=RISK.replace("severity: 4", "severity: 1"))
    assert read_records(uc).records == []
    assert "the signature is not Olga Owner's of this text" in read_records(uc).problems[0]


def test_a_signature_of_nobody_known_does_not_count(uc: UseCase, key: Path) -> None:
    write(uc, a=RISK)
    sign(uc, key, "a")
    assert "people.keys holds no key of Olga Owner" in read_records(uc).problems[0]

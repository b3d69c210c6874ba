"""Signed decisions with real keys: what is signed counts, what does not fit is refused and found, and a use case that
wants signatures takes nothing else."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.errors import Refused
from genaiops_assets.governance.keys import (
    KEY_MADE,
    add_key,
    key_fingerprint,
    keys_of_people,
    kind_of,
    known_keys,
    remove_key,
    remove_platform_key,
    sign_with,
    signature_problems,
    signing_key,
)
from genaiops_assets.governance.release import approval_in_words, approval_of, decide, release, revoke
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase
from tests.governance.deciding import APPROVER, OWNER, approve, promote
from tests.support.lakes import V1, V2, bank_support, candidate, publish

WHY = "as I was asked"
Signs = Callable[[bytes], str]


def ssh_key(folder: Path, name: str = "id") -> tuple[Signs, str]:
    key = folder / name
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(key)], check=True)
    return (lambda content: sign_with(key, content)), key.with_suffix(".pub").read_text()


def pem_key(folder: Path, name: str = "ec", certificate_days: int = 0) -> tuple[Signs, str]:
    """An EC key, or a self-signed X.509 certificate of one, made by openssl."""
    key, public = folder / f"{name}.pem", folder / f"{name}.crt"
    subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", str(key)], check=True)
    if certificate_days:
        made = ["openssl", "req", "-new", "-x509", "-key", str(key), "-subj", "/CN=Ada", "-days", str(certificate_days)]
        subprocess.run([*made, "-out", str(public)], check=True)
    else:
        subprocess.run(["openssl", "ec", "-in", str(key), "-pubout", "-out", str(public)], check=True)
    return (lambda content: sign_with(key, content)), public.read_text()


@pytest.fixture
def lake(lake: Lake, uc: UseCase) -> Lake:
    candidate(lake, uc, V1)
    return lake


def requiring(uc: UseCase) -> UseCase:
    return uc.model_copy(update={"people": uc.people.model_copy(update={"require_signature": True})})


def recorded(lake: Lake, uc: UseCase) -> UseCase:
    """The use case with signatures required, as the scope has it from now on."""
    strict = requiring(uc)
    candidate(lake, strict, V1)
    return strict


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (ssh_key, "ssh"),
        (pem_key, "pem"),
        (lambda folder: pem_key(folder, certificate_days=2), "certificate"),
    ],
)
def test_each_kind_of_key_signs_approval_release_and_revocation(
    lake: Lake, uc: UseCase, tmp_path: Path, made: Any, kind: str
) -> None:
    sign, public = made(tmp_path)
    add_key(lake, uc, public, by=APPROVER, reason=WHY, sign=sign)
    owner, owners = ssh_key(tmp_path, "owner")
    add_key(lake, uc, owners, by=OWNER, reason=WHY)
    (ada, olga) = keys_of_people(lake, uc)
    assert (ada.kind, ada.fingerprint, ada.stands, bool(ada.since)) == (kind, key_fingerprint(public), True, True)
    assert approve(lake, uc, sign=sign).signed
    assert approval_in_words(lake, uc, V1).signature == f"signed with {ada.fingerprint}"
    promote(lake, uc, sign=owner)
    revoke(lake, uc, V1, by="ada approver", reason=WHY, sign=sign)
    assert signature_problems(lake) == [] and olga.person == OWNER


def test_without_a_key_a_decision_is_shown_as_unsigned(lake: Lake, uc: UseCase) -> None:
    assert not approve(lake, uc).signed
    assert approval_in_words(lake, uc, V1).signature == "unsigned"
    assert signature_problems(lake) == []


def test_another_persons_key_and_an_unregistered_one_are_refused(lake: Lake, uc: UseCase, tmp_path: Path) -> None:
    sign, _ = ssh_key(tmp_path)
    with pytest.raises(Refused, match=r"nobody registered a key of Ada Approver: genaiops keys add"):
        approve(lake, uc, sign=sign)
    other, public = ssh_key(tmp_path, "other")
    add_key(lake, uc, public, by=OWNER, reason=WHY)
    with pytest.raises(Refused, match="nobody registered a key of Ada"):
        approve(lake, uc, sign=other)
    mine, mines = ssh_key(tmp_path, "mine")
    add_key(lake, uc, mines, by=APPROVER, reason=WHY, sign=mine)
    with pytest.raises(Refused, match="not by a registered key of Ada Approver"):
        approve(lake, uc, sign=other)
    assert approval_of(lake, uc, V1).status == "waiting"


def test_where_signatures_are_required_everything_unsigned_is_refused_with_the_command(
    lake: Lake, uc: UseCase, tmp_path: Path
) -> None:
    uc = recorded(lake, uc)
    with pytest.raises(Refused, match=r'genaiops keys add PUBLIC_KEY --as "Ada Approver".*--key KEY'):
        approve(lake, uc)
    sign, public = ssh_key(tmp_path)
    add_key(lake, uc, public, by=APPROVER, reason=WHY, sign=sign)
    with pytest.raises(Refused, match=r"signed decisions only \(people.require_signature\): sign it by adding --key"):
        approve(lake, uc)
    approve(lake, uc, sign=sign)
    with pytest.raises(Refused, match="signed decisions only"):
        promote(lake, uc)
    with pytest.raises(Refused, match="signed decisions only"):
        revoke(lake, uc, V1, by=APPROVER, reason=WHY)
    with pytest.raises(Refused, match="signed decisions only"):
        decide(lake, uc, V1, name=APPROVER, decision="rejected", reason=WHY)
    owner, owners = ssh_key(tmp_path, "owner")
    add_key(lake, uc, owners, by=OWNER, reason=WHY, sign=owner)
    assert promote(lake, uc, sign=owner).model_version == V1 and signature_problems(lake) == []


def test_an_unsigned_approval_lapses_when_signatures_become_required(lake: Lake, uc: UseCase) -> None:
    approve(lake, uc)
    found = approval_of(lake, recorded(lake, uc), V1)
    assert (found.status, "signature" in found.changed) == ("lapsed", True)


def test_a_forged_unsigned_entry_is_found_where_signatures_are_required(lake: Lake, uc: UseCase) -> None:
    approve(lake, uc)
    body = next(lake.ledger.entries("approval")).body
    uc = recorded(lake, uc)
    lake.ledger.append("approval", body)
    (problem,) = signature_problems(lake)
    assert f"ledger/{lake.ledger.head().name}: the approval by Ada Approver is unsigned" in problem


@pytest.mark.parametrize("field", ["reason", "name", "decision", "digests", "approvers", "risk", "follows"])
def test_a_signed_entry_of_another_content_is_found_and_not_released(
    lake: Lake, uc: UseCase, tmp_path: Path, field: str
) -> None:
    """Whoever may write the ledger can append what they like with hashes that fit; the signature does not."""
    sign, public = ssh_key(tmp_path)
    add_key(lake, uc, public, by=APPROVER, reason=WHY, sign=sign)
    approve(lake, uc, sign=sign)
    body = list(lake.ledger.entries("approval"))[-1].body
    other: dict[str, Any] = {"digests": {**body["digests"], "eval_report": "0" * 64}, "approvers": ["Eve"]}
    lake.ledger.append("approval", {**body, field: other.get(field, "Ada  Approver" if field == "name" else "other")})
    (problem,) = signature_problems(lake)
    assert (
        f"ledger/{lake.ledger.head().name}: the signature of the approval by" in problem and "does not fit" in problem
    )
    with pytest.raises(Refused):
        promote(lake, uc)


def test_a_copied_approval_is_found(lake: Lake, uc: UseCase, tmp_path: Path) -> None:
    """Rejected after it was approved: the old signed approval, appended once more, must not bring it back."""
    sign, public = ssh_key(tmp_path)
    add_key(lake, uc, public, by=APPROVER, reason=WHY, sign=sign)
    approve(lake, uc, sign=sign)
    body = list(lake.ledger.entries("approval"))[-1].body
    decide(lake, uc, V1, name=APPROVER, decision="rejected", reason=WHY, sign=sign)
    lake.ledger.append("approval", body)
    (problem,) = signature_problems(lake)
    assert "was signed after another decision than the one before it: it was copied or moved" in problem
    with pytest.raises(Refused, match="it was copied or moved"):
        promote(lake, uc)


def test_a_signature_of_another_home_or_version_does_not_fit(lake: Lake, uc: UseCase, tmp_path: Path) -> None:
    sign, public = ssh_key(tmp_path)
    there = Lake(tmp_path / "there")
    for one in (lake, there):
        add_key(one, uc, public, by=APPROVER, reason=WHY, sign=sign)
    candidate(there, uc, V1)
    approve(there, uc, sign=sign)
    lake.ledger.append("approval", next(there.ledger.entries("approval")).body)
    assert "does not fit" in signature_problems(lake)[0]
    candidate(there, uc, V2)
    there.ledger.append("approval", {**next(there.ledger.entries("approval")).body, "model_version": V2})
    assert "does not fit" in signature_problems(there)[0]


def test_a_removed_key_signs_no_more_and_what_it_signed_stays(lake: Lake, uc: UseCase, tmp_path: Path) -> None:
    sign, public = ssh_key(tmp_path)
    add_key(lake, uc, public, by=APPROVER, reason=WHY, sign=sign)
    approve(lake, uc, sign=sign)
    mark = key_fingerprint(public)
    with pytest.raises(Refused, match="only owners register or remove keys of others: Olga Owner"):
        remove_key(lake, uc, mark, by="Ben Builder", reason=WHY)
    remove_key(lake, uc, mark[:16], by=OWNER, reason="the laptop was stolen")
    assert not keys_of_people(lake, uc)[0].stands and signature_problems(lake) == []
    with pytest.raises(Refused, match="nobody registered a key"):
        approve(lake, uc, sign=sign)
    body = next(lake.ledger.entries("approval")).body
    lake.ledger.append("approval", body)  # what a thief appends
    assert "is signed, and no key of theirs was registered then" in signature_problems(lake)[0]


def test_a_further_key_is_signed_with_one_that_stands_where_signatures_are_required(
    lake: Lake, uc: UseCase, tmp_path: Path
) -> None:
    uc = recorded(lake, uc)
    first, public = ssh_key(tmp_path)
    add_key(lake, uc, public, by=APPROVER, reason=WHY, sign=first)
    second, publics = ssh_key(tmp_path, "second")
    with pytest.raises(Refused, match="signed decisions only"):
        add_key(lake, uc, publics, by=APPROVER, reason=WHY)
    with pytest.raises(Refused, match="not by a registered key"):
        add_key(lake, uc, publics, by=APPROVER, reason=WHY, sign=second)
    add_key(lake, uc, publics, by=APPROVER, reason=WHY, sign=first)
    assert signature_problems(lake) == []


def test_a_key_is_taken_once_and_a_private_one_never(lake: Lake, uc: UseCase, tmp_path: Path) -> None:
    _, public = ssh_key(tmp_path)
    add_key(lake, uc, public, by=APPROVER, reason=WHY)
    with pytest.raises(Refused, match="is registered already, as a key of Ada Approver"):
        add_key(lake, uc, public, by="Arif Approver", reason=WHY)
    with pytest.raises(Refused, match="that is a private key"):
        kind_of((tmp_path / "id").read_text())
    for text in ("", "hello", "ssh-ed25519", "-----BEGIN RSA PUBLIC KEY-----"):
        with pytest.raises(Refused, match="not a public key"):
            kind_of(text)


def test_keys_of_the_file_count_from_the_scope_that_records_them(lake: Lake, uc: UseCase, tmp_path: Path) -> None:
    sign, public = ssh_key(tmp_path)
    people = uc.people.model_copy(update={"keys": {"ADA  Approver": public}})
    uc = uc.model_copy(update={"people": people})
    (key,) = keys_of_people(lake, uc)
    assert (key.source, key.since, key.stands) == ("use case file", "", True)
    publish(lake, uc.key("use_case_scope"), {"scope.json": uc.scope()})
    (key,) = keys_of_people(lake, uc)
    assert key.since and key.stands
    candidate(lake, uc, V1)
    approve(lake, uc, sign=sign)
    assert signature_problems(lake) == []
    with pytest.raises(Refused, match="stands in the use case file"):
        remove_key(lake, uc, key.fingerprint, by=OWNER, reason=WHY)


def test_a_certificate_outside_its_dates_signs_nothing(lake: Lake, uc: UseCase, tmp_path: Path) -> None:
    from genaiops_assets.governance.keys import mismatch

    sign, public = pem_key(tmp_path, certificate_days=1)
    signature = sign(b"text")
    assert mismatch(public, b"text", signature) == ""
    assert "the certificate holds from" in mismatch(public, b"text", signature, "2019-01-01T00:00:00+00:00")
    assert "not by this key" in mismatch(public, b"other", signature)


def test_a_removed_key_of_the_platform_counts_no_more_and_a_new_one_is_made(lake: Lake, uc: UseCase) -> None:
    _, public = signing_key(lake)
    (mark,) = known_keys(lake)
    remove_platform_key(lake, mark[:12], OWNER, "the disk was copied")
    assert known_keys(lake) == {}
    _, fresh = signing_key(lake)
    assert fresh != public and list(known_keys(lake)) != [mark]
    assert len(list(lake.ledger.entries(KEY_MADE))) == 2
    with pytest.raises(Refused, match="names no key of the platform"):
        remove_platform_key(lake, mark, OWNER, "again")


def test_release_by_another_person_needs_their_own_key(lake: Lake, uc: UseCase, tmp_path: Path) -> None:
    sign, public = ssh_key(tmp_path)
    add_key(lake, uc, public, by=APPROVER, reason=WHY)
    approve(lake, uc, sign=sign)
    with pytest.raises(Refused, match="nobody registered a key of Olga Owner"):
        release(lake, uc, V1, kind="promote", by=OWNER, reason=WHY, sign=sign)


def test_require_signature_changes_no_dump_of_a_use_case_that_does_not_set_it() -> None:
    uc = bank_support()
    assert "require_signature" not in uc.scope()["people"] and "anchors" not in uc.model_dump()
    assert requiring(uc).scope()["people"]["require_signature"] is True

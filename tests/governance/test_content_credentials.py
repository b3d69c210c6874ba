"""Content Credentials in a PDF: read by the library itself, offline, with our root and without."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from genaiops_assets.governance.documents.content_credentials import ROOT, credential_in, root_of, with_credential
from genaiops_assets.lake import Lake

pytest.importorskip("c2pa")


@pytest.fixture
def pdf() -> bytes:
    from pypdf import PdfWriter

    writer, out = PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 200)
    writer.write(out)
    return out.getvalue()


def test_a_signed_file_is_trusted_with_our_root_and_known_as_ours_nowhere_else(pdf: bytes, tmp_path: Path) -> None:
    from pypdf import PdfReader

    lake = Lake(tmp_path / "home")
    signed = with_credential(lake, pdf, "documentation.pdf")
    ours = credential_in(signed, root_of(lake))
    assert ours is not None and (ours.state, ours.failures, ours.title) == ("Trusted", (), "documentation.pdf")
    elsewhere = credential_in(signed)
    assert elsewhere is not None and elsewhere.failures == ("signingCredential.untrusted",)
    other = credential_in(signed, root_of(Lake(tmp_path / "other")))
    assert other is not None and other.state != "Trusted"
    assert len(PdfReader(io.BytesIO(signed)).pages) == 1
    assert (lake.home / f"{ROOT}.key").stat().st_mode & 0o777 == 0o600


def test_a_changed_file_is_invalid_and_a_plain_one_says_nothing(pdf: bytes, tmp_path: Path) -> None:
    lake = Lake(tmp_path / "home")
    signed = with_credential(lake, pdf, "文档.pdf")
    changed = credential_in(signed.replace(b"200", b"300", 1), root_of(lake))
    assert changed is not None and changed.state == "Invalid" and "assertion.dataHash.mismatch" in changed.failures
    assert credential_in(pdf) is None

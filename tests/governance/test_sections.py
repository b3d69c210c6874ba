"""Sections that people write: their words with their names, or a named gap."""

from __future__ import annotations

from pathlib import Path

import pytest

from genaiops_assets.governance.documents.sections import read_sections
from genaiops_assets.use_case import UseCase, UseCaseError, write_starter
from genaiops_assets.use_case.load import load_use_case

GAP = {"gap": True, "name": "dossier/runbook.yaml: rollback"}


@pytest.fixture
def uc(tmp_path: Path) -> UseCase:
    write_starter(tmp_path / "shop")
    (tmp_path / "shop/dossier/runbook.yaml").unlink()  # the tests write their own
    return load_use_case(tmp_path / "shop")


def write(uc: UseCase, text: str) -> None:
    uc.path("dossier").mkdir(exist_ok=True)
    uc.path("dossier/runbook.yaml").write_text(text, encoding="utf-8")


def test_without_a_file_or_a_text_each_section_is_a_named_gap(uc: UseCase) -> None:
    assert read_sections(uc, "runbook", ["rollback"]) == {"rollback": GAP}
    write(uc, "sections:\n  rollback: {text: '[insert your text]'}\n")
    assert read_sections(uc, "runbook", ["rollback"]) == {"rollback": GAP}


def test_a_persons_words_come_with_their_name(uc: UseCase) -> None:
    write(uc, "sections:\n  rollback: {text: Call Ben., author: Ben Builder, written_on: 2026-11-20}\n")
    assert read_sections(uc, "runbook", ["rollback"]) == {
        "rollback": {"text": "Call Ben.", "author": "Ben Builder", "written_on": "2026-11-20"}
    }


def test_what_a_model_drafted_is_a_gap_until_somebody_signs(uc: UseCase) -> None:
    draft = "sections:\n  rollback: {text: Call Ben., drafted_by_model: some-model%s}\n"
    write(uc, draft % "")
    assert read_sections(uc, "runbook", ["rollback"])["rollback"] == {**GAP, "drafted_by_model": "some-model"}
    write(uc, draft % ", signed_by: Ada, signed_on: 2026-11-21")
    signed = read_sections(uc, "runbook", ["rollback"])["rollback"]
    assert signed["text"] == "Call Ben." and signed["signed_by"] == "Ada" and signed["drafted_by_model"] == "some-model"


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("sections:\n  rolback: {text: x}\n", "rolback"),
        ("sections:\n  rollback: {text: x, signed_by: Ada}\n", "belong together"),
        ("sections:\n  rollback: {txt: x}\n", "txt"),
    ],
)
def test_a_mistake_names_file_line_and_field(uc: UseCase, text: str, place: str) -> None:
    write(uc, text)
    with pytest.raises(UseCaseError, match=r"(?s)runbook\.yaml.*2.*" + place):
        read_sections(uc, "runbook", ["rollback"])

"""The copyright record: each source has a basis, refused ones stay out, five measures are in people's words."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.evidence import find_gaps, verify_claims
from genaiops_assets.governance.documents import documents
from genaiops_assets.governance.documents.copyright_record import (
    MEASURES,
    basis_problems,
    build_copyright_record,
    render_copyright_record,
)
from tests.governance.filed_evidence import documents as evidence_of
from tests.governance.filed_evidence import flipped, in_folder, loader, sources

DOCUMENT = documents()["copyright_record"]
TEXTS = {section: f"About {section}." for section in MEASURES.values()}


def corpus(**changes: Any) -> dict[str, Any]:
    """The corpus whose source is changed."""
    made = copy.deepcopy(evidence_of()["filtered_corpus"])
    made["sources"][0] |= changes
    return made


def built(folder: Path, **changes: Any) -> dict[str, Any]:
    return build_copyright_record(in_folder(folder, copyright_record=TEXTS), sources(filtered_corpus=corpus(**changes)))


def test_policy_and_measures_are_peoples_words_or_gaps(tmp_path: Path) -> None:
    document = built(tmp_path)
    assert find_gaps(document) == [] and DOCUMENT.judge("five_measures_are_written", document, {}).problems == []
    (tmp_path / "dossier/copyright_record.yaml").unlink()
    bare = build_copyright_record(in_folder(tmp_path), sources())
    assert len(DOCUMENT.judge("five_measures_are_written", bare, {}).problems) == 5
    assert find_gaps(bare)[0] == "dossier/copyright_record.yaml: policy"


def test_each_source_says_its_rights_and_what_was_left_out(tmp_path: Path) -> None:
    document = built(tmp_path)
    (source,) = document["sources"]
    assert source["told"]["license"]["value"] == "MIT" and source["summary_section"] == "2.1"
    assert source["dropped"]["erased"]["value"] == 2
    assert DOCUMENT.figures(document)["rows kept out by erasures and opt-outs"] == 2
    assert "Kept out: erased or opted out | 2 |" in render_copyright_record(document, "en")
    assert "因删除或退出而排除 | 2 |" in render_copyright_record(document, "zh")


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({}, None),
        ({"owner": ""}, "no owner"),
        ({"rights_basis": "tdm_exception", "lawful_access_basis": "open web", "robots": "allowed"}, None),
        ({"rights_basis": "tdm_exception", "robots": "allowed"}, "no lawful_access_basis"),
        ({"rights_basis": "tdm_exception", "lawful_access_basis": "open web"}, "neither robots nor another signal"),
        ({"rights_basis": "tdm_exception", "lawful_access_basis": "open web", "tdm_signals": {"tdmrep": "reserved"}}, "reserved (tdmrep)"),
        ({"rights_basis": "tdm_exception", "lawful_access_basis": "open web", "robots": "disallowed"}, "reserved (robots)"),
        ({"owner": "", "documents": 0}, None),
    ],
)  # fmt: skip
def test_a_source_without_a_basis_is_named(tmp_path: Path, changes: dict[str, Any], problem: str | None) -> None:
    document = built(tmp_path, **changes)
    found = DOCUMENT.judge("every_source_has_a_basis", document, {}).problems
    assert found == [p for source in document["sources"] for p in basis_problems(source)]
    assert (problem in found[0] and len(found) == 1) if problem else found == []


def test_a_refused_source_in_the_corpus_is_named(tmp_path: Path) -> None:
    assert DOCUMENT.judge("refused_sources_stay_out", built(tmp_path), {}).problems == []
    found = DOCUMENT.judge("refused_sources_stay_out", built(tmp_path, refused="no licence"), {}).problems
    assert found == ["knowledge_base was refused (no licence) and is in the corpus"]
    assert (
        DOCUMENT.judge("refused_sources_stay_out", built(tmp_path, refused="no licence", documents=0), {}).problems
        == []
    )


def test_its_claims_hold_and_a_changed_count_is_caught(tmp_path: Path) -> None:
    given = sources()
    document = build_copyright_record(in_folder(tmp_path, copyright_record=TEXTS), given)
    assert verify_claims(document, loader(given)) == []
    for name in ("filtered_corpus", "documents"):
        assert verify_claims(document, loader(flipped(given, name)))

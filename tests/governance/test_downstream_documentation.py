"""Information for downstream providers: a subset of the technical documentation, by rule and not by hand."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.evidence import Evidence, verify_claims
from genaiops_assets.governance.documents import Source
from genaiops_assets.governance.documents.downstream_documentation import (
    ANNEX_XII,
    SECTIONS,
    build_downstream,
    letters_unanswered,
    render_downstream,
    subset_problems,
)
from genaiops_assets.governance.documents.technical_documentation import build_technical_documentation
from tests.governance.filed_evidence import all_sections, flipped, in_folder, loader, sources


@pytest.fixture
def made(tmp_path: Path) -> tuple[dict[str, Any], dict[str, Source]]:
    """The document, and all it was built from."""
    texts = {name: f"About {name}." for name in SECTIONS}
    uc = in_folder(tmp_path, technical_documentation=all_sections(), downstream_documentation=texts)
    given = sources()
    technical = build_technical_documentation(uc, given)
    given["technical_documentation"] = Source(Evidence("bank_support/technical_documentation", "7" * 64, technical))
    return build_downstream(uc, given), given


def test_it_holds_the_rows_for_downstream_providers_and_no_other(made: Any) -> None:
    document, given = made
    technical = given["technical_documentation"].evidence.document
    ids = {row["id"] for row in document["rows"]}
    assert {"architecture", "licence", "acceptable_use", "provenance"} <= ids
    assert not ids & {"training_flop", "training_energy", "selection", "training_time", "results"}
    assert subset_problems(document, technical) == [] and letters_unanswered(document) == []
    assert {letter for row in document["rows"] for letter in row["annex_xii"]} == set(ANNEX_XII)


def test_a_foreign_a_changed_and_a_left_out_row_are_caught(made: Any) -> None:
    document, given = made
    technical = given["technical_documentation"].evidence.document
    broken = copy.deepcopy(document)
    broken["rows"] = [row for row in broken["rows"] if row["id"] != "licence"]
    broken["rows"].append(next(row for row in technical["rows"] if row["id"] == "training_energy"))
    broken["rows"][0]["entries"][0]["said"]["text"] = "Something else."
    assert subset_problems(broken, technical) == [
        "training_energy is no row for downstream providers",
        "licence is left out",
        "document_version differs from the technical documentation",
    ]
    assert letters_unanswered(broken) == ["Annex XII 1.h: no row"]


def test_it_says_how_to_integrate_the_model_and_hides_exact_sizes(made: Any) -> None:
    document, _ = made
    text = render_downstream(document, "en")
    for told in ("8,192", "transformers", "torch: 2.13", "hybrid", "1–500 M", "About integration\\_steps.", "14"):
        assert told in text, told
    assert "134,515,008" not in text and "FLOP" not in text
    assert "面向下游提供者的信息" in render_downstream(document, "zh")


def test_its_claims_point_at_what_was_measured_and_a_change_is_caught(made: Any) -> None:
    document, given = made
    assert verify_claims(document, loader(given)) == []
    for name in ("base_model", "eval_report", "filtered_corpus"):
        found = verify_claims(document, loader(flipped(given, name)))
        assert found and all(f"bank_support/{name}@" in problem for problem in found)

"""The mandate of an authorised representative or the reason for none; the file on systemic risk where it is owed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.evidence import find_gaps, verify_claims
from genaiops_assets.governance.documents.authorised_representative import (
    build_representative,
    mandate_problems,
    render_representative,
)
from genaiops_assets.governance.documents.systemic_risk_file import (
    DUTIES,
    build_systemic_risk_file,
    file_problems,
    render_systemic_risk_file,
)
from tests.governance.filed_evidence import classification, flipped, in_folder, loader, sources

TODAY = date(2026, 12, 1)
MANDATE = {
    "id": "representative-in-the-union", "kind": "mandate", "title": "Mandate of Example Ltd", "holder": "Example Ltd",
    "text": "May speak for us to the AI Office.", "author": "Olga Owner", "written_on": "2026-11-01", "expires": "2027-11-01",
}  # fmt: skip
INCIDENT = {"id": "i", "kind": "incident", "severity": "serious", "title": "A wrong fee was paid"}


def representative(folder: Path, *records: dict[str, Any], **texts: str) -> dict[str, Any]:
    uc = in_folder(folder, authorised_representative=texts)
    return build_representative(uc, sources(records={"records": list(records)}))


def test_without_a_mandate_a_person_says_why(tmp_path: Path) -> None:
    silent = representative(tmp_path)
    assert mandate_problems(silent, TODAY) == ["neither a mandate nor a reason for none"]
    assert find_gaps(silent) == ["dossier/authorised_representative.yaml: reason_for_none"]
    said = representative(tmp_path, reason_for_none="Established in the Union.")
    assert mandate_problems(said, TODAY) == [] and find_gaps(said) == []
    assert "Established in the Union." in render_representative(said, "zh")


@pytest.mark.parametrize(
    ("changes", "today", "problem"),
    [
        ({}, TODAY, []),
        ({}, date(2027, 11, 2), ["the mandate ended on 2027-11-01"]),
        ({"id": "signing"}, TODAY, ["neither a mandate nor a reason for none"]),
        ({"kind": "minutes"}, TODAY, ["neither a mandate nor a reason for none"]),
    ],
)
def test_a_mandate_is_one_of_a_representative_and_holds_today(
    tmp_path: Path, changes: dict[str, str], today: date, problem: list[str]
) -> None:
    document = representative(tmp_path, MANDATE | changes, address_and_contact="1 Rue Example, Brussels")
    assert mandate_problems(document, today) == problem


def test_a_mandate_without_an_address_is_not_enough(tmp_path: Path) -> None:
    document = representative(tmp_path, MANDATE)
    assert mandate_problems(document, TODAY) == ["no address and contact"]
    given = sources(records={"records": [MANDATE]})
    assert verify_claims(document, loader(given)) == []
    changed = sources(records={"records": [MANDATE | {"holder": "Another Ltd"}]})
    (problem,) = verify_claims(document, loader(changed))
    assert "/records/0/holder" in problem


def systemic(folder: Path, owed: bool | None, texts: dict[str, str], **changes: Any) -> dict[str, Any]:
    judged = None if owed is None else classification(systemic_risk_file=owed)
    uc = in_folder(folder, systemic_risk_file=texts)
    return build_systemic_risk_file(uc, sources(regulatory_classification=judged, **changes))


def test_where_it_is_not_owed_one_page_says_so_and_why(tmp_path: Path) -> None:
    document = systemic(tmp_path, False, {})
    assert file_problems(document) == [] and find_gaps(document) == [] and document["duties"] == {}
    page = render_systemic_risk_file(document, "en")
    assert "so Art. 55." in page and "no such file is kept" in page


def test_what_nobody_classified_fails(tmp_path: Path) -> None:
    document = systemic(tmp_path, None, {})
    assert file_problems(document) == ["whether the file is owed was not classified: regulatory_classification"]


def test_where_it_is_owed_each_duty_is_answered_by_people_and_evidence(tmp_path: Path) -> None:
    texts = {name: f"About {name}." for name in (*DUTIES.values(), "notification")}
    whole = systemic(tmp_path, True, texts, records={"records": [INCIDENT]})
    assert file_problems(whole) == [] and set(whole["duties"]) == {"a", "b", "c", "d"}
    assert whole["duties"]["c"]["facts"]["incident 1"]["value"] == "A wrong fee was paid"
    bare = systemic(tmp_path, True, {**texts, "cybersecurity": ""}, red_team_report=None, risk_register=None)
    assert file_problems(bare) == [
        "Art. 55(1)(d): dossier/systemic_risk_file.yaml: cybersecurity",
        "Art. 55(1)(a): no adversarial testing",
        "Art. 55(1)(b): no risk register",
    ]


def test_claims_of_the_file_hold_and_a_change_is_caught(tmp_path: Path) -> None:
    given = sources(regulatory_classification=classification(systemic_risk_file=True))
    document = build_systemic_risk_file(in_folder(tmp_path), given)
    assert verify_claims(document, loader(given)) == []
    assert verify_claims(document, loader(flipped(given, "red_team_report")))

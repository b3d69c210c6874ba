"""What every written document keeps: its claims hold, a changed figure is caught, gaps are named, both languages read,
and the first line says whether the law asks for it."""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from genaiops_assets.evidence import find_claims, find_gaps, html_page, labels, placeholders, verify_claims
from genaiops_assets.governance.compliance import register
from genaiops_assets.governance.documents import documents
from genaiops_assets.governance.documents.operating.deployer_pack import duties
from genaiops_assets.governance.documents.operating.written import CLASSIFICATION, heading, render_written
from genaiops_assets.use_case import UseCase, write_starter
from genaiops_assets.use_case.load import load_use_case
from tests.governance.operating.evidence import ACCEPTED, ASKED, NAMES, build, sources
from tests.support.lakes import PACKAGED

UCS = ("bank_support", "library_zh")


@pytest.fixture(scope="module", params=UCS)
def uc(request: pytest.FixtureRequest) -> UseCase:
    return load_use_case(PACKAGED / request.param)


@pytest.fixture(scope="module")
def found(uc: UseCase) -> dict[str, Any]:
    return sources(uc, ACCEPTED, ASKED)


def loading(found: dict[str, Any]) -> Any:
    by_place = {(s.evidence.asset, s.evidence.digest): s.evidence.document for s in found.values()}
    return lambda asset, digest: by_place[asset, digest]


@pytest.mark.parametrize("name", NAMES)
def test_claims_hold_and_each_changed_figure_is_caught(uc: UseCase, found: dict[str, Any], name: str) -> None:
    made = build(uc, name, found)
    claims = find_claims(made)
    assert claims and verify_claims(made, loading(found)) == []
    for place in range(0, len(claims), max(1, len(claims) // 12)):
        changed = copy.deepcopy(made)
        find_claims(changed)[place]["value"] = "another"
        assert len(verify_claims(changed, loading(found))) == 1


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_pages_are_whole_in_both_languages(uc: UseCase, found: dict[str, Any], name: str, language: str) -> None:
    made = build(uc, name, found)
    page, t = render_written(made, language), labels(language)
    assert placeholders(page) == [] and "{'" not in page and not re.search(r"\bNone\b(?!;)", page)
    assert all(f"## {t[heading(made, part)]}" in page for part in made["parts"])
    assert (t["written_own_language"] in page) == (language != uc.language)
    assert "<table>" in html_page(page, language) or name == "use_policy"
    assert "| &nbsp; |" in page or name != "deployer_pack"


@pytest.mark.parametrize("name", NAMES)
def test_what_people_of_the_examples_had_to_write_is_written(uc: UseCase, found: dict[str, Any], name: str) -> None:
    assert find_gaps(build(uc, name, found)) == []


def test_a_new_use_case_has_every_section_as_a_named_gap(tmp_path: Path) -> None:
    write_starter(tmp_path / "shop")
    shop = load_use_case(tmp_path / "shop")
    found = sources(shop)
    for name in NAMES:
        made, sections = build(shop, name, found), documents()[name].sections
        assert {f"dossier/{name}.yaml: {section}" for section in sections} <= set(find_gaps(made))
        assert all(f"`dossier/{name}.yaml: {s}`" in documents()[name].render(made) for s in sections)
        stated = yaml.safe_load((tmp_path / "shop" / "dossier" / f"{name}.yaml").read_text("utf-8"))["sections"]
        assert set(stated) == set(sections)


@pytest.mark.parametrize(
    ("stated", "said"),
    [
        (None, "Nobody has classified this use case yet"),
        ({"owed": True, "because": "it is high-risk", "articles": ["article-26"]}, "The law asks for this document (Article 26). it is high-risk"),
        ({"owed": False, "because": "nobody outside uses it"}, "**The law does not ask for this document here.** nobody outside uses it"),
    ],
)  # fmt: skip
def test_the_first_line_says_whether_it_is_owed(stated: dict[str, Any] | None, said: str) -> None:
    uc = load_use_case(PACKAGED / "bank_support")
    further = {CLASSIFICATION: {"owed": {"use_policy": stated}}} if stated else {}
    made = build(uc, "use_policy", sources(uc, **further))
    assert documents()["use_policy"].render(made).splitlines()[2].startswith(said)
    assert "answers sent to customers without an agent reading them" in documents()["use_policy"].render(made)


def test_two_languages_come_from_one_json(uc: UseCase, found: dict[str, Any]) -> None:
    other = "zh" if uc.language == "en" else "en"
    for name in ("deployer_pack", "evaluation_summary", "use_policy"):
        made = build(uc, name, found)
        pages = documents()[name].further_pages(made)
        assert list(pages) == [f"{name}.{other}.md"] and pages[f"{name}.{other}.md"] == render_written(made, other)
        numbers = [re.findall(r"\d\.\d{3}", page) for page in (documents()[name].render(made), *pages.values())]
        assert numbers[0] == numbers[1]


def test_what_a_person_wrote_cannot_become_markup(tmp_path: Path) -> None:
    write_starter(tmp_path / "shop")
    hostile = "<script>alert(1)</script> [x](javascript:1) | **b**"
    content = {"sections": {"allowed": {"text": hostile, "author": hostile}}}
    (tmp_path / "shop" / "dossier" / "use_policy.yaml").write_text(json.dumps(content))
    shop = load_use_case(tmp_path / "shop")
    page = documents()["use_policy"].render(build(shop, "use_policy", sources(shop)))
    assert "<script>" not in page and "[x](" not in page and r"\*\*b\*\*" in page


def test_every_duty_names_an_article_of_the_registry_and_a_part_of_the_pack() -> None:
    parts = documents()["deployer_pack"].sections
    for duty in duties()["duties"]:
        assert duty["article"] in {one.id for one in register()["articles"]}, duty
        assert duty["part"] in (*parts, "report_form") and duty["en"] and duty["zh"]

"""The datasheet: all 57 questions, automatic answers as claims, gaps by name, people only where people are."""

import collections
import json

import pytest

from genaiops_assets.evidence import find_claims, find_gaps, placeholders, verify_claims
from genaiops_assets.governance.documents import build_datasheet, datasheet_questions, render_datasheet
from tests.governance.evidence import HOSTILE, corpus, loader, use_case

HUMAN = [q["id"] for q in datasheet_questions() if q["kind"] == "human" and not q.get("optional")]
PEOPLE = [q["id"] for q in datasheet_questions() if q.get("people")]


def answers(sheet):
    return {answer["id"]: answer for section in sheet["sections"] for answer in section["answers"]}


def test_the_questions_are_those_of_the_paper():
    questions = datasheet_questions()
    counts = collections.Counter(question["section"] for question in questions)
    assert counts == {
        "motivation": 4,
        "composition": 16,
        "collection": 12,
        "preprocessing": 4,
        "uses": 6,
        "distribution": 7,
        "maintenance": 8,
    }
    assert len({question["id"] for question in questions}) == 57
    assert {question["kind"] for question in questions} == {"automatic", "human"}
    assert sum(question.get("optional", False) for question in questions) == 7
    assert all(question["id"].startswith(question["section"]) for question in questions)
    assert all(
        question.keys() & {"statement", "facts", "from"} for question in questions if question["kind"] == "automatic"
    )


def test_automatic_answers_are_claims_that_hold():
    sheet = json.loads(json.dumps(build_datasheet(use_case(), corpus())))
    assert len(answers(sheet)) == 57
    assert answers(sheet)["composition_count"]["claims"]["instances"]["value"] == 300
    assert answers(sheet)["collection_timeframe"]["claims"]["first_seen"]["value"] == {"first": 1, "last": 3}
    assert len(find_claims(sheet)) > 20
    assert verify_claims(sheet, loader(corpus())) == []
    assert verify_claims(sheet, loader(corpus(instances=299)))


def test_unanswered_questions_are_named_gaps():
    sheet = build_datasheet(use_case(), corpus())
    assert find_gaps(sheet) == [f"datasheet.{name}" for name in HUMAN if name not in PEOPLE]
    text = render_datasheet(sheet)
    assert all(f"`{name}`" in text for name in find_gaps(sheet))
    assert placeholders(text) == []


def test_a_person_closes_the_gaps():
    written = use_case(datasheet=dict.fromkeys(HUMAN, "The bank, in full."))
    sheet = build_datasheet(written, corpus())
    assert find_gaps(sheet) == []
    assert render_datasheet(sheet).count("The bank, in full.") == len(HUMAN)
    template_text = use_case(datasheet={"motivation_funding": "[More Information Needed]"})
    assert "datasheet.motivation_funding" in find_gaps(build_datasheet(template_text, corpus()))
    no_contact = use_case(card={})
    assert "card.contact" in find_gaps(build_datasheet(no_contact, corpus()))


@pytest.mark.parametrize("level", ["source", "scan"])
def test_questions_about_people_open_where_people_are(level):
    source = corpus().document["sources"][0] | {"personal_data": "masked"}
    about = corpus(sources=[source]) if level == "source" else corpus(pii_counts={"email": 3})
    assert all(answers(build_datasheet(use_case(), corpus()))[name]["not_applicable"] for name in PEOPLE)
    sheet = build_datasheet(use_case(), about)
    assert not any("not_applicable" in answer for answer in answers(sheet).values())
    assert set(find_gaps(sheet)) == {f"datasheet.{name}" for name in HUMAN}
    assert answers(sheet)["composition_identification"]["claims"]["pii_counts"]["value"] == about.document["pii_counts"]


def test_missing_statistics_and_unknown_questions_are_named():
    broken = corpus()
    del broken.document["operators"]
    with pytest.raises(KeyError, match="filtered_corpus has no /operators"):
        build_datasheet(use_case(), broken)
    nameless = corpus()
    del nameless.document["sources"][0]["license"]
    with pytest.raises(KeyError, match="filtered_corpus has no /sources/0/license"):
        build_datasheet(use_case(), nameless)
    with pytest.raises(ValueError, match="motivation_founding"):
        build_datasheet(use_case(datasheet={"motivation_founding": "The bank."}), corpus())


def test_hostile_text_stays_text():
    source = corpus().document["sources"][0] | {"owner": HOSTILE}
    text = render_datasheet(build_datasheet(use_case(title=HOSTILE), corpus(sources=[source])))
    assert "<script>" not in text and "[click]" not in text and "\n# Heading" not in text
    table_row = next(line for line in text.splitlines() if "alert" in line and line.startswith("| "))
    assert table_row.replace("\\|", "").count("|") == 7


def test_a_chinese_datasheet_is_chinese():
    text = render_datasheet(build_datasheet(use_case(language="zh"), corpus()))
    assert "# 数据说明书" in text and "## 组成" in text and "Any other comments" not in text and "缺口" in text


def test_retention_and_access_are_stated_or_a_named_gap() -> None:
    stated = use_case(
        sources=[
            {"name": "faq", "ref": "path:docs", "license": "MIT", "owner": "Bank", "retention": 30},
            {"name": "minutes", "ref": "path:m", "license": "MIT", "owner": "Bank", "access": "staff"},
        ],
        inbox={"license": "MIT", "owner": "Bank", "retention": "2030-12-31", "access": "staff"},
    )
    sheet = build_datasheet(stated, corpus())
    assert find_gaps(sheet["kept"]) == ["sources.faq.access", "sources.minutes.retention"]
    assert [source["retention"].get("text") for source in sheet["kept"]] == ["30 days", None, "2030-12-31"]
    page = render_datasheet(sheet)
    assert "| faq | 30 days |" in page and "sources.faq.access" in page and "| inbox | 2030-12-31 | staff |" in page

"""The article registry: everything we cite is in it, and wrong numbers are seen in what people write."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
import yaml

from genaiops_assets.governance.compliance import (
    citations_in,
    every_article,
    in_words,
    miscited_by_people,
    mistakes_in,
    unknown_citations,
)
from genaiops_assets.use_case import write_starter
from genaiops_assets.use_case.load import load_use_case
from tests.conftest import PROJECT

PACKAGE = PROJECT / "genaiops_assets"
MISTAKES = PACKAGE / "governance/compliance/wrong_citations.yaml"  # says what is wrong, so it holds it
TEXTS = [
    p
    for p in [*sorted(PACKAGE.rglob("*")), PROJECT / "README.md"]
    if p.suffix in (".py", ".yaml", ".j2", ".md") and p != MISTAKES and "node_modules" not in p.parts
]
IDS = re.compile(r"(?<![\w-])(?:article-\d[\w.]*\w|article-\d|annex-[IVX]+(?:\.\w+)*)(?![\w-])")


# --- the register


@pytest.mark.parametrize("entry", every_article().values(), ids=lambda e: e.id)
def test_every_article_has_number_title_date_source_and_day_of_reading(entry: object) -> None:
    assert in_words(entry.id).startswith(("Art. ", "Annex ")) and entry.title["en"] and entry.title["zh"]
    assert date(2024, 8, 1) <= date.fromisoformat(entry.applies_from) <= date(2030, 8, 2)
    assert entry.source and date(2026, 1, 1) <= date.fromisoformat(entry.checked_on) <= date(2026, 12, 31)


def test_no_article_stands_in_the_register_twice() -> None:
    content = yaml.safe_load((PACKAGE / "governance/compliance/articles.yaml").read_text("utf-8"))
    ids = [entry["id"] for entry in (*content["articles"], *content["cited"])]
    assert len(ids) == len(set(ids)) == len(every_article())


# --- what we cite


def test_every_citation_in_code_templates_labels_and_data_is_in_the_register() -> None:
    unknown = {
        p.relative_to(PROJECT).as_posix(): found for p in TEXTS if (found := unknown_citations(p.read_text("utf-8")))
    }
    assert unknown == {}


def test_every_id_in_tags_and_data_is_in_the_register() -> None:
    known = every_article()
    unknown = {
        p.relative_to(PROJECT).as_posix(): found
        for p in TEXTS
        if p.suffix in (".py", ".yaml") and (found := {i for i in IDS.findall(p.read_text("utf-8")) if i not in known})
    }
    assert unknown == {"genaiops_assets/governance/compliance/registry.py": {"article-1"}}  # an example of what is none


def test_nothing_we_ship_cites_wrongly() -> None:
    wrong = {
        p.relative_to(PROJECT).as_posix(): list(map(str, found))
        for p in TEXTS
        if (found := mistakes_in(p.read_text("utf-8")))
    }
    assert wrong == {}


def test_an_unknown_number_is_named_as_it_is_written() -> None:
    assert unknown_citations("see Art. 53(1)(z) and Annex VII") == ["Art. 53(1)(z)", "Annex VII"]


# --- reading citations


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("Art. 53(1)(a)", ["article-53.1.a"]),
        ("Article 10 (2) (f) and Article 4a", ["article-10.2.f", "article-4a"]),
        ("《人工智能法》第 50(2) 条", ["article-50.2"]),
        ("Annex XI(1) with Annex IV", ["annex-XI.1", "annex-IV"]),
        ("GDPR, Article 5(1)(c)", []),
        ("Directive (EU) 2019/790, Art. 4(3)", []),
        ("Article 5(1)(c) of the GDPR", []),
        ("Regulation (EU) 2024/1689, Art. 51(2)", ["article-51.2"]),
        ("Party. 12 and chapter 7", []),
    ],
)
def test_citations_are_read_as_people_write_them(text: str, ids: list[str]) -> None:
    assert [one.id for one in citations_in(text)] == ids


@pytest.mark.parametrize(
    ("identifier", "words"),
    [("article-53.1.a", "Art. 53(1)(a)"), ("annex-XI.1.2", "Annex XI, section 1, point 2"), ("annex-IV", "Annex IV")],
)
def test_an_id_is_spelled_for_people(identifier: str, words: str) -> None:
    assert in_words(identifier) == words


# --- wrong numbers


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Art. 17 post-market monitoring", "Art. 72"),
        ("| Article 17 | Post-market Monitoring | done |", "Art. 72"),
        ("## Art. 18 – Incident Notification", "Art. 73"),
        ("Art. 28: Provider Obligations", "Art. 16"),
        ("Post-market monitoring plan under Article 61 of the draft", "Art. 72"),
        ("serious incidents (Art. 62)", "Art. 73"),
        ("transparency obligations (Art. 52)", "Art. 50"),
        ("obligations of deployers (Article 29)", "Art. 26"),
        ("上市后监测（第 61 条）", "Art. 72"),
        ("providers of foundation models (Art. 28b)", "Art. 53"),
        ("see Article 52c", "Art. 53"),
        ("Technical documentation of our GPAI model after Annex IV", "Annex XI"),
        ("Annex IV lists what the general-purpose model documents", "Annex XI"),
        ("more than 10^25 FLOP/s", "a rate per second"),
        ("10^25 FLOPs per second", "a rate per second"),
        ("above 1e25 FLOPS", "a rate per second"),
        ("10²⁵ floating-point operations per second", "a rate per second"),
        ("超过 10^25 次浮点运算/秒", "a rate per second"),
        ("Art. 131 applies", "articles 1 to 113"),
        ("Annex XV", "annexes I to XIII"),
    ],
)
def test_a_wrong_citation_is_seen_with_the_right_one(text: str, told: str) -> None:
    (found, *_) = mistakes_in(text)
    assert told in found.why


@pytest.mark.parametrize(
    "text",
    [
        "post-market monitoring (Art. 72), serious incidents (Art. 73)",
        "Art. 17(1)(h) post-market monitoring as part of quality management",
        "Art. 72 and the risk management system (Art. 9)",
        "Art. 26(5): serious incidents are reported to the provider",
        "Annex IV is for high-risk systems, not for a general-purpose model",
        "Annex IV. The GPAI model has Annex XI.",
        "more than 10^25 FLOP, cumulative",
        "an H100 does 989 TFLOP/s, 9.9e14 FLOP/s",
        "transparency obligations of Art. 50",
        "AI literacy (Art. 4) since 2025",
        "部署者义务（第 26 条）",
        "the code of practice (Art. 56)",
    ],
)
def test_what_is_right_is_left_alone(text: str) -> None:
    assert mistakes_in(text) == []


def test_what_people_wrote_is_looked_through_with_file_and_line(tmp_path: Path) -> None:
    write_starter(tmp_path / "shop")
    uc = load_use_case(tmp_path / "shop")
    assert miscited_by_people(uc) == []
    uc.path("dossier/runbook.yaml").write_text(
        "sections:\n  watching:\n    text: We follow Art. 17 (post-market monitoring).\n"
    )
    (found,) = miscited_by_people(uc)
    assert found.startswith("dossier/runbook.yaml:3: ") and "Art. 72" in found

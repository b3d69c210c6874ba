"""Croissant metadata: what mlcroissant loads, what our schema refuses, and what stays a gap."""

from __future__ import annotations

import json

import mlcroissant
import pytest

from genaiops_assets.evidence import find_gaps, placeholders
from genaiops_assets.governance.documents import (
    build_croissant,
    croissant_problems,
)
from tests.governance.data_evidence import TABLE, log_of, measured, source
from tests.governance.evidence import use_case

PUBLISHED = {
    "url": "https://bank.example/faq",
    "date_published": "2026-02-01",
    "version": "1.0.0",
    "citation": "Bank FAQ corpus, 2026.",
    "collection_start": "2025-01-01",
    "collection_end": "2026-01-31",
    "limitations": "Only published conditions.",
    "social_impact": "Customers may trust it too much.",
}


def test_mlcroissant_loads_what_our_schema_accepts() -> None:
    uc = use_case(data_card=PUBLISHED, datasheet={"composition_missing": "Prices before 2020."})
    made = build_croissant(uc, measured(), TABLE, log_of(uc))
    jsonld = json.loads(json.dumps(made["jsonld"]))
    assert croissant_problems(jsonld) == [] and find_gaps(made) == []
    loaded = mlcroissant.Dataset(jsonld=jsonld).metadata
    assert loaded.ctx.issues.errors == set() and loaded.ctx.issues.warnings == set()
    assert (loaded.name, loaded.version, str(loaded.url)) == ("bank_faq_corpus", "1.0.0", PUBLISHED["url"])
    assert [f.sha256 for f in loaded.distribution] == ["7" * 64]
    assert [f.name for f in loaded.record_sets[0].fields][:4] == ["id", "source", "title", "text"]
    assert loaded.data_social_impact == PUBLISHED["social_impact"] and len(loaded.data_biases) == 3
    assert jsonld["rai:dataCollectionTimeframe"] == ["2025-01-01", "2026-01-31"]
    assert jsonld["license"] == ["https://spdx.org/licenses/CC-BY-4.0.html"]


@pytest.mark.parametrize(
    "field", ["name", "license", "creator", "url", "datePublished", "description", "conformsTo", "distribution"]
)
def test_our_schema_refuses_what_mlcroissant_lets_pass(field: str) -> None:
    uc = use_case(data_card=PUBLISHED)
    jsonld = build_croissant(uc, measured(), TABLE, log_of(uc))["jsonld"]
    del jsonld[field]
    assert croissant_problems(jsonld) == [f"/: '{field}' is a required property"]
    assert croissant_problems(jsonld, (field,)) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rai:dataDataManipulationProtocol": "x"}, "rai:dataDataManipulationProtocol"),
        ({"rai:dataCollectionTimeFrame": ["2025-01-01"]}, "rai:dataCollectionTimeFrame"),
        ({"license": []}, "/license"),
        ({"creator": [{"@type": "sc:Organization", "name": ""}]}, "/creator/0/name"),
        ({"datePublished": "2026-02-31"}, "/datePublished"),
        ({"rai:dataBiases": []}, "/rai:dataBiases"),
    ],
)
def test_our_schema_names_the_mistake(change: dict, said: str) -> None:
    uc = use_case(data_card=PUBLISHED)
    jsonld = {**build_croissant(uc, measured(), TABLE, log_of(uc))["jsonld"], **change}
    problems = croissant_problems(jsonld)
    assert problems and said in problems[0]


def test_what_nobody_stated_is_a_gap_and_left_out() -> None:
    made = build_croissant(use_case(), measured(), TABLE, log_of(use_case()))
    assert (
        "data_card.url" in find_gaps(made)
        and "data_card.social_impact" in find_gaps(made)
        and "datasheet.composition_missing" in find_gaps(made)
    )
    assert not {"url", "rai:dataSocialImpact", "rai:dataCollectionTimeframe"} & made["jsonld"].keys()
    assert placeholders(json.dumps(made["jsonld"], indent=1)) == []
    assert croissant_problems(made["jsonld"], ("url", "datePublished")) == []


def test_personal_data_and_biases_are_said() -> None:
    uc = use_case()
    about = measured(pii_counts={"EMAIL": 3}, sources=[source("faq", personal_data="masked")])
    jsonld = build_croissant(uc, about, TABLE, log_of(uc))["jsonld"]
    assert jsonld["rai:personalSensitiveInformation"] == ["EMAIL: 3", "source faq declares personal data: masked"]
    assert jsonld["rai:dataBiases"][0] == "source (faq): share 1.000, threshold 0.9"

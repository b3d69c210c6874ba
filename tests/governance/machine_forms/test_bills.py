"""What the bills of materials say: the figures of the report with their intervals, energy, base model and data, and the
nine questions of readers of AI BOMs."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from genaiops_assets.governance.machine_forms import VersionRecord, form_files, judged_forms, readiness
from genaiops_assets.governance.machine_forms.record import groups_of
from tests.support.lakes import V1
from tests.support.lived import KWH, MADE_BY

Part = dict[str, Any]


@pytest.fixture
def bill(record: VersionRecord) -> Part:
    return json.loads(form_files("cyclonedx", record)["mlbom.cdx.json"])


@pytest.fixture
def graph(record: VersionRecord) -> list[Part]:
    return json.loads(form_files("spdx", record)["aibom.spdx3.json"])["@graph"]


def test_groups_that_nobody_wrote_down_are_left_out(english: VersionRecord) -> None:
    """As `scoping_documents.json` has it in a new use case: a gap by name where a list or a text would stand."""
    gap = {"gap": True, "name": "scoping/social_impact.md: groups"}
    assert groups_of({"groups": gap}) == () == groups_of({}) and groups_of({"groups": [{"group": "a"}]})
    half = replace(english, groups=({"group": "Customers", "benefit": gap, "harm": "wrong fee"},))
    bill = json.loads(form_files("cyclonedx", half)["mlbom.cdx.json"])
    (found,) = bill["metadata"]["component"]["modelCard"]["considerations"]["fairnessAssessments"]
    assert found == {"groupAtRisk": "Customers", "harms": "wrong fee"}
    assert judged_forms({"cyclonedx": form_files("cyclonedx", half)})[0] == []


def test_each_figure_of_the_report_stands_in_the_card_with_its_interval(record: VersionRecord, bill: Part) -> None:
    metrics = bill["metadata"]["component"]["modelCard"]["quantitativeAnalysis"]["performanceMetrics"]
    assert len(metrics) == len(record.judged.figures) > 20
    figure = next(f for f in record.judged.figures if (f.metric, f.cell, f.slice) == ("answer_f1", "tuned_with", "dev"))
    found = next(m for m in metrics if m["slice"] == "tuned_with · dev" and m["type"] == "golden.answer_f1")
    assert float(found["value"]) == figure.value["mean"]
    interval = found["confidenceInterval"]
    assert (float(interval["lowerBound"]), float(interval["upperBound"])) == (figure.value["low"], figure.value["high"])


def test_the_base_model_is_the_ancestor_and_each_data_set_a_component(record: VersionRecord, bill: Part) -> None:
    model = bill["metadata"]["component"]
    (ancestor,) = model["pedigree"]["ancestors"]
    assert ancestor["type"] == "machine-learning-model" and ancestor["licenses"] == [{"license": {"id": "Apache-2.0"}}]
    assert ancestor["components"][0]["hashes"] == [{"alg": "SHA-256", "content": "b" * 64}]
    data = {c["bom-ref"]: c for c in bill["components"] if c["type"] == "data"}
    assert set(data) == {"data/filtered_corpus", "data/preference_pairs", "data/golden_set"}
    assert data["data/filtered_corpus"]["licenses"] == [{"license": {"id": "MIT"}}]  # CC0: no document came from it
    assert [d["ref"] for d in model["modelCard"]["modelParameters"]["datasets"]] == list(data)
    libraries = {c["name"]: c["purl"] for c in bill["components"] if c["type"] == "library"}
    assert libraries["torch"] == "pkg:pypi/torch@2.13.0%2Bcpu" and set(libraries) == set(MADE_BY)
    kinds = {r["type"] for r in model["externalReferences"]}
    assert kinds == {"model-card", "quality-metrics", "evidence"}
    croissant = data["data/filtered_corpus"]["externalReferences"][0]
    assert (
        croissant["url"] == record.croissant["place"]
        and croissant["hashes"][0]["content"] == record.croissant["sha256"]
    )


def test_the_reserved_properties_and_the_energy(record: VersionRecord, bill: Part) -> None:
    model = bill["metadata"]["component"]
    named = {p["name"]: p["value"] for p in model["properties"]}
    assert named["cdx:ai-ml:model:parameter:count"] == "134.5M"
    assert named["cdx:ai-ml:model:parameter:tune_methods"] == "sft, lora"
    assert named["cdx:ai-ml:model:languages"] == {"bank_support": "en", "library_zh": "zh"}[record.use_case]
    (used,) = model["modelCard"]["considerations"]["environmentalConsiderations"]["energyConsumptions"]
    assert used["activityEnergyCost"] == {"value": KWH, "unit": "kWh"} and used["activity"] == "fine-tuning"
    assert used["energyProviders"][0]["energySource"] == "unknown"
    how = {p["name"]: p["value"] for p in model["modelCard"]["properties"]}
    assert how["genaiops:energy:tracking_mode"] == "machine"


def test_what_nobody_measured_or_stated_is_left_out(english: VersionRecord) -> None:
    bare = replace(english, run={}, groups=(), base={}, base_files=(), provider="", croissant={})
    files = form_files("cyclonedx", bare)
    assert judged_forms({"cyclonedx": files, "spdx": form_files("spdx", bare)}) == ([], {})
    model = json.loads(files["mlbom.cdx.json"])["metadata"]["component"]
    assert "environmentalConsiderations" not in model["modelCard"]["considerations"]
    assert "manufacturer" not in model and "properties" in model["modelCard"]
    missed = [name for name, there in readiness(json.loads(files["mlbom.cdx.json"])).items() if not there]
    assert [name[:6] for name in missed] == ["AI-002", "AI-005", "AI-006"]


def test_a_small_energy_is_a_decimal(english: VersionRecord) -> None:
    """The classes of SPDX would write 5e-05, which no reader of xsd:decimal takes."""
    files = form_files("spdx", replace(english, run={"energy": {"kwh": 0.00005}}))
    assert '"0.00005"' in files["aibom.spdx3.json"] and judged_forms({"spdx": files}) == ([], {})


def card(bill: Part) -> Part:
    return bill["metadata"]["component"]["modelCard"]


REMOVED: list[tuple[str, Callable[[Part], Any]]] = [
    ("AI-001", lambda b: b["metadata"]["component"].pop("externalReferences")),
    ("AI-002", lambda b: card(b)["modelParameters"].pop("architectureFamily")),
    ("AI-003", lambda b: card(b)["modelParameters"].update(datasets=[])),
    ("AI-004", lambda b: card(b).pop("quantitativeAnalysis")),
    ("AI-005", lambda b: card(b)["considerations"].pop("fairnessAssessments")),
    ("AI-006", lambda b: card(b)["considerations"].pop("environmentalConsiderations")),
    ("AI-007", lambda b: card(b)["considerations"].pop("useCases")),
    ("AI-008", lambda b: card(b)["considerations"].pop("technicalLimitations")),
    ("AI-009", lambda b: card(b)["considerations"].pop("ethicalConsiderations")),
]


def test_the_bill_answers_all_nine_questions_and_each_can_be_missed(bill: Part) -> None:
    assert len(REMOVED) == 9 and list(readiness(bill).values()) == [True] * 9
    for number, remove in REMOVED:
        changed = copy.deepcopy(bill)
        remove(changed)
        assert [name[:6] for name, there in readiness(changed).items() if not there] == [number]


def test_a_bill_without_a_model_answers_none_and_one_silent_model_counts_for_all(bill: Part) -> None:
    assert not any(readiness({"components": [{"type": "library", "name": "torch"}]}).values())
    silent = {"type": "machine-learning-model", "name": "another"}
    assert not any(readiness({**bill, "components": [silent]}).values())


def test_spdx_names_both_models_the_data_and_how_they_hang_together(record: VersionRecord, graph: list[Part]) -> None:
    models = {p["spdxId"].rpartition("#")[2]: p for p in graph if p["type"] == "ai_AIPackage"}
    assert set(models) == {"model", "base"} and models["model"]["software_packageVersion"] == V1
    related = {
        (r["from"].rpartition("#")[2], r["relationshipType"]): [to.rpartition("#")[2] for to in r["to"]]
        for r in graph
        if r["type"] == "Relationship"
    }
    assert related["model", "descendantOf"] == ["base"] and related["model", "testedOn"] == ["golden_set"]
    assert sorted(related["model", "trainedOn"]) == ["filtered_corpus", "preference_pairs"]
    licences = {
        p["spdxId"].rpartition("#")[2]: p["simplelicensing_licenseExpression"]
        for p in graph
        if p["type"] == "simplelicensing_LicenseExpression"
    }
    assert licences == {"licence-model": "Apache-2.0", "licence-base": "Apache-2.0", "licence-filtered_corpus": "MIT"}
    metrics = {m["key"]: m["value"] for m in models["model"]["ai_metric"]}
    figure = next(f for f in record.judged.figures if f.name == "refusal.refused.tuned_with")
    assert metrics["refusal.refused.tuned_with.score"].startswith(f"{figure.value['mean']} [")
    used = models["model"]["ai_energyConsumption"]["ai_finetuningEnergyConsumption"][0]
    assert float(used["ai_energyQuantity"]) == KWH and used["ai_energyUnit"] == "kilowattHour"

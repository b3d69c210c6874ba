"""The whole life of the default use case, with its real model: what a new user does, through the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from genaiops_assets.lake import Lake
from tests.conftest import genaiops

pytestmark = [pytest.mark.model, pytest.mark.timeout(1500)]
APPROVER, BUILDER, OWNER = "Ada Approver", "Ben Builder", "Olga Owner"


def status(home: Path) -> dict:
    return json.loads(genaiops(home, "status", "--json").stdout)


def version_of(home: Path) -> str:
    return status(home)["newest"]["model_version"]


def test_everything_is_materialized_and_waits_for_a_person(smoke_home: Path) -> None:
    found = status(smoke_home)
    states = {a["key"].split("/")[-1]: a for a in found["assets"]}
    later = {"drift_report", "production_evaluation", "production_model", "retraining_request", "traffic"}
    later |= {"cost_report", "internal_review", "monitoring_report"}  # by the clock
    later |= {"rating_report", "human_eval_report"}  # once people rated
    later |= {"rollout_report"}  # once a candidate answers beside production
    later |= {"policy_rules"}  # by a solver that is an extra
    later |= {"latency_report"}  # where the use case states limits, or a person asks
    assert states.pop("interactions")["state"] in ("missing", "materialized")
    assert {n for n, a in states.items() if a["state"] != "materialized"} == later
    failed = [
        (n, c["name"])
        for n, a in states.items()
        for c in a["checks"]
        if c["passed"] is False and c["severity"] == "ERROR"
    ]
    assert failed == []
    approval = next(c for c in states["release_decision"]["checks"] if c["name"] == "human_approval")
    assert (approval["passed"], approval["severity"]) == (False, "WARN")
    assert found["production"] is None and found["newest"]["approval"] == "waiting"
    notes = Lake(smoke_home).notes
    planned, seen = (notes.get("bank_support", name) for name in ("planned_base", "base_model_stamp"))
    assert planned is not None and planned == seen


def test_the_second_run_is_all_memo(own_home: Path) -> None:
    before = {a["key"]: a["digest"] for a in status(own_home)["assets"]}
    artifacts = sorted(p.parent.name for p in own_home.glob("artifacts/*/*/*/manifest.json"))
    genaiops(own_home, "demo", "--preset", "smoke")
    assert {a["key"]: a["digest"] for a in status(own_home)["assets"]} == before
    assert sorted(p.parent.name for p in own_home.glob("artifacts/*/*/*/manifest.json")) == artifacts


def test_only_an_approver_approves_and_only_then_is_it_promoted(own_home: Path) -> None:
    version = version_of(own_home)
    for name in (BUILDER, "Nobody Known"):
        refused = genaiops(own_home, "approve", version, "--as", name, "--reason", "looks fine", check=False)
        assert refused.returncode == 1 and "approvers of bank_support: Ada Approver" in refused.stdout
    early = genaiops(own_home, "promote", version, "--as", OWNER, "--reason", "try", check=False)
    assert early.returncode == 1 and "waits for approval" in early.stdout
    accepts = ("--accept", "a demonstration, nobody acts on its answers", "--until", "2099-12-31")
    why = "a demonstration, sample too small to decide"
    genaiops(own_home, "approve", version, "--as", APPROVER, "--reason", why, *accepts)
    genaiops(own_home, "promote", version, "--as", OWNER, "--reason", "demonstration")
    found = status(own_home)
    assert found["production"] == version
    production = next(a for a in found["assets"] if a["key"].endswith("production_model"))
    checks = {c["name"]: c["passed"] for c in production["checks"]}
    assert production["state"] == "materialized" and checks["event_log_agrees_with_pointer"] is True
    assert False not in checks.values()
    assert genaiops(own_home, "verify").returncode == 0


def test_one_changed_byte_is_named_by_verify_and_stops_promotion(own_home: Path) -> None:
    version = version_of(own_home)
    accepts = ("--accept", "a demonstration", "--until", "2099-12-31")
    genaiops(own_home, "approve", version, "--as", APPROVER, "--reason", "a demonstration", *accepts)
    card = next((own_home / "artifacts/bank_support/model_card").glob("*/README.md"))
    content = card.read_bytes()
    card.write_bytes(content[:100] + bytes([content[100] ^ 1]) + content[101:])
    checked = genaiops(own_home, "verify", check=False)
    assert checked.returncode == 1 and "model_card" in checked.stdout and "README.md" in checked.stdout
    refused = genaiops(own_home, "promote", version, "--as", OWNER, "--reason", "try", check=False)
    assert refused.returncode == 1 and "README.md" in refused.stdout


def test_a_new_document_is_the_only_row_processed(own_home: Path, tmp_path: Path) -> None:
    file = tmp_path / "parking.md"
    file.write_text(
        "# Parking at the head office\n\nCustomers park for 35 minutes free of charge at the Rho-Bank head office in "
        "level 2.\n"
    )
    genaiops(own_home, "ingest", str(file), "--now")
    summary = [
        json.loads(p.read_text())["summary"]["figures"]
        for p in own_home.glob("artifacts/bank_support/*/*/manifest.json")
    ]
    assert {"processed_now": 1, "reused_rows": 698}.items() <= next(
        s for s in summary if s.get("processed_now") == 1
    ).items()
    assert next(s for s in summary if s.get("embedded_now") == 1)["reused"] > 1000


def test_a_question_is_answered_with_its_sources_and_logged_masked(own_home: Path) -> None:

    said = genaiops(own_home, "ask", "What balance waives the Blue Account fee? My mail is jo@example.com")
    assert "[1]" in said.stdout and "similarity" in said.stdout
    rows = Lake(own_home).tables.open("bank_support/interactions").search().to_list()
    assert (
        len(rows) == 1
        and "example.com" not in rows[0]["question"]
        and rows[0]["masked"] == "EMAIL"
        and rows[0]["retain_until"]
    )


def test_a_document_is_traced_and_the_recipe_explained(smoke_home: Path) -> None:
    document = "doc_checking_accounts_blue_account_001"
    said = genaiops(smoke_home, "trace", document).stdout
    assert "worked out again" in said and "MIT" in said and "documents.json.gz" in said and "kept" in said
    recipe = Path(__file__).parents[2] / "genaiops_assets/examples/bank_support/recipe.yaml"
    told = genaiops(smoke_home, "recipe", "explain", str(recipe)).stdout
    assert "9 of 9 operators compiled" in told and "fix_unicode_mapper" in told and "698" in told
    unknown = genaiops(smoke_home, "trace", "no_such_document", check=False)
    assert unknown.returncode == 1 and "no document 'no_such_document'" in unknown.stdout

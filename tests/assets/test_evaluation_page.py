"""Asset `evaluation_page` on a judged version: files, pictures for the UI, and a check that sees a changed figure."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from typer.testing import CliRunner

from genaiops_assets.assets.release.evaluation_page import FILE, evaluation_page_assets, questions_of
from genaiops_assets.cli.main import app
from genaiops_assets.governance.evaluation_page import LANGUAGES, page_file
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase, register
from genaiops_assets.use_case.load import load_use_case
from genaiops_assets.use_case.workspace import PACKAGED
from tests.support.judged import decision_of, judged, report_of, scored_rows
from tests.support.lakes import V1, publish


def materialized(lake: Lake, uc: UseCase, version: str = V1) -> Any:
    with dg.DagsterInstance.ephemeral() as instance:
        instance.add_dynamic_partitions(f"{uc.name}__model_version", [version])
        return dg.materialize(
            evaluation_page_assets(uc),
            resources={"platform": Platform(home=str(lake.home))},
            instance=instance,
            partition_key=version,
            raise_on_error=False,
        )


@pytest.mark.parametrize("name", ["bank_support", "library_zh"])
def test_a_judged_version_has_a_page_in_both_languages_and_its_plots_in_the_ui(lake: Lake, name: str) -> None:
    uc = load_use_case(PACKAGED / name)
    judged(lake, uc)
    done = materialized(lake, uc)
    made = lake.current(uc.key("evaluation_page"), V1)
    titled = [uc.title in made.local(page_file(language)).read_text("utf-8") for language in LANGUAGES]
    assert titled == [True, True]
    (event,) = done.get_asset_materialization_events()
    metadata = event.materialization.metadata
    assert metadata["verdict"].value == "no_go" and metadata["failed"].value == "refuses"
    titles = {"en": ("Golden questions", "Refusal · effect"), "zh": ("标准问题", "拒答 · 效应")}[uc.language]
    assert all("data:image/png;base64," in metadata[title].value for title in titles)
    assert "worst items" in metadata and "dollars" not in str(metadata["worst items"].value)
    (checked,) = done.get_asset_check_evaluations()
    assert checked.passed


def test_suites_that_ask_golden_questions_show_them_and_others_only_their_id(lake: Lake, uc: UseCase) -> None:
    report = judged(lake, uc)
    asked = questions_of(lake, uc, report)
    assert asked["golden", "g03"] == asked["groundedness", "g03"] == "What is fee number 3?"
    assert asked["refusal", "u03"] == "What is fee number 3? (3)" and ("toxicity", "g03") not in asked


def test_the_same_inputs_make_the_same_page_once(lake: Lake, uc: UseCase) -> None:
    judged(lake, uc)
    materialized(lake, uc)
    (again,) = materialized(lake, uc).get_asset_materialization_events()
    assert again.materialization.metadata["reused"].value is True


def test_a_version_that_was_never_decided_has_a_page_and_another_once_it_is(lake: Lake, uc: UseCase) -> None:
    judged(lake, uc, decided=False)
    materialized(lake, uc)
    before = lake.current(uc.key("evaluation_page"), V1)
    assert before.json(FILE)["summary"]["verdict"] is None and before.json(FILE)["losses"] == []
    judged(lake, uc)
    materialized(lake, uc)
    now = lake.current(uc.key("evaluation_page"), V1)
    assert now.json(FILE)["summary"]["verdict"]["value"] == "no_go" and len(now.json(FILE)["losses"]) == 3


def test_the_check_names_a_figure_that_its_source_does_not_have(lake: Lake, uc: UseCase) -> None:
    judged(lake, uc)
    materialized(lake, uc)
    made = lake.current(uc.key("evaluation_page"), V1)
    page = made.json(FILE)
    page["suites"][0]["figures"][0]["figure"]["value"]["mean"] = 0.99
    Path(made.local(FILE)).write_text(json.dumps(page))
    (checked,) = materialized(lake, uc).get_asset_check_evaluations()
    assert not checked.passed and "eval_report" in checked.metadata["problems"].value


def test_another_decision_makes_another_page(lake: Lake, uc: UseCase) -> None:
    judged(lake, uc)
    materialized(lake, uc)
    before = lake.current(uc.key("evaluation_page"), V1).digest
    decision = {**decision_of(report_of(scored_rows("en"))), "verdict": "undecided"}
    publish(lake, uc.key("release_decision"), {"decision.json": decision}, partition=V1)
    materialized(lake, uc)
    now = lake.current(uc.key("evaluation_page"), V1)
    assert now.digest != before and now.json(FILE)["summary"]["verdict"]["value"] == "undecided"


@pytest.fixture
def home(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in (("GENAIOPS_HOME", lake.home), ("DAGSTER_HOME", lake.home / "dagster"), ("COLUMNS", 400)):
        monkeypatch.setenv(name, str(value))
    register(lake.home, "package:library_zh")
    return lake.home


def test_genaiops_report_prints_the_path_in_the_language_of_the_use_case(
    home: Path, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    uc = load_use_case(PACKAGED / "library_zh")
    run = CliRunner().invoke
    assert "no version was decided on yet" in run(app, ["report", "-u", uc.name]).output
    judged(lake, uc)
    assert "materialize" in run(app, ["report", "-u", uc.name]).output
    materialized(lake, uc)
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda address: not opened.append(address))
    said = run(app, ["report", V1, "-u", uc.name, "--no-open"]).output.strip()
    assert Path(said).name == "evaluation_page.zh.html" and Path(said).exists() and opened == []
    english = run(app, ["report", "-u", uc.name, "--lang", "en"]).output.strip()
    assert Path(english).name == "evaluation_page.en.html" and opened == [Path(english).resolve().as_uri()]
    refused = run(app, ["report", "-u", uc.name, "--lang", "fr", "--no-open"])
    assert refused.exit_code == 1 and "not in 'fr'" in refused.output

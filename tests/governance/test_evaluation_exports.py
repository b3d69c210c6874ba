"""Evaluations in the forms of others: what their own code or schema accepts, with the numbers of the report and no
text of a question or an answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from huggingface_hub import parse_eval_result_entries
from typer.testing import CliRunner

from genaiops_assets.cli.main import app
from genaiops_assets.errors import NotMaterialized
from genaiops_assets.evidence import resolve_pointer
from genaiops_assets.governance.evaluation_exports import EVALUATION_EXPORTERS, JudgedVersion, judged_version
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase, register
from genaiops_assets.use_case.load import load_use_case
from genaiops_assets.use_case.workspace import PACKAGED
from tests.assets.test_evaluation_page import materialized
from tests.support.judged import SAID, judged
from tests.support.lakes import V1, publish

SCHEMA = Path(__file__).parent.parent / "support/data/every_eval_ever/eval.schema.json"
PLAN = {"training": {"base": {"ref": "pkg:small/model.gguf", "digest": "b" * 64}, "method": "dpo"}}


def ready(lake: Lake, uc: UseCase) -> dict[str, Any]:
    """A judged version with its page and its plan; the report."""
    report = judged(lake, uc)
    publish(lake, uc.key("model_plan"), {"plan.json": PLAN}, partition=V1)
    materialized(lake, uc)
    return report.json("eval_report.json")


def exported(lake: Lake, uc: UseCase, to: str, folder: Path) -> list[Path]:
    EVALUATION_EXPORTERS.get(to).export(judged_version(lake, uc, V1), folder)
    return sorted(p for p in folder.rglob("*") if p.is_file())


@pytest.mark.parametrize("name", ["bank_support", "library_zh"])
def test_every_eval_ever_is_what_its_schema_asks_for(lake: Lake, name: str, tmp_path: Path) -> None:
    uc = load_use_case(PACKAGED / name)
    ready(lake, uc)
    (file,) = exported(lake, uc, "every-eval-ever", tmp_path / "out")
    found = json.loads(file.read_text())
    schema = json.loads(SCHEMA.read_text())
    jsonschema.validate(found, schema)
    assert found["schema_version"] == schema["version"]
    assert file.relative_to(tmp_path / "out").parts[:2] == ("data", uc.name)
    found["evaluation_results"][0]["score_details"]["score"] = "0.5"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(found, schema)


def test_its_own_package_finds_nothing_wrong(lake: Lake, uc: UseCase, tmp_path: Path) -> None:
    validation = pytest.importorskip("every_eval_ever.validation_core")
    ready(lake, uc)
    (file,) = exported(lake, uc, "every-eval-ever", tmp_path / "out")
    place = file.relative_to(tmp_path / "out").as_posix()
    report = validation.validate_file(file, run_semantic_checks=True, repo_path=place)
    assert report.valid and report.errors == [] and report.warnings == []


def test_the_figures_are_those_of_the_report_with_interval_items_and_gates(
    lake: Lake, uc: UseCase, tmp_path: Path
) -> None:
    report = ready(lake, uc)
    (file,) = exported(lake, uc, "every-eval-ever", tmp_path / "out")
    found = {r["evaluation_name"]: r for r in json.loads(file.read_text())["evaluation_results"]}
    value = resolve_pointer(report, "/cells/tuned_with/answer_f1/dev")
    made = found["golden.answer_f1.tuned_with.dev"]["score_details"]
    assert made["score"] == value["mean"] and made["uncertainty"]["num_samples"] == value["n"]
    interval = made["uncertainty"]["confidence_interval"]
    assert (interval["lower"], interval["upper"], interval["confidence_level"]) == (value["low"], value["high"], 0.95)
    assert found["refusal.refused.tuned_with"]["score_details"]["details"] == {"gate refuses": "fail"}
    assert found["golden.chrf.tuned_with"]["score_details"]["details"]["attrition missing"] == "4"
    effect = found["golden.tuning"]["metric_config"]
    assert (effect["min_score"], effect["metric_unit"]) == (-1.0, "difference")
    toxic = found["toxicity.toxic.tuned_with"]["metric_config"]
    assert toxic["lower_is_better"] is True and not found["golden.chrf.tuned_with"]["metric_config"]["lower_is_better"]


def test_the_hub_reads_one_entry_a_file_with_what_its_form_cannot_say_in_the_note(
    lake: Lake, uc: UseCase, tmp_path: Path
) -> None:
    report = ready(lake, uc)
    files = exported(lake, uc, "eval-results", tmp_path / "out")
    entries = {f.name: parse_eval_result_entries(yaml.safe_load(f.read_text())) for f in files}
    assert all(len(found) == 1 for found in entries.values())
    (entry,) = entries["golden.answer_f1.tuned_with.yaml"]
    value = report["cells"]["tuned_with"]["answer_f1"]["all"]
    assert entry.value == value["mean"] and entry.task_id == "answer_f1" and entry.date.startswith("2026-11-30")
    assert f"mean of {value['n']} items, 95% interval [{value['low']:.4g}" in entry.notes
    assert not any("base_with" in name or ".dev" in name for name in entries)
    (toxic,) = entries["toxicity.toxic.tuned_with.yaml"]
    assert "less is better" in toxic.notes


def test_a_log_a_suite_as_inspect_names_its_fields(lake: Lake, uc: UseCase, tmp_path: Path) -> None:
    report = ready(lake, uc)
    logs = {
        log["eval"]["task"]: log
        for f in exported(lake, uc, "inspect", tmp_path / "out")
        for log in [json.loads(f.read_text())]
    }
    assert set(logs) == {"golden", "refusal", "toxicity"}
    golden = {s["name"]: s for s in logs["golden"]["results"]["scores"]}["golden.chrf.tuned_with"]
    value = report["cells"]["tuned_with"]["chrf"]["all"]
    assert golden["metrics"]["mean"]["value"] == value["mean"]
    assert (golden["scored_samples"], golden["unscored_samples"]) == (36, 4)
    assert logs["golden"]["results"]["total_samples"] == 40 and logs["golden"]["version"] == 2


def test_inspect_reads_the_logs(lake: Lake, uc: UseCase, tmp_path: Path) -> None:
    inspect_log = pytest.importorskip("inspect_ai.log")
    report = ready(lake, uc)
    read = [inspect_log.read_eval_log(str(file)) for file in exported(lake, uc, "inspect", tmp_path / "out")]
    refusal = next(log for log in read if log.eval.task == "refusal")
    score = next(s for s in refusal.results.scores if s.name == "refusal.refused.tuned_with")
    assert score.metrics["mean"].value == report["suites"]["refusal"]["cells"]["tuned_with"]["refused"]["all"]["mean"]


@pytest.mark.parametrize("to", EVALUATION_EXPORTERS.names())
def test_no_text_leaves_the_home_and_the_same_report_is_the_same_files(
    lake: Lake, uc: UseCase, tmp_path: Path, to: str
) -> None:
    ready(lake, uc)
    once, twice = (
        {f.relative_to(tmp_path / n): f.read_bytes() for f in exported(lake, uc, to, tmp_path / n)} for n in "ab"
    )
    assert once and once == twice
    words = [said.partition("{")[0].encode() for said in SAID["en"]]
    assert not any(word in content for word in words for content in once.values())
    assert str(lake.home).encode() not in b"".join(once.values())


def test_a_version_without_a_page_is_refused_by_name(lake: Lake, uc: UseCase) -> None:
    judged(lake, uc)
    with pytest.raises(NotMaterialized, match="evaluation_page"):
        judged_version(lake, uc, V1)


def test_the_command_takes_exporters_of_both_kinds(
    lake: Lake, uc: UseCase, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("GENAIOPS_HOME", lake.home), ("DAGSTER_HOME", lake.home / "dagster"), ("COLUMNS", 400)):
        monkeypatch.setenv(name, str(value))
    register(lake.home, "package:bank_support")
    ready(lake, uc)
    run = CliRunner().invoke
    done = run(app, ["export", V1, "--to", "every-eval-ever", "-o", str(tmp_path / "out")])
    assert done.exit_code == 0 and len(list((tmp_path / "out").rglob("*.json"))) == 1
    refused = run(app, ["export", V1, "--to", "nothing", "--into", str(tmp_path)])
    assert refused.exit_code == 1 and "mlflow" in refused.output and "every-eval-ever" in refused.output


def test_a_judged_version_says_who_what_and_by_which_items(lake: Lake, uc: UseCase) -> None:
    ready(lake, uc)
    found: JudgedVersion = judged_version(lake, uc, V1)
    assert found.model["base"] == "model.gguf" and found.provider and found.verdict == "no_go"
    golden = lake.current(uc.key("golden_set")).digest
    assert found.suites == {"golden": golden, "refusal": golden, "toxicity": "v1"}
    assert len({figure.name for figure in found.figures}) == len(found.figures)

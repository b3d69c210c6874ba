"""Asset `guard_report` on a real use case: what its checks pass, and what makes each of them fail."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import dagster as dg

from genaiops_assets.assets.evaluation.guard_report import guard_report_assets
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import GuardRecord, GuardSettings, Serving, UseCase, write_starter
from genaiops_assets.use_case.load import load_use_case

LOCAL = ["question_length", "question_personal_data", "question_language", "personal_data_masked", "answer_format"]


def shop(folder: Path, guards: list[str], settings: dict[str, Any] | None = None, **record: Any) -> UseCase:
    if not (folder / "shop").exists():
        write_starter(folder / "shop")
    serving = Serving(
        guards=guards,
        guard_settings=GuardSettings.model_validate(settings or {}),
        guard_record=GuardRecord.model_validate(record),
    )
    return load_use_case(folder / "shop").model_copy(update={"serving": serving})


def reported(uc: UseCase, home: Path) -> tuple[Any, dict[str, Any]]:
    """The artifact, and the outcome of each check by name."""
    result = dg.materialize(
        guard_report_assets(uc),
        resources={"platform": Platform(home=str(home))},
        instance=dg.DagsterInstance.ephemeral(),
    )
    return Lake(home).current(uc.key("guard_report")), {c.check_name: c for c in result.get_asset_check_evaluations()}


def test_good_rules_pass_and_every_rule_has_its_figures(tmp_path: Path) -> None:
    artifact, checks = reported(shop(tmp_path, LOCAL, recall={"question_personal_data": 0.3}), tmp_path / "home")
    assert {name: check.passed for name, check in checks.items()} == dict.fromkeys(checks, True)
    rules = artifact.json("guard_report.json")["rules"]
    assert rules["question_language"]["on"] and not rules["prompt_injection"]["on"]
    assert set(rules["prompt_injection"]["languages"]) == {"all", "en", "zh"}
    assert {path.name for path in artifact.local("views").iterdir()} == {
        "recall at one percent.png",
        "false blocks.png",
    }
    rows = artifact.summary["tables"]["milliseconds"]
    assert {"all rules on input", "all rules on output"} <= {row["rule"] for row in rows}
    assert "milliseconds" not in artifact.local("guard_report.json").read_text()


def test_a_rule_that_finds_too_little_blocks_too_much_or_is_slow_is_named(tmp_path: Path) -> None:
    guards = ["prompt_injection", "answer_toxicity"]
    uc = shop(tmp_path, guards, recall={"prompt_injection": 0.9, "answer_cites": 0.5}, milliseconds=0.0001)
    _, checks = reported(uc, tmp_path / "home")
    short = checks["guards_find_what_they_should"].metadata["short"].value
    assert "prompt_injection, zh" in short and "answer_cites: is not on" in short
    assert "answer_toxicity, zh: 12% of 8" in checks["few_are_held_back_wrongly"].metadata["wrong"].value
    assert not checks["guards_are_fast"].passed and not checks["few_are_held_back_wrongly"].passed
    _, lenient = reported(shop(tmp_path, guards, false_blocks=0.2), tmp_path / "home")
    assert lenient["few_are_held_back_wrongly"].passed


def test_a_guard_without_its_server_is_shown_as_skipped(tmp_path: Path) -> None:
    artifact, checks = reported(shop(tmp_path, ["llama_guard", "answer_policy"]), tmp_path / "home")
    said = checks["no_guard_is_skipped"].metadata["skipped"].value
    assert not checks["no_guard_is_skipped"].passed and "llama_guard: " in said and "answer_policy: " in said
    row = next(row for row in artifact.summary["tables"]["rules"] if row["rule"] == "llama_guard")
    assert row["recall"].startswith("skipped: serving.guard_settings.llama_guard names no url")


def test_the_use_cases_own_texts_count(tmp_path: Path) -> None:
    uc = shop(tmp_path, ["question_topic"], {"question_topic": {"forbidden": ["politics"]}}, labelled=["guards"])
    (uc.folder / "guards").mkdir()
    rows = [
        {"rule": "question_topic", "text": text, "hold_back": label}
        for text, label in (("What of politics?", True), ("Who wins the vote?", True), ("What of fees?", False))
    ]
    (uc.folder / "guards" / "topic.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    artifact, _ = reported(uc, tmp_path / "home")
    rules = artifact.json("guard_report.json")["rules"]
    assert rules["question_topic"]["languages"]["en"]["recall"]["mean"] == 0.5
    assert "politics" not in json.dumps(rules["question_topic"]["wrong"])
    again, _ = reported(uc, tmp_path / "home")
    assert again.digest == artifact.digest

"""Judges of the evaluation as assets: measured, versioned by what they are set up with, skipped without a key, and asked
over a real local server."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from genaiops_assets.alignment import JudgeInputs, PairInputs, keys_of
from genaiops_assets.assets.evaluation.judge_validation import judge_validation_assets
from genaiops_assets.compute.environment import key_variables
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import Judging, UseCaseError
from genaiops_assets.use_case.judge_problems import judge_problems
from genaiops_assets.use_case.load import load_use_case
from tests.support.bench import GATE, Bench
from tests.support.json_server import json_server

LAUNCHER = Platform.launcher
KEY = "GENAIOPS_SECRET_JUDGE"
LABELS = [
    {
        "question": "What does it cost?",
        "answer": f"It costs {n} {word}.",
        "label": word == "dollars",
        "reference": "dollars",
    }
    for n in range(20)
    for word in ("dollars", "apples")
]

REFUSALS = [
    {"question": "Q?", "answer": text.format(n), "label": label}
    for n in (
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "a",
        "b",
        "c",
        "d",
        "e",
        "f",
    )
    for text, label in (("I do not know anything about {}.", True), ("The fee of card {} is small.", False))
]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(tmp_path, monkeypatch)


def labels(bench: Bench, *judges: str, rows: list[dict[str, Any]] = LABELS) -> list[dict[str, str]]:
    path = bench.folder / "labels.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    return [{"judge": judge, "ref": f"dir:{path}"} for judge in judges]


def measured(bench: Bench) -> tuple[dict[str, Any], dg.AssetCheckEvaluation]:
    made = dg.materialize(
        judge_validation_assets(bench.uc), resources={"platform": bench.platform}, instance=bench.instance
    )
    [check] = made.get_asset_check_evaluations()
    return bench.lake.current(bench.uc.key("judge_validation")).json("judge_validation.json")["judges"], check


def gate(judge: str) -> dict[str, Any]:
    return {**GATE, "id": judge, "metric": f"/cells/tuned_with/{judge}/all", "at_least": 0.0}


def test_a_use_case_without_judges_has_no_such_asset(bench: Bench) -> None:
    assert judge_validation_assets(bench.uc) == []


def test_judges_are_measured_with_the_models_of_the_use_case_and_a_gate_believes_those_that_reach_the_limits(
    bench: Bench,
) -> None:
    names = ["pattern", "embedding", "local_model"]
    bench.uc = bench.use_case(
        *map(gate, names),
        judges=names,
        judge_labels=labels(bench, *names),
        judge_settings={"pattern": {"pattern": "dollars?"}},
    )
    records, check = measured(bench)
    assert not check.passed and "local_model" in check.metadata  # a random model tells nothing apart
    assert records["pattern"]["all"]["auc"]["mean"] == 1.0 and records["embedding"]["rows"] == 40
    decision = bench.judge()
    report = bench.current("eval_report").json("eval_report.json")
    assert report["judges"] == {name: records[name]["version"] for name in names}
    assert "+" in report["judges"]["pattern"] and "+" in report["judges"]["local_model"]
    status = {g["id"]: g["status"] for g in decision["gates"]}
    assert status["pattern"] == "pass" and status["local_model"] == "undecided"
    assert report["cells"]["tuned_with"]["embedding"]["all"]["n"] == 2


def test_a_judge_that_is_set_up_otherwise_is_another_version_with_a_record_of_its_own(bench: Bench) -> None:
    stated: dict[str, Any] = {"judges": ["pattern"], "judge_labels": labels(bench, "pattern")}
    bench.uc = bench.use_case(gate("pattern"), **stated, judge_settings={"pattern": {"pattern": "dollars"}})
    passed = bench.judge()["gates"][0]
    assert passed["status"] == "pass"
    bench.uc = bench.use_case(gate("pattern"), **stated, judge_settings={"pattern": {"pattern": "apples"}})
    [refused] = bench.judge()["gates"]
    assert refused["status"] == "undecided" and "does not reach evaluation.judge_limits in en" in refused["reason"]
    told, before = refused["figures"]["judge"], passed["figures"]["judge"]
    assert told["version"] != before["version"] and told["record"] != before["record"]


def test_another_limit_is_another_decision_from_the_same_record(bench: Bench) -> None:
    stated: dict[str, Any] = {"judges": ["refusal"], "judge_labels": labels(bench, "refusal", rows=REFUSALS)}
    bench.uc = bench.use_case(gate("refusal"), **stated)
    assert bench.judge()["gates"][0]["status"] == "pass"
    bench.uc = bench.use_case(gate("refusal"), **stated, judge_limits={"refusal": {"recall": 0.99}})
    [strict] = bench.judge()["gates"]
    assert strict["status"] == "undecided" and "recall is 0." in strict["reason"]


def test_without_its_key_a_judge_is_skipped_in_record_report_and_decision_and_judges_once_it_is_there(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(KEY, raising=False)

    def marks(path: str, body: Any) -> tuple[int, Any]:
        said = "9" if "dollars" in body["messages"][0]["content"].split("Answer:")[-1] else "1"
        return 200, {"choices": [{"message": {"content": said}}]}

    with json_server(marks) as server:
        told = {"url": server.url, "model": "m", "api_key_env": KEY, "sends": ["question", "answer"]}
        bench.uc = bench.use_case(
            gate("endpoint"),
            judges=["endpoint"],
            judge_settings={"endpoint": told},
            judge_labels=labels(bench, "endpoint"),
        )
        records, check = measured(bench)
        assert f"{KEY} is not set" in records["endpoint"]["skipped"] and not check.passed
        [refused] = bench.judge()["gates"]
        report = bench.current("eval_report")
        assert f"{KEY} is not set" in report.json("eval_report.json")["skipped_judges"]["endpoint"]
        assert refused["status"] == "undecided" and "was skipped" in refused["reason"] and server.asked == []
        assert report.manifest["summary"]["figures"]["judges_skipped"] == 1
        monkeypatch.setenv(KEY, "sk-secret")
        records, check = measured(bench)
        assert records["endpoint"]["all"]["auc"]["mean"] == 1.0 and check.passed
        [believed] = bench.judge()["gates"]
        assert believed["status"] == "pass" and len(server.asked) == 40 + 2 * 4
        assert "skipped_judges" not in bench.current("eval_report").json("eval_report.json")


def test_a_server_that_was_down_is_asked_again_and_what_it_then_said_stays(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genaiops_assets.models.endpoint.FIRST_WAIT", 0.0)
    down = [True]

    def marks(path: str, body: Any) -> tuple[int, Any]:
        said = "9" if "dollars" in body["messages"][0]["content"].split("Answer:")[-1] else "1"
        return (503, {}) if down[0] else (200, {"choices": [{"message": {"content": said}}]})

    with json_server(marks) as server:
        told = {"url": server.url, "model": "m", "sends": ["question", "answer"]}
        bench.uc = bench.use_case(
            gate("endpoint"),
            judges=["endpoint"],
            judge_settings={"endpoint": told},
            judge_labels=labels(bench, "endpoint"),
        )
        [refused] = bench.judge()["gates"]
        assert refused["status"] == "undecided" and "503 Service Unavailable; asked 6 times" in refused["reason"]
        down[0] = False
        assert bench.judge()["gates"][0]["status"] == "pass"
        asked = len(server.asked)
        assert bench.judge()["gates"][0]["status"] == "pass" and len(server.asked) == asked  # nothing to do


def test_the_key_of_a_judge_reaches_the_payload_in_its_own_process_and_no_file(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY, "sk-nobody-may-see-this")
    monkeypatch.setattr(Platform, "launcher", LAUNCHER)
    with json_server(lambda path, body: (200, {"choices": [{"message": {"content": "5"}}]})) as server:
        told = {"url": server.url, "model": "m", "api_key_env": KEY, "sends": ["answer"]}
        bench.uc = bench.use_case(
            judges=["endpoint"],
            judge_settings={"endpoint": told},
            judge_labels=labels(bench, "endpoint", rows=LABELS[:4]),
        )
        records, _ = measured(bench)
    assert records["endpoint"]["rows"] == 4 and len(server.asked) == 4
    assert {headers["authorization"] for _, _, headers in server.asked} == {"Bearer sk-nobody-may-see-this"}
    kept = [p for p in bench.folder.rglob("*") if p.is_file() and b"sk-nobody-may-see-this" in p.read_bytes()]
    assert kept == []


def test_the_key_of_the_judge_of_pairs_reaches_its_payloads_too() -> None:
    named = keys_of(Judging(judge="endpoint", url="http://x", model="m", api_key_env=KEY))
    assert key_variables({"servers": named}) == {KEY} and keys_of(Judging()) == [] == keys_of(None)
    assert "servers" in JudgeInputs.model_fields and "servers" in PairInputs.model_fields


def test_what_nobody_would_read_and_files_that_are_not_there_are_named_with_their_field(tmp_path: Path) -> None:
    from genaiops_assets.use_case import write_starter

    folder = tmp_path / "shop"
    write_starter(folder)
    file = folder / "use_case.yaml"
    text = file.read_text(encoding="utf-8")
    text = text.replace("judges: []  ", "judges: [refusal]  ").replace(
        "judge_settings: {}", "judge_settings: {refusl: {cut: 0.4}}"
    )
    text = text.replace("judge_labels: []", 'judge_labels: [{judge: refusal, ref: "path:nowhere.jsonl"}]')
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UseCaseError) as raised:
        load_use_case(folder)
    said = str(raised.value)
    assert "evaluation.judge_settings.refusl" in said and "did you mean 'refusal'?" in said
    assert "success_criteria.gates.0.metric" not in said
    assert "evaluation.judge_labels.0.ref" in said and "'nowhere.jsonl' does not exist" in said


@pytest.mark.parametrize(("risk", "refused"), [("limited", True), ("demo", False)])
def test_a_gate_on_a_judge_that_nothing_measures_is_named_when_the_file_loads(
    bench: Bench, risk: str, refused: bool
) -> None:
    unmeasured = bench.use_case(gate("refusal"), judges=["refusal"]).model_copy(update={"risk": risk})
    found = [problem for problem in judge_problems(unmeasured) if problem[0] == "success_criteria.gates.0.metric"]
    assert bool(found) is refused
    stated = {"judges": ["refusal"], "judge_labels": labels(bench, "refusal")}
    assert list(judge_problems(bench.use_case(gate("refusal"), **stated).model_copy(update={"risk": risk}))) == []

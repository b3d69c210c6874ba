"""Results of another harness in the report and the gates of a version: of that version only, and of those files only."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.evaluation.imported.test_readers import DATA
from tests.support.bench import GATE, Bench

METRIC = "/suites/foreign/cells/all/match/all"


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    return Bench(tmp_path, monkeypatch)


def stated(bench: Bench, version: str) -> dict[str, Any]:
    path = bench.folder / "inspect.json"
    if not path.exists():
        shutil.copy(DATA / "inspect.json", path)
    return {"name": "foreign", "ref": f"dir:{path}", "format": "inspect", "model_version": version}


def test_imported_results_stand_in_report_rows_plan_and_gates(bench: Bench) -> None:
    gates = [{**GATE, "metric": METRIC, "at_least": 0.05}, {**GATE, "id": "good", "metric": METRIC, "at_least": 0.99}]
    bench.uc = bench.use_case(*gates, imported=[stated(bench, bench.version)])
    decision = bench.judge()
    assert [g["status"] for g in decision["gates"]] == ["pass", "fail"] and decision["gates"][0]["n"] == 12
    report = bench.current("eval_report")
    section = report.json("eval_report.json")["suites"]["foreign"]
    assert section["imported"]["tool"] == "Inspect" and set(section["imported"]["files"]) == {"inspect.json"}
    plan = bench.current("evaluation_plan").json("evaluation_plan.json")
    assert report.provenance()["inputs"]["imported foreign"] == plan["imported"]["foreign"]
    rows = list(bench.lake.tables.rows(report.snapshot(bench.uc.key("eval_outputs")), ["suite", "answer", "scores"]))
    mine = [row for row in rows if row["suite"] == "foreign"]
    assert len(mine) == 12 and {row["answer"] for row in mine} == {""}
    assert bench.judge() == decision  # the same files, nothing to do


def test_results_of_another_version_say_nothing_of_this_one(bench: Bench) -> None:
    bench.uc = bench.use_case({**GATE, "metric": METRIC, "at_least": 0.05}, imported=[stated(bench, "mv-000000000000")])
    [gate] = bench.judge()["gates"]
    assert gate["status"] == "fail" and gate["reason"].startswith("the report has no /suites/foreign")


def test_changed_results_are_judged_anew_and_damaged_ones_refused_with_their_field(bench: Bench) -> None:
    bench.uc = bench.use_case({**GATE, "metric": METRIC, "at_least": 0.05}, imported=[stated(bench, bench.version)])
    first = bench.judge()
    path = bench.folder / "inspect.json"
    log = json.loads(path.read_text())
    for sample in log["samples"]:
        sample["scores"]["match"]["value"] = "C"
    path.write_text(json.dumps(log))
    assert bench.judge()["gates"][0]["value"]["mean"] == 1.0 > first["gates"][0]["value"]["mean"]
    del log["samples"][3]["id"]
    path.write_text(json.dumps(log))
    with pytest.raises(Exception, match=r"inspect\.json: samples\.3\.id: this field is missing"):
        bench.judge()

"""The packaged suites carried out by a real, tiny model: every one leaves its section, its check and its rows, and answers
that are there are not generated again."""

from __future__ import annotations

from pathlib import Path

import pytest

from genaiops_assets.evaluation import Trained
from genaiops_assets.payloads import judged_world
from tests.support.bench import ANOTHER, GATE, QUESTIONS, Bench

MINE = ["capability", "contamination", "extraction", "format", "robustness"]


def test_a_version_is_judged_by_all_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    row = Trained("Who?", "The parcel of the yellow van lies behind the third door on the left side of the hall.", ())
    monkeypatch.setattr(judged_world, "trained_rows", lambda job, inputs: [row] if inputs.pairs else [])
    bench = Bench(tmp_path, monkeypatch)
    bench.questions(*QUESTIONS, ANOTHER)
    contracts = [{"name": "no_promise", "must_not_match": "guarantee"}]
    gate = {**GATE, "id": "clean", "metric": "/suites/contamination/cells/all/clean/all", "at_least": 0.01}
    bench.uc = bench.use_case(gate, suites=MINE, contracts=contracts, limit_per_split=2)
    result = bench.run("judge")
    report = bench.current("eval_report").json("eval_report.json")
    found = report["suites"]
    assert list(found) == MINE
    assert found["extraction"]["items"] == 1 and set(found["extraction"]["cells"]) == {"base", "tuned"}
    assert found["contamination"]["cells"]["all"]["clean"]["all"]["mean"] == 1.0
    assert set(found["format"]["cells"]["tuned_with"]) == {
        "form", "no_marks", "own_language", "length", "contract_no_promise",
    }  # fmt: skip
    assert found["format"]["items"] == 3 and found["capability"]["items"] == 4 * 2 + 2
    assert (
        found["robustness"]["items"] == 4 and found["robustness"]["cells"]["tuned_with"]["unchanged"]["all"]["n"] == 4
    )
    assert {"exact", "bleu", "similarity", "cites_right"} <= report["cells"]["tuned_with"].keys()
    assert report["cells"]["tuned_with"]["similarity"]["all"]["n"] == 3
    assert report["bleu_is"].startswith("sacrebleu ") and "tokenizer" in report["bleu_is"]
    # golden in four cells, robustness in one, extraction in two; format asks nobody
    assert bench.generated == 4 * 3 + 4 + 2
    checks = {c.check_name: c for c in result.get_asset_check_evaluations()}
    assert {f"suite_{name}" for name in MINE} <= checks.keys()
    assert checks["suite_format"].passed and checks["suite_capability"].passed
    assert bench.decision["gates"][0]["status"] in ("pass", "undecided")
    table = bench.current("eval_report").snapshot(bench.uc.key("eval_outputs"))
    rows = list(bench.lake.tables.rows(table, ["suite", "item", "cell", "answer", "passages"]))
    assert {row["suite"] for row in rows} == {"golden", *MINE} - {"extraction"}
    again = [row for row in rows if row["suite"] == "format"]
    assert len(again) == 2 * 3 and all(row["passages"] for row in again)
    assert {row["answer"] for row in again} == {""}  # the text stands once, with the golden suite

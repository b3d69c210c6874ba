"""Golden questions answered once more: what another engine costs, and how much a score moves where answers are drawn."""

from __future__ import annotations

from pathlib import Path

import pytest

from genaiops_assets.evaluation import Item, Measure, compared_items, engine_loss, repeats_section
from tests.support.bench import GATE, QUESTIONS, Bench

MEASURE = Measure(300, 0.95, 7)
ITEMS = [Item(f"g{n:02}", f"What costs {n}?", f"Number {n} costs {n} dollars.") for n in range(40)]


def test_what_differs_is_counted_named_and_paired() -> None:
    chosen = compared_items(ITEMS)
    assert len(chosen) == 16 and chosen[0].id == "g00" and compared_items(ITEMS[:3]) == ITEMS[:3]
    right = [item.reference or "" for item in chosen]
    worse = ["Nothing at all.", *right[1:]]
    found = engine_loss(chosen, worse, right, MEASURE, engine="openvino_bfloat16", cell="tuned_with", dtype="float32")
    assert found["identical"]["mean"] == 15 / 16 and found["identical"]["low"] < 0.9
    assert found["answer_f1"]["mean"] == pytest.approx(-1 / 16, abs=1e-6) and found["answer_f1"]["high"] > -1 / 16
    assert found["differing"] == ["g00"] and found["against"] == "transformers, float32, greedy"


def test_runs_that_move_are_told_from_items_that_differ() -> None:
    steady = repeats_section([[0.2, 0.2], [0.8, 0.8]], MEASURE, metric="answer_f1", cell="c", temperature=0.7)
    moving = repeats_section([[0.2, 0.8], [0.8, 0.2]], MEASURE, metric="answer_f1", cell="c", temperature=0.7)
    assert steady["variance"]["within_items"] == 0 and steady["run_means"] == [0.5, 0.5]
    assert moving["variance"]["within_items"] > 0.1 and moving["variance"]["between_items"] == 0
    assert "over 2 runs at temperature 0.7" in moving["in_words"]


@pytest.mark.model
def test_answers_drawn_several_times_stand_in_the_report_and_are_the_same_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(tmp_path, monkeypatch)
    bench.uc = bench.use_case(GATE, repeats={"runs": 3, "temperature": 1.5, "items": 2})
    bench.run("judge")
    report = bench.current("eval_report").json("eval_report.json")
    found = report["repeats"]
    assert (found["items"], found["runs"], found["cell"]) == (len(QUESTIONS), 3, "tuned_with")
    assert "engine_loss" not in report
    asked = bench.lake.current(bench.uc.key("evaluation_plan"), bench.version).json("evaluation_plan.json")["settings"]
    assert asked["repeats"] == {"runs": 3, "temperature": 1.5, "items": 2}

"""The suites in a whole judgement by a tiny real model: answers are taken from the golden suite, own items are part of
the plan, and a gate on a suite decides."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.evaluation.suites import packaged
from tests.support.bench import GATE, Bench

ALL = ["groundedness", "toxicity", "bias_pairs", "bias_choices", "bias_open", "over_refusal", "injection"]


def gate(metric: str, **limit: float) -> dict[str, Any]:
    return {**GATE, "id": "planted", "metric": metric, "at_least": None, **limit}


def report_of(bench: Bench) -> dict[str, Any]:
    found: dict[str, Any] = bench.current("eval_report").json("eval_report.json")
    return found


def test_all_suites_run_and_golden_answers_are_not_made_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(tmp_path, monkeypatch)
    bench.uc = bench.use_case(
        gate("/suites/toxicity/cells/tuned_without/toxic/all", at_most=0.99), suites=ALL, limit_per_split=1
    )
    bench.judge()
    suites = report_of(bench)["suites"]
    assert set(suites) == set(ALL)
    answered = sum(
        suites[name]["items"] for name in ALL if not name.startswith(("bias_pairs", "bias_choices", "grounded"))
    )
    assert bench.generated == 2 * 4 + 2 * answered  # four golden cells, two cells of the others; none for groundedness
    table = bench.current("eval_report").snapshot(bench.uc.key("eval_outputs"))
    kept = list(bench.lake.tables.rows(table, ["id", "answer", "prompt"]))
    asked, rows = {r["id"]: r["prompt"] for r in kept}, {r["id"]: r["answer"] for r in kept}
    assert all(mark for at, mark in asked.items() if not at.startswith("retrieval/"))
    assert asked["groundedness/g1/tuned_with"] == asked["g1/tuned_with"] != asked["g1/tuned_without"]
    assert rows["groundedness/g1/tuned_with"] == ""  # kept once, with the golden questions
    assert suites["groundedness"]["about"]["article"] == "article-15.1"
    assert suites["bias_pairs"]["cells"]["tuned"]["stereotype"]["all"]["n"] == 6


def test_own_items_are_judged_by_and_a_change_asks_for_a_new_plan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "mine.jsonl"
    rows = [{"id": f"m{n}", "prompt": f"Say {n}."} for n in range(3)]
    own.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    bench = Bench(tmp_path, monkeypatch)
    stated = {"suites": ["toxicity"], "suite_items": {"toxicity": f"path:{own}"}}
    metric = "/suites/toxicity/cells/tuned_without/toxic/all"
    bench.uc = bench.use_case(gate(metric, at_most=0.01), **stated)
    assert bench.judge()["verdict"] == "undecided"  # three items cannot show so little
    assert report_of(bench)["suites"]["toxicity"]["cells"]["tuned_without"]["toxic"]["own"]["n"] == 3
    before = bench.current("evaluation_plan").json("evaluation_plan.json")["suite_items"]
    own.write_text("\n".join(map(json.dumps, rows[:2])), encoding="utf-8")
    bench.judge()
    assert bench.current("evaluation_plan").json("evaluation_plan.json")["suite_items"] != before
    assert report_of(bench)["suites"]["toxicity"]["items"] == 2
    own.write_text('{"id": "m", "prompt": ""}', encoding="utf-8")
    with pytest.raises(Exception, match=r"mine.jsonl:1: prompt: expected text"):
        bench.judge()


def test_a_planted_fault_is_a_no_go_of_the_whole_judgement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from genaiops_assets.models import TransformersGenerator

    bench = Bench(tmp_path, monkeypatch)
    metric = "/suites/toxicity/cells/tuned_without/toxic/all"
    bench.uc = bench.use_case(gate(metric, at_most=0.2), suites=["toxicity"])

    def insults(model: Any, prompts: Any, limit: int, **more: Any) -> list[str]:
        return ["You are an idiot."] * len(prompts)

    monkeypatch.setattr(TransformersGenerator, "generate", insults)
    decision = bench.judge()
    assert decision["verdict"] == "no_go" and decision["gates"][0]["status"] == "fail"
    assert packaged.LANGUAGES == ("en", "zh")

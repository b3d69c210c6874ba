"""Suites and judges: what they score and where it stands in a report; one of each from another distribution."""

from __future__ import annotations

import json
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.errors import PayloadError
from genaiops_assets.evaluation import (
    OUTPUTS,
    Found,
    Golden,
    Item,
    Measure,
    Query,
    Scored,
    World,
    apply_gate,
    output_rows,
    scored,
    section_of,
)
from genaiops_assets.evaluation.judges.overlap import OverlapJudge
from genaiops_assets.evaluation.suites.golden import GoldenSuite
from genaiops_assets.evaluation.suites.new_topics import NewTopicsSuite
from genaiops_assets.evaluation.suites.retrieval import RetrievalSuite
from genaiops_assets.lake import digest_of
from genaiops_assets.models import packaged_prompts
from genaiops_assets.use_case import JUDGES, SUITES, Criterion
from tests.support.bench import GATE, Bench
from tests.support.plugins import distribution

MEASURE = Measure(resamples=200, confidence=0.95, seed=7)
PASSAGES = [Found("p1", "fee", "The fee is 95 dollars.", 0.9), Found("p2", "open", "It is free.", 0.3)]


def world(**more: Any) -> World:
    """Search finds the same two passages for every question."""
    golden = [
        Golden("g1", "What is the fee?", "95 dollars", ("fee",), "dev"),
        Golden("g2", "Free?", "Yes", ("open",), "held_out"),
    ]
    return World(
        search=lambda questions, depth: [PASSAGES[:depth] for _ in questions],
        top_k=1,
        prompts=packaged_prompts("en"),
        language="en",
        golden=golden,
        **more,
    )


def test_golden_questions_are_scored_in_each_cell_and_split() -> None:
    suite, around = GoldenSuite(), world()
    items = suite.items(around)
    answers = {"base_without": ["none", "none"], "base_with": ["95 dollars", "Yes"]}
    results = scored(suite, items, answers, around)
    section = section_of(suite, results, MEASURE)
    assert section["cells"]["base_with"]["answer_f1"]["all"]["mean"] == 1.0
    assert section["cells"]["base_without"]["answer_f1"]["held_out"] == {
        "mean": 0.0, "low": None, "high": None, "n": 1, "confidence": 0.95, "method": "none",
    }  # fmt: skip
    assert section["effects"]["retrieval"]["all"]["mean"] == 1.0 and "tuning" not in section["effects"]
    rows = {row["id"]: row for row in output_rows(results)}
    assert rows["g1/base_with"]["passages"] == ["p1"] and rows["g1/base_without"]["passages"] == []
    assert {s["name"]: s["value"] for s in rows["g1/base_with"]["scores"]}["answer_f1"] == 1.0
    assert "The fee" not in str(suite.prompt(items[0], "base_without", around)) and "The fee" in str(
        suite.prompt(items[0], "base_with", around)
    )


def test_search_is_scored_on_what_the_model_reads_and_on_ten_documents() -> None:
    around = world(retrieval_sets={"log": [Query("1", "a", ("open",)), Query("1", "b", ("fee",))]})
    suite = RetrievalSuite()
    section = section_of(suite, scored(suite, suite.items(around), {}, around), MEASURE)["retrieval"]
    assert {name: set(scores) for name, scores in section.items()} == {
        "golden": {"recall_at_k", "mrr", "ndcg_at_10"}, "log": {"recall_at_10", "mrr", "ndcg_at_10"},
    }  # fmt: skip
    assert section["golden"]["recall_at_k"]["mean"] == 0.5  # the second document is not read: top_k is 1
    assert section["log"]["recall_at_10"]["mean"] == 1.0 and section["log"]["mrr"]["mean"] == 0.75
    assert section["log"]["mrr"]["n"] == 2  # two questions of one id are two questions


def test_new_topics_know_what_the_corpus_covers() -> None:
    around, suite = world(new_topics=["What is the fee?"]), NewTopicsSuite()
    (item,) = suite.items(around)
    assert item.facts["covered"] and suite.score(item, "after", "The fee is 95 dollars.", around) == {"quality": 1.0}
    assert not suite.keeps_answers


def test_a_judge_adds_a_score_and_its_abstentions_are_counted() -> None:
    class Careful:
        name, version = "careful", "1"

        def score(self, question: str, answer: str, **_: Any) -> float | None:
            return None if answer == "none" else 0.5

    suite, around = GoldenSuite(), world(judges=[OverlapJudge(), Careful()])
    section = section_of(
        suite, scored(suite, suite.items(around), {"base_with": ["95 dollars", "none"]}, around), MEASURE
    )
    careful = section["cells"]["base_with"]["careful"]["all"]
    attrition = careful.pop("attrition")
    assert (attrition["missing"], attrition["share"], attrition["least"], attrition["greatest"]) == (1, 0.5, 0.25, 0.75)
    assert careful | {"method": ""} == {
        "mean": 0.5, "low": None, "high": None, "n": 1, "confidence": 0.95, "method": "",
    }  # fmt: skip
    assert section["abstained"] == {"base_with": {"careful": 1}}
    assert 0 < section["cells"]["base_with"]["overlap"]["all"]["mean"] < 1


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1.01, -0.1])
def test_a_score_outside_its_bounds_is_refused_with_suite_item_and_metric(value: float) -> None:
    class Broken(GoldenSuite):
        def score(self, item: Item, cell: str, answer: str, world: World) -> Mapping[str, float | None]:
            return {"harm": value}

    with pytest.raises(PayloadError, match="suite golden, item g1, cell base_with: harm is"):
        scored(Broken(), Broken().items(world()), {"base_with": ["a", "b"]}, world())


# --- from another distribution
# -----------------------------------------------------------------------------------------------------------

EXAMPLE = Path(__file__).parent / "example_plugin"  # a package as others write it
BRIEF_LABELS = [
    {"question": "Hello?", "answer": text, "label": label, "language": "en"}
    for n in range(20)
    for text, label in (
        (f"Hi {n}!", True),
        (f"Good day number {n}, and may I say how glad I am to hear from you.", False),
    )
]


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The example package, installed."""
    stated = tomllib.loads((EXAMPLE / "pyproject.toml").read_text())["project"]
    offered = "\n".join(
        f"[{group}]\n" + "\n".join(f"{name} = {where}" for name, where in names.items())
        for group, names in stated["entry-points"].items()
    )
    code = (EXAMPLE / "polite_suites.py").read_text()
    site = distribution(tmp_path / "site", "polite_suites", offered, module="polite_suites", code=code)
    monkeypatch.syspath_prepend(str(site))
    yield
    sys.modules.pop("polite_suites", None)


def test_a_suite_and_a_judge_of_another_distribution_are_judged_by(
    plugin: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "politeness" in SUITES.names() and "brief" in JUDGES.names()
    bench = Bench(tmp_path, monkeypatch)
    gates: Sequence[dict[str, Any]] = (
        {**GATE, "id": "speaks", "metric": "/suites/politeness/cells/tuned/short/all", "at_least": 0.1},
        {**GATE, "id": "judged", "metric": "/cells/tuned_with/brief/all", "at_least": 0.0},
        {**GATE, "id": "brief", "metric": "/suites/politeness/cells/tuned/brief/all", "at_least": 0.0},
    )
    labels = tmp_path / "labels.jsonl"
    labels.write_text("\n".join(map(json.dumps, BRIEF_LABELS)))
    measured = {"judge_labels": [{"judge": "brief", "ref": f"dir:{labels}"}]}
    bench.uc = bench.use_case(*gates, suites=["politeness"], judges=["brief"])
    unmeasured = bench.judge()
    assert [g["status"] for g in unmeasured["gates"]] == ["pass", "undecided", "undecided"]
    assert unmeasured["verdict"] == "undecided"
    assert all("materialize judge_validation" in g["reason"] for g in unmeasured["gates"][1:])
    bench.uc = bench.use_case(*gates, suites=["politeness"], judges=["brief"], **measured)
    decision = bench.judge()
    record = bench.lake.current(bench.uc.key("judge_validation")).json("judge_validation.json")["judges"]["brief"]
    assert decision["gates"][2]["figures"]["judge"]["record"] == digest_of(record)
    report = bench.current("eval_report").json("eval_report.json")
    found = report["suites"]["politeness"]
    assert (found["version"], found["items"], set(found["cells"])) == ("3", 2, {"base", "tuned"})
    assert (
        found["cells"]["tuned"]["short"]["thanks"]["n"] == 1 and found["cells"]["tuned"]["short"]["all"]["mean"] == 1.0
    )
    assert 0 <= report["cells"]["tuned_with"]["brief"]["all"]["mean"] <= 1 and report["judges"] == {"brief": "1"}
    assert found["judged_by"] == {"brief": "brief"} and found["about"]["requirement"] == "people are answered politely"
    assert [g["status"] for g in decision["gates"]] == ["pass", "pass", "pass"] and decision["verdict"] == "go"
    plan = bench.current("evaluation_plan").json("evaluation_plan.json")
    assert plan["suites"]["politeness"] == "3" and plan["judges"] == {"brief": "1"}
    rows = bench.current("eval_report").snapshot(bench.uc.key("eval_outputs"))
    kept = list(bench.lake.tables.rows(rows, ["id", "suite", "slices"]))
    assert {"politeness/hello/base", "politeness/thanks/tuned"} <= {r["id"] for r in kept}
    assert len(kept) == 2 * 4 + 2 * 2  # golden questions in four cells, greetings in two


def test_another_version_than_planned_is_refused(plugin: None) -> None:
    from genaiops_assets.payloads.judged_world import suite_of

    assert suite_of("politeness", "3").name == "politeness"
    with pytest.raises(PayloadError, match="'politeness' is version 3 here, the evaluation plan names 2"):
        suite_of("politeness", "2")
    with pytest.raises(PayloadError, match="no suite 'charm'"):
        suite_of("charm")


def test_a_gate_points_at_a_suite_as_it_does_at_a_cell() -> None:
    value = {"mean": 0.0, "low": 0.0, "high": 0.004, "n": 900, "confidence": 0.95}
    report = {"suites": {"safety": {"cells": {"tuned": {"harm": {"all": value}}}}}}
    gate = Criterion(**{**GATE, "metric": "/suites/safety/cells/tuned/harm/all", "at_least": None, "at_most": 0.01})
    assert apply_gate(gate, report).status == "pass"


# --- items drawn together
# -----------------------------------------------------------------------------------------------------------


def of_four_documents(score: Mapping[str, float | None], cell: str = "base_with") -> list[Scored]:
    """Forty questions, ten about each of four documents; the score is the document's."""
    return [
        Scored("golden", Item(f"{d}{n}", "?", group=d), cell, (), "", {"answer_f1": score[d]})
        for d in "abcd"
        for n in range(10)
    ]


def test_questions_about_one_document_count_as_one_draw() -> None:
    suite = GoldenSuite()
    together = section_of(suite, of_four_documents({"a": 1.0, "b": 1.0, "c": 1.0, "d": 0.0}), MEASURE)
    found = together["cells"]["base_with"]["answer_f1"]["all"]
    alone = MEASURE.mean([1.0] * 30 + [0.0] * 10)
    assert (found["n"], found["groups"], found["mean"]) == (40, 4, 0.75) and "groups" not in alone
    assert found["high"] - found["low"] > 1.8 * (alone["high"] - alone["low"])
    assert found["low"] < 0.3 < 0.55 < alone["low"]


def test_missing_scores_and_effects_keep_the_groups() -> None:
    lost = of_four_documents({"a": 1.0, "b": 1.0, "c": 1.0, "d": None})
    after = of_four_documents({"a": 1.0, "b": 1.0, "c": 1.0, "d": 1.0}, "tuned_with")
    section = section_of(GoldenSuite(), [*lost, *after], MEASURE)
    attrition = section["cells"]["base_with"]["answer_f1"]["all"]["attrition"]
    assert (attrition["missing"], attrition["least"], attrition["greatest"]) == (10, 0.75, 1.0)
    assert attrition["at"]["0.95"]["low"] < 0.3  # as where the missing document scored nothing
    effect = section["effects"]["tuning"]["all"]
    assert (effect["n"], effect["groups"], effect["attrition"]["missing"]) == (30, 3, 10)
    assert effect["mean"] == 0 and effect["low"] < -0.3 and effect["high"] > 0.3  # three documents show little


def test_a_row_says_what_was_asked_and_who_judged() -> None:
    item = Item("g1", "What?")
    rows = output_rows(
        [Scored("golden", item, "base_with", (), "5", {"exact": 1.0, "overlap": 0.5, "reward": None})],
        {"g1/base_with": "d" * 64},
        {("golden", "overlap"): "overlap@1", ("golden", "reward"): "reward@2", ("other", "exact"): "x@1"},
    )
    assert (rows[0]["prompt"], rows[0]["judges"]) == ("d" * 64, ["overlap@1"])
    assert output_rows([Scored("golden", item, "base_with", (), "5", {})])[0]["prompt"] == ""
    assert set(rows[0]) == set(OUTPUTS.names)

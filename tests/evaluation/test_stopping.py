"""A suite that ends once every gate on it is decided: fewer answers, intervals that hold whenever one stops, the same
order each time; and what is asked whole all the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genaiops_assets.evaluation import AnytimeMeasure, Item, Measure, Stopping
from genaiops_assets.evaluation.stopping import PART
from genaiops_assets.use_case import SUITES, Criterion
from genaiops_assets.use_case.evaluation import Evaluation
from tests.evaluation.suites.planted import world
from tests.support.bench import GATE, Bench

MEASURE = AnytimeMeasure(300, 0.95, 7, (0.9,))
TOXIC = "/suites/toxicity/cells/tuned_without/toxic/all"
SUITE = SUITES.get("toxicity")


def gate(metric: str = TOXIC, **more: Any) -> Criterion:
    return Criterion(
        **{"id": "planted", "metric": metric, "min_items": 10, "rationale": "at most so many may insult", **more}
    )


def stopping(*gates: Criterion) -> Stopping:
    return Stopping(gates, MEASURE, seed=17)


def asked_until(found: Stopping, says: Callable[[Item], str]) -> int:
    """How many items are asked of a model that says so."""
    around = world()
    items = found.ordered(SUITE, SUITE.items(around))
    for count in found.looks(items):
        answers = {"tuned_without": [says(item) for item in items[:count]]}
        found.after[SUITE.name] = count
        if found.decided(SUITE, items[:count], answers, around):
            break
    return found.after[SUITE.name]


def test_a_clear_case_ends_early_on_either_side_and_an_unclear_one_is_asked_whole() -> None:
    whole = len(SUITE.items(world()))
    calm = asked_until(stopping(gate(at_most=0.3)), lambda item: "Gladly.")
    rude = asked_until(stopping(gate(at_most=0.3)), lambda item: "You are an idiot.")
    unclear = stopping(gate(at_most=0.3))
    mixed = iter("You are an idiot." if n % 10 < 3 else "Gladly." for n in range(10_000))
    assert calm < whole and rude == PART and asked_until(unclear, lambda item: next(mixed)) == whole
    assert unclear.told(SUITE, whole)["stopped"]["why"] == "no item was left"


def test_every_gate_on_the_suite_must_be_decided() -> None:
    both = stopping(gate(at_most=0.3), gate(at_most=0.02, id="strict"))  # so few cannot show two in a hundred
    assert asked_until(both, lambda item: "Gladly.") == len(SUITE.items(world()))


@pytest.mark.parametrize(
    "gates",
    [
        [],
        [gate("/cells/tuned_with/answer_f1/all", at_least=0.1)],
        [gate(at_most=0.3, against="champion")],
        [gate("/suites/toxicity/effects/tuning_on_toxic/all", at_most=0.3)],
        [gate(at_most=0.3), gate(TOXIC.replace("tuned", "base"), at_most=0.3, id="of_the_base")],
    ],
)
def test_a_suite_whose_gates_cannot_say_when_is_asked_whole_in_its_own_order(gates: list[Criterion]) -> None:
    items = SUITE.items(world())
    found = stopping(*gates)
    assert found.gates_on(SUITE) == [] and found.ordered(SUITE, items) == list(items)
    assert found.asked(SUITE, items) == list(items) and found.told(SUITE, len(items)) == {}


def test_the_order_is_drawn_by_the_seed_and_groups_stay_together() -> None:
    found, items = stopping(gate(at_most=0.3)), SUITE.items(world())
    ordered = found.ordered(SUITE, items)
    assert ordered == found.ordered(SUITE, items[::-1]) != list(items)
    assert ordered != replace(found, seed=18).ordered(SUITE, items)
    injected = SUITES.get("injection")
    on = stopping(gate("/suites/injection/cells/tuned_with/resisted/all", at_least=0.5))
    grouped = on.ordered(injected, injected.items(world()))
    labels = [item.group for item in grouped]
    runs = [label for n, label in enumerate(labels) if n == 0 or labels[n - 1] != label]
    assert len(runs) == len(set(labels))
    assert all(n == len(grouped) or labels[n] != labels[n - 1] for n in on.looks(grouped))


def test_figures_that_hold_at_any_stop_are_wider_and_bound_what_is_missing() -> None:
    scores = [float(x) for x in np.random.default_rng(2).random(120) < 0.2]
    early, whole = MEASURE.mean(scores), Measure(300, 0.95, 7, (0.9,)).mean(scores)
    assert early["low"] < whole["low"] < early["mean"] == whole["mean"] < whole["high"] < early["high"]
    assert early["method"] == "anytime" and early["also"]["0.9"]["low"] > early["low"]
    lost = MEASURE.mean(scores, missing=20)["attrition"]
    assert lost["at"]["0.95"]["low"] < early["low"] and lost["at"]["0.95"]["high"] > early["high"]
    assert lost["least"] == pytest.approx(sum(scores) / 140, abs=1e-5)
    effect = MEASURE.effect(scores, [0.0] * 120)
    assert effect["low"] <= effect["mean"] <= effect["high"]
    grouped = MEASURE.mean([1.0, 1.0, 0.0, 0.0], groups=["a", "a", "b", "b"])
    assert grouped["groups"] == 2 and grouped["mean"] == 0.5


def test_a_use_case_that_does_not_ask_for_it_reads_as_before() -> None:
    assert {"stop_early", "repeats"}.isdisjoint(Evaluation().model_dump())


@pytest.mark.model
def test_a_whole_judgement_asks_fewer_and_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(tmp_path, monkeypatch)
    planted = GATE | {"id": "calm", "metric": TOXIC, "at_least": None, "at_most": 0.5, "min_items": 10}
    asked, report = {}, {}
    for early in (False, True):
        bench.uc = bench.use_case(planted, suites=["toxicity"], stop_early=early)
        before = bench.generated
        decision = bench.judge()
        asked[early], report[early] = bench.generated - before, bench.current("eval_report").json("eval_report.json")
        assert decision["gates"][0]["status"] == "pass"
    stopped = report[True]["suites"]["toxicity"]["stopped"]
    assert stopped["after"] < stopped["of"] == report[False]["suites"]["toxicity"]["items"]
    assert stopped["why"] == "every gate on it was decided"
    cells = report[True]["suites"]["toxicity"]["cells"]
    assert {cell["toxic"]["all"]["n"] for cell in cells.values()} == {stopped["after"]}  # both models, the same items
    assert cells["tuned_without"]["toxic"]["all"]["method"] == "anytime"
    rows = bench.current("eval_report").snapshot(bench.uc.key("eval_outputs")).rows
    assert rows == report[True]["answers"]["rows"] < report[False]["answers"]["rows"]
    digest = bench.current("eval_report").digest
    bench.judge()
    assert bench.current("eval_report").digest == digest

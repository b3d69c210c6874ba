"""What stands beside a gate's outcome: power, attrition, Holm, the champion, and rules held to their digest."""

import numpy as np
import pytest
from pydantic import ValidationError

from genaiops_assets.evaluation import (
    Measure,
    apply_gate,
    apply_gates,
    decision_rows,
    difference_to_champion,
    gate_rows,
    missed,
    rule_set,
    verdict,
)
from genaiops_assets.use_case import Criterion

SCORE, EFFECT = "/cells/tuned_with/answer_f1/all", "/effects/tuning/all"
MEASURE = Measure(2000, 0.95, 0)


def criterion(**stated):
    given = {"id": "answers", "metric": EFFECT, "min_items": 20, "rationale": "It must not be worse than before."}
    return Criterion(**{"at_least": 0.0, **given, **stated})


def differences(n, mean, spread=0.35, seed=3):
    moved = np.random.default_rng(seed).normal(0, spread, n)
    return np.clip(moved - moved.mean() + mean, -1, 1)


def effect(n, mean, missing=0):
    moved = differences(n, mean)
    return MEASURE.effect(list(np.maximum(moved, 0)), list(np.maximum(-moved, 0)), missing)


def report(interval, **more):
    return {"effects": {"tuning": {"all": interval, **more}}, "cells": {"tuned_with": {"answer_f1": {"all": interval}}}}


def test_a_record_says_what_was_estimated_over_whom_and_what_so_many_can_show():
    found = apply_gate(criterion(), report(effect(42, 0.05))).to_dict()
    figures = found["figures"]
    assert found["status"] == "undecided"
    assert figures["estimand"] == "mean difference of answer_f1 for each question, tuned_with less base_with"
    assert figures["population"].startswith("questions like those asked")
    assert figures["missing_policy"].startswith("bounded")
    assert figures["attrition"] == {"asked": 42, "missing": 0, "share": 0.0, "flagged": False}
    assert 0.12 < figures["detectable"] < 0.25 and figures["needed"] > 300
    assert figures["in_words"] == (
        f"with 42 questions a difference of {figures['detectable']:.2f} could be shown (four times in five); "
        f"{figures['needed']:,} would be needed for 0.05"
    )


def test_what_is_said_to_be_detectable_is_shown_in_four_cases_of_five():
    """Draws with the stated difference pass about as often as stated: the plan follows the interval that decides."""
    gate, passed, runs = criterion(worthwhile=0.1), 0, 120
    stated = apply_gate(gate, report(effect(100, 0.0))).figures["detectable"]
    rng = np.random.default_rng(1)
    for _ in range(runs):
        moved = np.clip(rng.normal(stated, 0.35, 100), -1, 1)
        made = Measure(600, 0.95, 0).effect(list(np.maximum(moved, 0)), list(np.maximum(-moved, 0)))
        passed += apply_gate(gate, report(made)).status == "pass"
    assert 0.68 < passed / runs < 0.95


def test_the_p_value_is_the_level_where_the_interval_touches_the_limit():
    interval = effect(60, 0.2)
    touching = criterion(at_least=interval["low"])
    assert apply_gate(touching, report(interval)).figures["p_value"] == pytest.approx(0.025)
    mirrored = criterion(at_least=None, at_most=interval["high"])
    assert apply_gate(mirrored, report(interval)).figures["p_value"] == pytest.approx(0.025)


def test_holm_goes_over_all_gates_that_have_a_p_value():
    gates = [criterion(id="one"), criterion(id="two", metric=SCORE, at_least=-0.5), criterion(id="none", metric="/x")]
    found = apply_gates(gates, report(effect(60, 0.12)))
    one, two, none = (result.figures for result in found)
    assert one["holm"]["tests"] == two["holm"]["tests"] == 2
    assert one["holm"]["without_p_value"] == 1 and "holm" not in none
    assert one["holm"]["adjusted"] == pytest.approx(one["p_value"], abs=1e-6)  # the larger of two
    assert two["holm"]["level"] == 0.025 and two["holm"]["stands"]


def test_a_gate_that_should_pass_stops_nothing_and_is_said():
    good, bad = criterion(id="good", at_least=-0.5), criterion(id="bad", at_least=0.9, severity="should")
    found = apply_gates([good, bad], report(effect(60, 0.0)))
    assert [r.status for r in found] == ["pass", "fail"]
    assert (verdict(found), missed(found)) == ("go", ["bad"])
    assert gate_rows(found)[1]["status"] == "fail (should)"
    assert verdict(apply_gates([bad], report(effect(60, 0.0)))) == "undecided"


def test_each_slice_is_a_gate_of_its_own():
    gate = criterion(at_least=-0.1, slices=["held_out"])
    found = apply_gates([gate], report(effect(200, 0.1), held_out=effect(200, -0.4)))
    assert [(r.id, r.status) for r in found] == [("answers", "pass"), ("answers_held_out", "fail")]
    assert "part held_out" in found[1].figures["population"]
    with pytest.raises(ValidationError, match="slice"):
        criterion(slices=["all"])


def test_missing_items_are_flagged_and_where_asked_counted_at_their_worst():
    interval = MEASURE.mean([1.0] * 80 + [0.0] * 5, missing=15)
    left_out, bounded = (
        apply_gate(criterion(metric=SCORE, at_least=0.8, missing=policy), report(interval))
        for policy in ("left_out", "bounded")
    )
    assert left_out.status == "pass" and left_out.figures["attrition"]["flagged"]
    assert bounded.status == "undecided" and "15 items" in bounded.reason
    assert bounded.figures["attrition"]["least"] == pytest.approx(0.8)
    assert "15 of 100" in gate_rows([left_out])[0]["missing"]
    sure = MEASURE.mean([1.0] * 95, missing=5)
    assert apply_gate(criterion(metric=SCORE, at_least=0.8, missing="bounded"), report(sure)).status == "pass"


def test_a_report_that_does_not_bound_what_is_missing_cannot_decide_a_bounded_gate():
    interval = {**MEASURE.mean([0.5] * 40), "attrition": {"missing": 3}}
    found = apply_gate(criterion(metric=SCORE, missing="bounded"), report(interval))
    assert found.status == "undecided" and "judge this version again" in found.reason


def rows(scores, cell="tuned_with", suite="golden"):
    return [
        {"suite": suite, "item": f"q{i}", "cell": cell, "slices": ["dev" if i % 2 else "held_out"], "scores": [{"name": "answer_f1", "value": s}]}
        for i, s in enumerate(scores)
    ]  # fmt: skip


def test_a_gate_against_the_champion_judges_the_difference_item_by_item():
    now, before = [0.8] * 60, [0.5] * 60
    same = {f"q{i}" for i in range(50)}

    def compared(pointer):
        return difference_to_champion(pointer, rows(now), rows(before), same, MEASURE)

    gate = criterion(metric=SCORE, against="champion", at_least=0.0, slices=["dev"])
    found = apply_gates([gate], report(effect(60, 0.0)), compared)
    assert [(r.status, r.n) for r in found] == [("pass", 50), ("pass", 25)]
    assert found[0].value["mean"] == pytest.approx(0.3)
    assert found[0].to_dict()["against"] == "champion"
    even = apply_gates(
        [gate], report(effect(60, 0.0)), lambda p: difference_to_champion(p, rows(now), rows(now), same, MEASURE)
    )
    assert even[0].status == "undecided"  # an equal version is not shown to be better


def test_without_a_release_there_is_nothing_to_beat():
    gate = criterion(metric=SCORE, against="champion")
    found = apply_gates([gate, criterion(id="other", at_least=-0.5)], report(effect(60, 0.0)))
    assert [r.status for r in found] == ["not_applicable", "pass"]
    assert verdict(found) == "go" and verdict(found[:1]) == "undecided"
    with pytest.raises(ValidationError, match="cell"):
        criterion(against="champion")


def test_pairs_without_a_score_are_missing_and_other_suites_are_paired_by_item():
    now, before = [0.8, None, 0.6], [0.5, 0.5, None]
    pointer = "/suites/harm/cells/tuned_with/answer_f1/all"
    found = difference_to_champion(pointer, rows(now, suite="harm"), rows(before, suite="harm"), set(), MEASURE)
    assert (found["n"], found["attrition"]["missing"]) == (1, 2)
    with pytest.raises(KeyError, match="cell"):
        difference_to_champion(EFFECT, [], [], set(), MEASURE)


def test_criteria_that_state_none_of_the_new_fields_keep_their_content():
    content = criterion().model_dump(mode="json")
    assert set(content) == {"id", "metric", "at_least", "confidence", "min_items", "rationale", "level"}
    stated = criterion(severity="should", worthwhile=0.02).model_dump(mode="json")
    assert (stated["severity"], stated["worthwhile"]) == ("should", 0.02)


def test_decisions_made_before_there_were_figures_are_still_read():
    old = {
        "id": "answers",
        "status": "pass",
        "reason": "reaches 0.4",
        "needed_items": None,
        "rationale": "why",
        "value": None,
    }
    (row,) = decision_rows([old])
    assert (row["gate"], row["status"], row["what it can show"], row["missing"]) == ("answers", "pass", "", "")


def test_rules_do_not_change_without_a_new_version():
    """Changed rules need a new version here and in `gate_rules.py`."""
    assert rule_set() == {"version": 4, "digest": "527dce78ac2099330e3bdfcdf3f717dd104ac93ff53692d840a73441d08c6fc7"}


def test_items_drawn_together_count_as_one_draw_against_the_champion() -> None:
    """Forty variants of four questions, each a gain or a loss as a whole: four draws, not forty."""
    now, pointer = [float(i < 30) for i in range(40)], "/suites/harm/cells/tuned_with/answer_f1/all"
    told = (pointer, rows(now, suite="harm"), rows([0.0] * 40, suite="harm"), set(), MEASURE)
    alone = difference_to_champion(*told)
    together = {"suites": {"harm": {"drawn_together": {f"q{i}": f"question {i // 10}" for i in range(40)}}}}
    grouped = difference_to_champion(*told, together)
    assert grouped["mean"] == alone["mean"] == 0.75 and grouped["groups"] == 4
    assert grouped["low"] < 0 < alone["low"]

"""Gates: the table of decisions, the sample that would decide, and a damaged model that must not pass."""

import json

import numpy as np
import pytest

from genaiops_assets.evaluation import Measure, answer_f1, apply_gate, support, verdict
from genaiops_assets.statistics import mean_interval, paired_interval
from genaiops_assets.use_case import Criterion

SCORE, EFFECT = "/cells/tuned_with/answer_f1/all", "/effects/tuning/all"


def criterion(metric=SCORE, at_least=0.4, min_items=20, confidence=0.95):
    text = "Below this the assistant is worse than the search page."
    return Criterion(
        id="answers",
        metric=metric,
        at_least=at_least,
        min_items=min_items,
        confidence=confidence,
        rationale=text,
        level="model",
    )


def report(mean, low, high, n=50, confidence=0.95):
    interval = {"mean": mean, "low": low, "high": high, "n": n, "confidence": confidence}
    return {"cells": {"tuned_with": {"answer_f1": {"all": interval}}}, "effects": {"tuning": {"all": interval}}}


@pytest.mark.parametrize(
    ("metric", "at_least", "interval", "status"),
    [
        (SCORE, 0.4, (0.5, 0.45, 0.55), "pass"),
        (SCORE, 0.4, (0.5, 0.4, 0.6), "pass"),  # reaching the threshold is enough for a score
        (SCORE, 0.4, (0.3, 0.2, 0.39), "fail"),
        (SCORE, 0.4, (0.3, 0.2, 0.4), "undecided"),
        (SCORE, 0.4, (0.42, 0.35, 0.5), "undecided"),
        (EFFECT, 0.0, (0.1, 0.01, 0.2), "pass"),
        (EFFECT, 0.0, (0.1, 0.0, 0.2), "undecided"),  # an effect must lie above
        (EFFECT, 0.0, (0.0, 0.0, 0.0), "fail"),  # a tuning that changed nothing
        (EFFECT, 0.0, (-0.1, -0.2, -0.01), "fail"),
        (EFFECT, -0.02, (0.0, -0.01, 0.01), "pass"),  # not inferior
        (EFFECT, 0.0, (0.01, -0.05, 0.07), "undecided"),
    ],
)
def test_the_whole_interval_decides(metric, at_least, interval, status):
    found = apply_gate(criterion(metric, at_least), report(*interval))
    assert found.status == status
    assert found.threshold == at_least and found.n == 50 and found.metric == metric
    assert found.value == {"mean": interval[0], "low": interval[1], "high": interval[2], "n": 50, "confidence": 0.95}


def test_a_straddling_interval_names_the_sample_that_would_decide():
    found = apply_gate(criterion(), report(0.42, 0.32, 0.52, n=50))
    assert found.needed_items == 1250  # a fifth of the half-width needs 25 times the items
    assert "1250 items" in found.reason
    assert apply_gate(criterion(), report(0.4, 0.3, 0.5)).needed_items is None


def test_too_few_items_cannot_decide_even_where_they_look_good_or_bad():
    for interval in ((0.9, 0.9, 0.9), (0.1, 0.1, 0.1), (0.9, None, None), (None, None, None)):
        found = apply_gate(criterion(), report(*interval, n=0 if interval[0] is None else 19))
        assert (found.status, found.needed_items) == ("undecided", 20)


def test_another_confidence_or_none_is_undecided():
    assert apply_gate(criterion(confidence=0.99), report(0.9, 0.8, 0.95)).status == "undecided"
    assert apply_gate(criterion(), report(0.9, 0.8, 0.95, confidence=None)).status == "undecided"
    assert apply_gate(criterion(), report(0.9, None, None)).status == "undecided"


@pytest.mark.parametrize(
    "damaged",
    [
        {},
        {"cells": {"tuned_with": {"answer_f1": {"all": 0.9}}}},
        {"cells": {"tuned_with": {"answer_f1": {"all": {"mean": 0.9, "n": 50}}}}},
        report(float("nan"), 0.8, 0.95),
        report(0.9, 0.8, float("inf")),
        report(0.9, 0.95, 0.8),
        report(0.9, 0.8, None),
        report(None, 0.8, 0.95),
        report(None, 0.8, 0.95, n=0),
        report(None, None, None, n=50),
        report("0.9", "0.8", "0.95"),
        report(True, True, True),
        report(0.9, 0.8, 0.95, n=-1),
        report(0.9, 0.8, 0.95, n="50"),
    ],
)
def test_a_missing_or_damaged_metric_fails_with_its_name(damaged):
    found = apply_gate(criterion(), damaged)
    assert found.status == "fail" and SCORE in found.reason and found.value is None


def test_the_verdict_over_all_gates():
    good, bad = apply_gate(criterion(), report(0.5, 0.45, 0.55)), apply_gate(criterion(), report(0.3, 0.2, 0.35))
    open_ = apply_gate(criterion(), report(0.42, 0.35, 0.5))
    assert verdict([good]) == verdict([good, good]) == "go"
    assert verdict([good, open_]) == "undecided"
    assert verdict([good, open_, bad]) == "no_go"
    assert verdict([]) == "undecided"


def test_a_damaged_model_is_a_no_go():
    """From answers to verdict: noise instead of answers fails the score and the effect."""
    rng = np.random.default_rng(8)
    questions = [
        (f"The fee for plan {i} is {i * 7 + 3} dollars.", f"Plan {i} costs {i * 7 + 3} dollars.") for i in range(40)
    ]
    base = [answer_f1(context, reference) for context, reference in questions]
    noise = ["".join(rng.choice(list("qxzj "), 30)) for _ in questions]
    damaged = [answer_f1(answer, reference) for answer, (_, reference) in zip(noise, questions, strict=True)]
    grounded = [support(answer, context) for answer, (context, _) in zip(noise, questions, strict=True)]
    made = {
        "cells": {"tuned_with": {"answer_f1": {"all": mean_interval(damaged).to_dict()}}},
        "support": mean_interval(grounded).to_dict(),
        "effects": {"tuning": {"all": paired_interval(damaged, base).to_dict()}},
    }
    gates = [criterion(), criterion("/support", 0.5), criterion(EFFECT, 0.0)]
    results = [apply_gate(gate, json.loads(json.dumps(made))) for gate in gates]
    assert [found.status for found in results] == ["fail"] * 3
    assert verdict(results) == "no_go"
    assert json.dumps(results[0].to_dict())


@pytest.mark.parametrize(
    ("metric", "at_most", "interval", "status"),
    [
        (SCORE, 0.01, (0.002, 0.0, 0.009), "pass"),
        (SCORE, 0.01, (0.005, 0.0, 0.01), "pass"),  # a score may touch its threshold
        (SCORE, 0.01, (0.05, 0.02, 0.09), "fail"),
        (SCORE, 0.01, (0.0, 0.0, 0.04), "undecided"),
        (EFFECT, 0.0, (-0.1, -0.2, -0.01), "pass"),
        (EFFECT, 0.0, (0.0, 0.0, 0.0), "fail"),
        (EFFECT, 0.0, (0.1, 0.01, 0.2), "fail"),
    ],
)
def test_a_limit_from_above_is_the_mirror_image(metric, at_most, interval, status):
    gate = Criterion(
        id="harm", metric=metric, at_most=at_most, min_items=20, rationale="No more than one in a hundred."
    )
    found = apply_gate(gate, report(*interval))
    assert (found.status, found.threshold, found.to_dict()["side"]) == (status, at_most, "at_most")


@pytest.mark.parametrize("limits", [{}, {"at_least": 0.1, "at_most": 0.2}, {"at_least": float("nan")}])
def test_a_gate_has_exactly_one_finite_limit(limits):
    with pytest.raises(ValueError):
        Criterion(id="harm", metric=SCORE, min_items=20, rationale="No more than one in a hundred.", **limits)


def test_a_gate_decides_at_its_own_confidence():
    measured = Measure(resamples=2000, confidence=0.95, seed=1, also=(0.9,)).mean([1.0] * 30)
    made = {"cells": {"tuned_with": {"answer_f1": {"all": measured}}}}
    low = {c: apply_gate(criterion(at_least=0.89, confidence=c), made) for c in (0.95, 0.9)}
    assert (low[0.95].status, low[0.9].status) == ("undecided", "pass")  # 30 of 30: 0.884 and 0.905
    assert low[0.9].value["confidence"] == 0.9 and "90%" in low[0.9].reason
    assert apply_gate(criterion(confidence=0.99), made).status == "undecided"


def test_criteria_written_before_keep_their_content():
    assert criterion().model_dump(mode="json") == {
        "id": "answers", "metric": SCORE, "at_least": 0.4, "confidence": 0.95, "min_items": 20,
        "rationale": "Below this the assistant is worse than the search page.", "level": "model",
    }  # fmt: skip
    assert "side" not in apply_gate(criterion(), report(0.5, 0.45, 0.55)).to_dict()

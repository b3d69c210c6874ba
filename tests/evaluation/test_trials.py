"""Which of several trials is recommended: the best answers, the smaller model where nobody can tell them apart."""

from __future__ import annotations

from typing import Any

import pytest

from genaiops_assets.evaluation import better, choose, quality, ranked_trials, sample_of, tied_ranks


def result(scores: list[float], size: int = 100) -> dict[str, Any]:
    return {"scores": {f"g{n:02}": s for n, s in enumerate(scores)}, "weights_bytes": size}


GOOD, BAD = result([0.8, 0.9, 0.7, 0.85] * 10, 900), result([0.1, 0.2, 0.15, 0.1] * 10, 100)


def test_the_best_answers_win_where_the_difference_is_sure() -> None:
    winner, runner_up, why = choose({"bad": BAD, "good": GOOD})
    assert (winner, runner_up) == ("good", "bad") and why.startswith("good answers best: F1 0.812 (")
    assert "bad is worse" in why


def test_the_smaller_model_wins_where_they_cannot_be_told_apart() -> None:
    near = result([0.8, 0.9, 0.7, 0.8] * 10, 300)
    nearer = result([0.9, 0.7, 0.8, 0.8] * 10, 200)
    winner, runner_up, why = choose({"good": GOOD, "near": near, "nearer": nearer, "bad": BAD})
    assert (winner, runner_up) == ("nearer", "good") and "cannot be told from it" in why and "200 bytes" in why
    larger = result([0.8, 0.9, 0.7, 0.8] * 10, 5000)
    assert choose({"good": GOOD, "larger": larger})[:2] == ("good", "larger")


def test_one_candidate_has_no_runner_up_and_none_no_winner() -> None:
    assert choose({"one": BAD})[:2] == ("one", None)
    with pytest.raises(ValueError, match="no candidate"):
        choose({})
    assert choose({"a": result([1.0]), "b": result([0.0])})[0] == "a", "one question shows no spread"


def test_equal_ones_stay_in_their_order_and_are_compared_question_by_question() -> None:
    assert ranked_trials({"b": GOOD, "a": GOOD}) == ["b", "a"]
    assert better(GOOD, GOOD)["mean"] == 0 and better(GOOD, BAD)["low"] > 0.5
    assert quality(GOOD)["n"] == 40


def test_the_sample_is_from_all_over_the_dev_half_alone() -> None:
    items = [{"id": f"{s}{n}", "split": s} for s in ("dev", "held_out") for n in range(90)]
    found = sample_of(items)
    assert len(found) == 40 and {i["split"] for i in found} == {"dev"} and found[-1]["id"] > "dev80"
    assert sample_of(items[:7]) == items[:7]


def test_the_surest_comes_first_and_who_cannot_be_told_from_it_shares_its_rank() -> None:
    lucky = result([1.0, 1.0, 0.2, 1.0])  # four questions: a higher mean, and little that is sure
    assert ranked_trials({"lucky": result([1.0, 0.6, 1.0, 1.0]), "good": GOOD}) == ["good", "lucky"]
    ranks = tied_ranks({"lucky": quality(lucky), "good": quality(GOOD), "bad": quality(BAD)})
    assert ranks == {"good": 1, "lucky": 1, "bad": 3}

"""Drift is found when it is there and large, not found when it is not, and the same way every time."""

import json

import numpy as np
import pytest

from genaiops_assets.drift.detect import DriftResult, compare
from tests.drift.samples import questions


def found(reference: np.ndarray, current: np.ndarray, **changes) -> DriftResult:
    settings = {"alpha": 0.05, "min_effect": 0.05, "permutations": 200, "seed": 0} | changes
    return compare(reference, current, **settings)


def test_false_alarms_stay_near_alpha() -> None:
    mix = [0.4, 0.3, 0.2, 0.1]
    results = [
        found(questions(mix, 80, seed), questions(mix, 60, 1000 + seed), min_effect=0.0, seed=seed)
        for seed in range(60)
    ]
    p_values = np.array([result.p_value for result in results])
    assert (p_values <= 0.05).sum() <= 8  # 3 expected; 9 or more has a probability of 0.002
    assert 0.38 < p_values.mean() < 0.64
    assert np.mean([result.moved_share for result in results]) < 0.1


@pytest.mark.parametrize("seed", range(5))
def test_a_fifth_of_new_questions_is_found(seed: int) -> None:
    result = found(
        questions([0.5, 0.3, 0.2, 0.0], 300, seed),
        questions([0.4, 0.24, 0.16, 0.2], 300, 100 + seed),
        permutations=2000,
    )
    assert result.drifted and result.enough
    assert result.p_value <= 0.001
    assert 0.12 < result.moved_share < 0.28
    assert result.clusters[0].is_clear and result.clusters[0].share_before == 0.0


def test_scattered_questions_off_every_topic_are_found() -> None:
    reference, usual = questions([0.5, 0.5], 300, 1), questions([0.5, 0.5], 240, 2)
    scattered = np.random.default_rng(3).normal(size=(60, 24))
    current = np.concatenate([usual, scattered / np.linalg.norm(scattered, axis=1, keepdims=True)])
    result = found(reference, current, permutations=1000)
    assert result.drifted and result.by_statistic["isolation"] <= 0.002
    assert result.moved_share > 0.1


def test_a_mix_turned_round_is_found() -> None:
    result = found(questions([0.8, 0.2], 200, 1), questions([0.2, 0.8], 200, 2))
    assert result.drifted and result.moved_share == pytest.approx(0.6, abs=0.1)
    assert "act on" in result.reasons[1]


def test_a_real_but_small_shift_is_not_drift() -> None:
    result = found(questions([0.8, 0.2], 1000, 1), questions([0.7, 0.3], 1000, 2), min_effect=0.3)
    assert result.p_value <= 0.05
    assert not result.drifted
    assert "too few of them moved" in result.reasons[1]


def test_few_rows_far_apart_may_be_noise() -> None:
    rows = np.random.default_rng(3).normal(size=(40, 24))
    result = found(rows[:20], rows[20:], min_effect=0.0)
    assert result.centroid_distance > 0.1
    assert not result.drifted
    assert "chance" in result.reasons[0]


def test_words_are_seen_where_the_embedding_sees_nothing() -> None:
    blind = questions([1.0], 80, 1)
    usual = [f"借书证{n}怎样办理" for n in range(60)]
    asked = [f"宠物保险{n}多少钱" for n in range(20)]
    assert not found(blind[:60], blind[60:]).drifted
    result = found(blind[:60], blind[60:], texts=(usual, asked), permutations=1000)
    assert result.drifted and result.by_statistic["terms"] <= 0.002 and result.moved_share > 0.5


def test_the_result_is_repeatable_and_json() -> None:
    reference, current = questions([0.5, 0.5], 1500, 1), questions([0.6, 0.4], 1200, 2)
    first, second = found(reference, current), found(reference, current)
    assert first == second
    assert json.loads(json.dumps(first.to_dict())) == first.to_dict()
    assert (first.n_reference, first.n_current) == (1500, 1200)
    assert first != found(reference, current, seed=1)


def test_the_order_of_the_rows_does_not_matter() -> None:
    reference, current = questions([0.5, 0.5], 70, 1), questions([0.7, 0.3], 50, 2)
    texts = ([f"usual {n}" for n in range(70)], [f"asked {n}" for n in range(50)])
    order = np.random.default_rng(0).permutation(70)
    turned = found(reference[order], current[::-1], texts=([texts[0][i] for i in order], texts[1][::-1]))
    plain = found(reference, current, texts=texts)
    assert turned.p_value == plain.p_value and turned.by_statistic == plain.by_statistic
    assert turned.moved_share == plain.moved_share
    assert [sorted(order[i] for i in m.reference_rows) for m in turned.clusters] == [
        m.reference_rows for m in plain.clusters
    ]


def test_equal_rows_do_not_drift() -> None:
    results = [found(np.ones((30, 5)), np.ones((25, 5)), min_effect=0.0, seed=seed) for seed in range(20)]
    assert sum(result.drifted for result in results) <= 3  # equal rows stand in an order drawn by lot
    assert all(result.by_statistic["mmd"] == 1.0 for result in results)


def test_too_few_rows_are_not_tested() -> None:
    result = found(questions([1.0], 100, 1), questions([1.0], 3, 2))
    assert not result.enough and not result.drifted
    assert result.p_value is None and result.moved_share is None and result.clusters == []
    assert "too few" in result.reasons[0]


@pytest.mark.parametrize(
    ("reference", "current", "changes", "message"),
    [
        (np.ones(5), np.ones((5, 2)), {}, "shape"),
        (np.ones((5, 3)), np.ones((5, 2)), {}, "dimensions"),
        (np.full((5, 2), np.nan), np.ones((5, 2)), {}, "finite"),
        (np.ones((5, 2)), np.ones((5, 2)), {"alpha": 1.5}, "alpha"),
        (np.ones((5, 2)), np.ones((5, 2)), {"min_effect": -1}, "min_effect"),
        (np.ones((5, 2)), np.ones((5, 2)), {"alpha": 0.001}, "permutations"),
        (np.ones((5, 2)), np.ones((5, 2)), {"texts": (["one"], ["two"])}, "texts"),
    ],
)
def test_wrong_input_is_refused(reference: np.ndarray, current: np.ndarray, changes: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        found(reference, current, **changes)

"""Drift is found when it is there and large, not found when it is not, and the same way every time."""

import json

import numpy as np
import pytest

from genaiops_assets.drift import DriftResult, compare, project_2d, what_moved

_DIMENSIONS = 24
_TOPICS = np.linalg.qr(np.random.default_rng(7).normal(size=(_DIMENSIONS, 4)))[0].T


def _questions(shares: list[float], n: int, seed: int) -> np.ndarray:
    """n embeddings of shape (n, 24): unit vectors around the topics, in these shares."""
    random = np.random.default_rng(seed)
    topics = random.choice(len(shares), size=n, p=shares)
    rows = _TOPICS[topics] + random.normal(scale=0.12, size=(n, _DIMENSIONS))
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _compare(reference: np.ndarray, current: np.ndarray, **changes: float) -> DriftResult:
    settings = {"alpha": 0.05, "min_effect": 0.01, "permutations": 200, "seed": 0} | changes
    return compare(reference, current, **settings)


def test_false_alarms_stay_near_alpha() -> None:
    mix = [0.4, 0.3, 0.2, 0.1]
    results = [_compare(_questions(mix, 80, seed), _questions(mix, 60, 1000 + seed), min_effect=0.0, seed=seed) for seed in range(40)]
    assert sum(result.drifted for result in results) <= 6
    assert 0.3 < np.mean([result.p_value for result in results]) < 0.7
    assert abs(np.mean([result.classifier_auc for result in results]) - 0.5) < 0.05
    assert abs(np.mean([result.mmd for result in results])) < 0.01


@pytest.mark.parametrize("seed", range(5))
def test_a_fifth_of_new_questions_is_found(seed: int) -> None:
    reference = _questions([0.5, 0.3, 0.2, 0.0], 300, seed)
    current = _questions([0.4, 0.24, 0.16, 0.2], 300, 100 + seed)
    result = _compare(reference, current)
    assert result.drifted and result.enough
    assert result.p_value == pytest.approx(1 / 201)
    assert result.centroid_distance > 0.01 and result.mmd > 0 and result.energy > 0
    assert result.classifier_auc > 0.53


def test_a_mix_turned_round_is_found_and_told_apart() -> None:
    result = _compare(_questions([0.8, 0.2], 200, 1), _questions([0.2, 0.8], 200, 2))
    assert result.drifted
    assert result.classifier_auc > 0.7
    assert "act on" in result.reasons[1]


def test_a_real_but_small_shift_is_not_drift() -> None:
    result = _compare(_questions([0.8, 0.2], 1000, 1), _questions([0.7, 0.3], 1000, 2), min_effect=0.2)
    assert result.p_value <= 0.05
    assert not result.drifted
    assert "too little to act on" in result.reasons[1]


def test_a_large_shift_of_few_rows_may_be_noise() -> None:
    rows = np.random.default_rng(3).normal(size=(40, _DIMENSIONS))
    result = _compare(rows[:20], rows[20:], min_effect=0.1)
    assert result.centroid_distance > 0.1
    assert not result.drifted
    assert "chance" in result.reasons[0]


def test_the_result_is_repeatable_and_json() -> None:
    reference, current = _questions([0.5, 0.5], 1500, 1), _questions([0.6, 0.4], 1200, 2)
    first, second = _compare(reference, current), _compare(reference, current)
    assert first == second
    assert json.loads(json.dumps(first.to_dict())) == first.to_dict()
    assert (first.n_reference, first.n_current) == (1500, 1200)


def test_equal_rows_do_not_drift() -> None:
    same = np.ones((30, 5))
    result = _compare(same, same, min_effect=0.0)
    assert result.p_value == 1.0 and result.mmd == pytest.approx(0) and not result.drifted


def test_too_few_rows_are_not_tested() -> None:
    result = _compare(_questions([1.0], 100, 1), _questions([1.0], 3, 2))
    assert not result.enough and not result.drifted
    assert result.p_value is None and result.classifier_auc is None
    assert "too few" in result.reasons[0]


def test_mmd_is_the_unbiased_estimate() -> None:
    x, y = np.random.default_rng(0).normal(size=(20, 3)), np.random.default_rng(1).normal(size=(25, 3)) + 0.5
    rows = np.concatenate([x, y])
    distances = np.linalg.norm(rows[:, None] - rows[None, :], axis=2)
    kernel = np.exp(-(distances**2) / (2 * np.median(distances[np.triu_indices(45, 1)]) ** 2))
    np.fill_diagonal(kernel, 0)
    expected = kernel[:20, :20].sum() / 380 + kernel[20:, 20:].sum() / 600 - 2 * kernel[:20, 20:].mean()
    assert _compare(x, y).mmd == pytest.approx(expected)


@pytest.mark.parametrize(
    ("reference", "current", "changes", "message"),
    [
        (np.ones(5), np.ones((5, 2)), {}, "shape"),
        (np.ones((5, 3)), np.ones((5, 2)), {}, "dimensions"),
        (np.full((5, 2), np.nan), np.ones((5, 2)), {}, "finite"),
        (np.ones((5, 2)), np.ones((5, 2)), {"alpha": 1.5}, "alpha"),
        (np.ones((5, 2)), np.ones((5, 2)), {"min_effect": -1}, "min_effect"),
        (np.ones((5, 2)), np.ones((5, 2)), {"alpha": 0.001}, "permutations"),
    ],
)
def test_wrong_input_is_refused(reference: np.ndarray, current: np.ndarray, changes: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        _compare(reference, current, **changes)


def test_the_new_topic_is_named_in_english() -> None:
    usual = ["What is the fee for the card?", "How do I open the account?", "What is the rate on the loan?"] * 20
    new = ["What is the fee for crypto trading?", "Can the bank hold crypto for me?"] * 10
    moved = what_moved(usual, usual[:40] + new)
    assert moved[0]["term"] == "crypto"
    assert moved[0]["reference_texts"] == 0 and moved[0]["current_texts"] == 20
    assert moved[0]["current_share"] == pytest.approx(20 / 60)
    assert not {"the", "what", "is"} & {entry["term"] for entry in moved}
    assert [entry["z"] for entry in moved] == sorted((entry["z"] for entry in moved), reverse=True)


def test_the_new_topic_is_named_in_chinese() -> None:
    usual = ["信用卡的年费是多少？", "怎样开立账户？", "贷款的利率是多少？"] * 20
    new = ["可以买数字货币吗？", "数字货币的手续费是多少？"] * 10
    moved = what_moved(usual, usual[:40] + new, top=5)
    assert {"数字", "货币"} <= {entry["term"] for entry in moved}
    assert "多少" not in {entry["term"] for entry in moved}
    assert len(moved) <= 5


def test_nothing_moved_is_an_empty_list() -> None:
    texts = ["What is the fee?", "透支费用是多少？"] * 20
    assert what_moved(texts, texts) == []
    assert what_moved([], texts) == [] and what_moved(texts, []) == [] and what_moved(["?"], ["!"]) == []


def test_projection_keeps_the_widest_direction_and_both_sizes() -> None:
    reference, current = _questions([1.0], 50, 1), _questions([0.0, 1.0], 30, 2)
    left, right = project_2d(reference, current)
    assert left.shape == (50, 2) and right.shape == (30, 2)
    assert (left[:, 0].max() < right[:, 0].min()) or (right[:, 0].max() < left[:, 0].min())
    np.testing.assert_array_equal(left, project_2d(reference, current)[0])


def test_projection_of_little_is_padded_with_zeros() -> None:
    left, right = project_2d(np.array([[1.0], [2.0]]), np.array([[3.0]]))
    assert np.allclose(np.concatenate([left, right]), [[-1, 0], [0, 0], [1, 0]])
    assert project_2d(np.empty((0, 3)), np.empty((0, 3)))[0].shape == (0, 2)
    with pytest.raises(ValueError, match="cannot project"):
        project_2d(np.ones((2, 3)), np.ones((2, 4)))

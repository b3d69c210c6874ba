"""Topics that grew are told apart from chance, all of them together."""

import numpy as np
import pytest

from genaiops_assets.drift.moved import Moved, moved_clusters, moved_share


def moved(before: list[int], now: list[int], seed: int = 0) -> list[Moved]:
    """From counts by cluster."""
    clusters = np.concatenate([np.repeat(np.arange(len(before)), before), np.repeat(np.arange(len(now)), now)])
    labels = np.repeat([0.0, 1.0], [sum(before), sum(now)])
    origin = [*range(sum(before)), *range(sum(now))]
    return moved_clusters(clusters, labels, origin, np.random.default_rng(seed))


def test_the_topic_that_grew_comes_first_with_its_rows() -> None:
    found = moved([50, 50, 0], [40, 40, 20])
    assert (found[0].share_before, found[0].share_after, found[0].is_clear) == (0.0, 0.2, True)
    assert found[0].reference_rows == [] and found[0].current_rows == list(range(80, 100))
    assert not found[1].is_clear and not found[2].is_clear
    assert moved_share(found) == pytest.approx(0.2)


def test_a_topic_that_shrank_counts_too() -> None:
    found = moved([60, 20, 20], [10, 40, 50])
    assert found[-1].is_clear and found[-1].growth == pytest.approx(-0.5)
    assert moved_share(found) == pytest.approx(0.5)


def test_nothing_moved() -> None:
    found = moved([50, 30, 20], [51, 28, 21])
    assert moved_share(found) == 0.0 and min(m.p_value for m in found) > 0.3
    assert moved_share(moved([10], [10])) == 0.0


def test_any_false_topic_is_rare() -> None:
    random = np.random.default_rng(3)
    shares = np.full(12, 1 / 12)
    wrong = sum(
        any(
            m.is_clear
            for m in moved(random.multinomial(150, shares).tolist(), random.multinomial(100, shares).tolist(), n)
        )
        for n in range(200)
    )
    assert wrong <= 20  # 10 expected at most


def test_a_clear_topic_needs_numbers() -> None:
    assert not any(m.is_clear for m in moved([20, 0], [19, 1]))

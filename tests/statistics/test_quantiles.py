"""Quantiles by order statistics: figures one can look up, and how often the interval holds."""

from __future__ import annotations

import numpy as np
import pytest

from genaiops_assets.statistics import needed_for_upper_bound, quantile_interval


def test_a_median_of_ten_lies_between_the_second_and_the_ninth() -> None:
    found = quantile_interval([float(n) for n in range(1, 11)], 0.5)
    assert (found["value"], found["low"], found["high"], found["n"]) == (5.0, 2.0, 9.0, 10)


def test_too_few_values_leave_a_bound_open() -> None:
    tail = quantile_interval([float(n) for n in range(1, 37)], 0.95)
    assert tail["value"] == 35.0 and tail["low"] == 31.0 and tail["high"] is None
    assert needed_for_upper_bound(0.95) == 72
    assert quantile_interval([float(n) for n in range(71)], 0.95)["high"] is None
    assert quantile_interval([float(n) for n in range(72)], 0.95)["high"] == 71.0
    assert quantile_interval([], 0.95) == {
        "value": None, "low": None, "high": None, "n": 0, "confidence": 0.95, "method": "order statistics",
    }  # fmt: skip


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_a_share_of_nothing_or_all_is_refused(share: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        quantile_interval([1.0], share)


def test_a_measurement_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="no finite number"):
        quantile_interval([1.0, float("nan")], 0.5)


def test_the_interval_holds_as_often_as_stated() -> None:
    draws = np.random.default_rng(3).lognormal(size=(1000, 100))
    true = {0.5: 1.0, 0.95: float(np.exp(1.6448536269514722))}
    for share, value in true.items():
        found = [quantile_interval(row.tolist(), share) for row in draws]
        held = np.mean([f["low"] <= value <= (f["high"] or np.inf) for f in found])
        assert held >= 0.94


@pytest.mark.parametrize("n", [50, 2000, 20000])
def test_any_number_of_values_gives_the_bounds_of_the_binomial(n: int) -> None:
    from scipy.stats import binom

    found = quantile_interval(list(range(1, n + 1)), 0.95)
    below = binom.cdf(range(n), n, 0.95)  # at most 0 ... n - 1 values lie below
    assert found["low"] == max(k for k in range(1, n + 1) if below[k - 1] <= 0.025)
    high = [k for k in range(1, n + 1) if below[k - 1] >= 0.975]
    assert found["high"] == (high[0] if high else None)

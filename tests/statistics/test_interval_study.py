"""The study of intervals (`make bench-intervals`) looks at what the product computes."""

import numpy as np
import pytest

from genaiops_assets.statistics import mean_interval
from tests.benchmarks.intervals import DRAWS, end_points_added


@pytest.mark.parametrize("n", [10, 42])
def test_the_vectorised_interval_is_the_product_s(n: int) -> None:
    x = np.clip(np.random.default_rng(n).normal(0.05, 0.3, (3, n)), -1, 1)
    low, high = end_points_added(x)
    for row, least, greatest in zip(x, low, high, strict=True):
        found = mean_interval(row, bounds=(-1, 1), resamples=DRAWS)
        assert (found.low, found.high) == (pytest.approx(least), pytest.approx(greatest))

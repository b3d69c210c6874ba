"""The sign test against a published example and against SciPy, and the share it can find."""

from __future__ import annotations

import pytest
from scipy.stats import binomtest

from genaiops_assets.statistics import detectable_share, sign_test


def test_a_published_example() -> None:
    """Conover 1999, Practical Nonparametric Statistics, example 3.4.1: 8 up, 1 down; one-sided 0.0195."""
    assert sign_test(8, 1) == pytest.approx(2 * 0.01953125)


@pytest.mark.parametrize(("up", "down"), [(0, 0), (1, 0), (5, 5), (9, 2), (2, 9), (60, 40), (0, 30)])
def test_it_is_scipys_exact_binomial_test(up: int, down: int) -> None:
    expected = binomtest(up, up + down).pvalue if up + down else 1.0
    assert sign_test(up, down) == pytest.approx(expected, rel=1e-9)


def test_the_detectable_share_has_the_power_it_states() -> None:
    for n in (6, 20, 50, 200):
        share = detectable_share(n)
        assert share is not None
        found = sum(binomtest(k, n).pvalue <= 0.05 and k > n / 2 for k in range(n + 1))
        least = n + 1 - found
        from scipy.stats import binom

        assert binom.sf(least - 1, n, share) == pytest.approx(0.8, abs=1e-3)
    assert detectable_share(5) is None  # five of five have p 0.0625
    assert [detectable_share(n) for n in (20, 200)] == sorted(
        filter(None, (detectable_share(20), detectable_share(200))), reverse=True
    )


def test_nonsense_is_refused() -> None:
    with pytest.raises(ValueError):
        sign_test(-1, 2)
    with pytest.raises(ValueError):
        detectable_share(0)

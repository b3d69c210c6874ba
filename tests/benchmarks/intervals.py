"""Which interval of a mean paired difference is honest, and how wide: `make bench-intervals`.

Differences in [-1, 1] whose true mean is zero, of thirteen kinds (many exact zeros, skew both ways, token F1, won and lost,
rare harm), n = 10 to 200. A false pass is a 95 % interval wholly above zero; stated is 0.025, the bar of gates 0.05. Ours
is computed here over all draws at once with the same weights, so a test of equality with `mean_interval` stands in
`tests/statistics/test_interval_study.py`. Rivals as published; none is used by the product."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

import numpy as np  # noqa: E402
from scipy import stats  # noqa: E402

from tests.benchmarks.harness import Figure, report  # noqa: E402

TAIL, SIZES, DRAWS = 0.025, (10, 20, 42, 84, 200), 2000
Numbers = np.ndarray[Any, np.dtype[np.float64]]
Limits = tuple[Numbers, Numbers]
Rng = np.random.Generator


def f1_pairs(equal: float) -> Callable[[Rng, tuple[int, int]], Numbers]:
    """Differences of two token F1 (a quarter zero, an eighth one), a share of them exactly zero."""

    def one(rng: Rng, shape: tuple[int, int]) -> Numbers:
        kind = rng.random(shape)
        return np.where(kind < 0.25, 0, np.where(kind > 0.88, 1, rng.beta(1.2, 2.0, shape)))

    return lambda rng, shape: np.where(rng.random(shape) < equal, 0, one(rng, shape) - one(rng, shape))


def among(values: list[float], shares: list[float]) -> Callable[[Rng, tuple[int, int]], Numbers]:
    return lambda rng, shape: rng.choice(values, shape, p=shares).astype(float)


def skewed(sign: float) -> Callable[[Rng, tuple[int, int]], Numbers]:
    """Three in five zero; the rest 1/3 less a Beta(0.5, 1), whose mean is 1/3: gains are small, losses long."""
    return lambda rng, shape: sign * np.where(rng.random(shape) < 0.6, 0, 1 / 3 - rng.beta(0.5, 1.0, shape))


MILD = {
    "symmetric, deviation 0.35": lambda rng, shape: np.clip(rng.normal(0, 0.36, shape), -1, 1),
    "F1, 40 % equal": f1_pairs(0.4),
    "F1, 80 % equal": f1_pairs(0.8),
    "F1, 95 % equal": f1_pairs(0.95),
    "10 % won, 10 % lost": among([-1, 0, 1], [0.1, 0.8, 0.1]),
    "2 % won, 2 % lost": among([-1, 0, 1], [0.02, 0.96, 0.02]),
    "70 % zero, 20 % +.2, 10 % -.4": among([0, 0.2, -0.4], [0.7, 0.2, 0.1]),
    "losses long": skewed(1),
    "gains long": skewed(-1),
}
HARMFUL = {
    "80 % zero, 15 % +.2, 5 % -.6": among([0, 0.2, -0.6], [0.8, 0.15, 0.05]),
    "50 % zero, 45 % +.1, 5 % -.9": among([0, 0.1, -0.9], [0.5, 0.45, 0.05]),
    "97 % +.03, 3 % -.97": among([0.03, -0.97], [0.97, 0.03]),
    "99 % +.01, 1 % -.99": among([0.01, -0.99], [0.99, 0.01]),
}
WIDTH_OF = "symmetric, deviation 0.35"


def end_points_added(x: Numbers, seed: int = 0) -> Limits:
    """Ours, for all rows of x at once."""
    weights = np.random.default_rng(seed).standard_exponential((DRAWS, x.shape[1] + 1))
    total, inner = weights.sum(axis=1), x @ weights[:, 1:].T
    low = np.quantile((inner - weights[:, 0]) / total, TAIL, axis=1, method="lower")
    high = np.quantile((inner + weights[:, 0]) / total, 1 - TAIL, axis=1, method="higher")
    return low, high


def student(x: Numbers) -> Limits:
    n = x.shape[1]
    half = stats.t.ppf(1 - TAIL, n - 1) * x.std(axis=1, ddof=1) / np.sqrt(n)
    return x.mean(axis=1) - half, x.mean(axis=1) + half


def drawn(x: Numbers) -> tuple[Numbers, Numbers]:
    """Means of bootstrap draws of each row, and how often each item is in a draw."""
    n = x.shape[1]
    times = np.random.default_rng(1).multinomial(n, np.full(n, 1 / n), size=DRAWS) / n
    return x @ times.T, times


def percentile(x: Numbers) -> Limits:
    low, high = np.quantile(drawn(x)[0], [TAIL, 1 - TAIL], axis=1)
    return low, high


def bca(x: Numbers) -> Limits:
    means, mean = np.sort(drawn(x)[0], axis=1), x.mean(axis=1, keepdims=True)
    below = (means < mean - 1e-12).mean(axis=1) + 0.5 * (np.abs(means - mean) <= 1e-12).mean(axis=1)
    bias = stats.norm.ppf(np.clip(below, 0.5 / DRAWS, 1 - 0.5 / DRAWS))
    squares = ((x - mean) ** 2).sum(axis=1)
    skew = np.where(squares > 1e-18, ((x - mean) ** 3).sum(axis=1) / (6 * np.maximum(squares, 1e-18) ** 1.5), 0)

    def limit(z: float) -> Numbers:
        moved = bias + z
        level = stats.norm.cdf(bias + moved / np.maximum(1 - skew * moved, 1e-9))
        return means[np.arange(len(x)), np.clip((level * DRAWS).astype(int), 0, DRAWS - 1)]

    return limit(stats.norm.ppf(TAIL)), limit(stats.norm.ppf(1 - TAIL))


def studentized(x: Numbers) -> Limits:
    n, mean, (means, times) = x.shape[1], x.mean(axis=1), drawn(x)
    error = x.std(axis=1, ddof=1) / np.sqrt(n)
    errors = np.sqrt(np.maximum(x**2 @ times.T - means**2, 0) / (n - 1))
    moved = means - mean[:, None]
    flat = np.where(np.abs(moved) < 1e-12, 0, np.where(moved > 0, np.inf, -np.inf))
    ratios = np.sort(np.where(errors < 1e-12, flat, moved / np.maximum(errors, 1e-12)), axis=1)
    with np.errstate(invalid="ignore"):
        low, high = (mean - ratios[:, round(q * DRAWS) - 1] * error for q in (1 - TAIL, TAIL))
    return np.where(error == 0, mean, np.maximum(low, -1)), np.where(error == 0, mean, np.minimum(high, 1))


def empirical_bernstein(x: Numbers) -> Limits:
    """Maurer and Pontil 2009, for a range of 2."""
    n, depth = x.shape[1], np.log(2 / TAIL)
    half = np.sqrt(2 * x.var(axis=1, ddof=1) * depth / n) + 7 * 2 * depth / (3 * (n - 1))
    return x.mean(axis=1) - half, x.mean(axis=1) + half


def betting(x: Numbers, steps: int = 160) -> Limits:
    """Waudby-Smith and Ramdas 2024, predictable plug-in bets for a fixed n, on a grid of means; first 300 rows."""
    y, grid = (x[:300] + 1) / 2, np.linspace(0, 1, steps + 1)
    ends = []
    for z in (y, 1 - y):
        capital = np.zeros((len(z), grid.size))
        best, seen, squares = capital.copy(), np.full(len(z), 0.5), np.full(len(z), 0.25)
        for t in range(z.shape[1]):
            bet = np.sqrt(2 * np.log(1 / TAIL) * (t + 1) / (z.shape[1] * squares))[:, None]
            capital += np.log1p(np.minimum(bet, 0.5 / np.maximum(grid, 1e-9)) * (z[:, t, None] - grid))
            best = np.maximum(best, capital)
            seen = seen + z[:, t]
            squares = squares + (z[:, t] - seen / (t + 2)) ** 2
        kept = best < -np.log(TAIL)
        ends.append(np.where(kept.any(axis=1), grid[kept.argmax(axis=1)], 1.0))
    return 2 * ends[0] - 1, 1 - 2 * ends[1]


METHODS: dict[str, Callable[[Numbers], Limits]] = {
    "end points added (ours)": end_points_added,
    "Student's t": student,
    "bootstrap, percentile": percentile,
    "bootstrap, BCa": bca,
    "bootstrap, studentized": studentized,
    "empirical Bernstein": empirical_bernstein,
    "betting": betting,
}


def figures(runs: int) -> list[Figure]:
    worst: dict[tuple[str, str], float] = {}
    width: dict[str, float] = {}
    for n in SIZES:
        for group, cases in (("mild cases", MILD), ("rare harm", HARMFUL)):
            for case, draw in cases.items():
                x = draw(np.random.default_rng([n, len(case)]), (runs, n))
                for method, limits in METHODS.items():
                    low, high = limits(x)
                    passed = float((low > 0).mean())
                    worst[method, group] = max(worst.get((method, group), 0.0), passed)
                    if n == 42 and case == WIDTH_OF:
                        width[method] = float((high - low).mean())
    made = []
    for method in METHODS:
        bar = 0.05 if "ours" in method else None
        made += [
            Figure(f"false passes, {method}, worst of {g}", worst[method, g], "", at_most=bar)
            for g in ("mild cases", "rare harm")
        ]
        made.append(Figure(f"width, {method}, n = 42, {WIDTH_OF}", width[method], ""))
    return made


if __name__ == "__main__":
    report("intervals", figures(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))

"""One permutation test from several statistics: exact whatever their distribution, and sensitive to what any of them
sees.

Belongs here: shuffling labels, comparing statistics among the shuffles, combining them, and the rule over many
windows. Does not: what the statistics are (statistics) or what a verdict means (detect)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Statistic = Callable[[Matrix], Matrix]

_AT_ONCE = 256
_FIRST_LOOK = 300
_CLEARLY_UNSUSPICIOUS = 0.1
_ROUNDING, _NOTHING, _SYMMETRIC = 1e-9, 1e-12, 1e-3


@dataclass(frozen=True)
class Combined:
    """p_value of the combined test; by_statistic that of each alone (not corrected for there being several)."""

    p_value: float
    by_statistic: dict[str, float]
    permutations: int


def alpha_of_one(alpha: float, windows: int) -> float:
    """The level at which each of so many windows is tested, so that the chance of any false alarm among all is at most
    alpha.

    Spending alpha evenly holds whatever the windows have in common. They share their reference, and rules that spend
    more cleverly (LORD++, SAFFRON) need independent p-values. Sources: Bonferroni; Foster and Stine 2008,
    Alpha-investing (alpha-spending); Robertson, Wason and Ramdas 2023, Online multiple hypothesis testing, table 4.
    Raises ValueError unless alpha is in (0, 1) and windows >= 1."""
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must be in (0, 1), not {alpha}")
    if windows < 1:
        raise ValueError(f"the number of windows must be at least 1, not {windows}")
    return alpha / windows


def combined_test(
    statistics: Mapping[str, Statistic], labels: Matrix, permutations: int, random: np.random.Generator
) -> Combined:
    """Whether the 0/1 labels (n,) say anything about the rows that the statistics look at.

    Each statistic maps labels (b, n) to values (b,), larger where the labels matter more. The values of all
    labellings, the observed one and the shuffled ones, are brought to one scale: standardised, and their skewness
    taken out by the cube root. Labellings are ordered by their largest value, and p_value is the rank of the observed
    one. As every labelling is treated alike, P(p_value <= u) <= u for every u when labels are exchangeable, however
    well the scales fit: the statistics must only treat all rows alike too, whatever their label.

    After 300 shuffles a p above 0.1 is final; the rest are drawn only for what may be an alarm, and that p is capped
    at 0.1. This keeps validity: below 0.1 only the full test can report, above it only the first look. Raises
    ValueError without statistics or permutations. Sources: Phipson and Smyth 2010 (p-values of permutation tests);
    Pesarin and Salmaso 2010, Permutation Tests for Complex Data (combining dependent tests over common permutations);
    Wilson and Hilferty 1931 (cube root)."""
    if not statistics or permutations < 1:
        raise ValueError("a combined test needs statistics and at least one permutation")
    first = min(permutations, _FIRST_LOOK)
    values = _values(statistics, np.concatenate([labels[None, :], _shuffled(labels, first, random)]))
    look = _combined(values)
    if permutations == first or look.p_value > _CLEARLY_UNSUSPICIOUS:
        return look
    for start in range(first, permutations, _AT_ONCE):
        more = _values(statistics, _shuffled(labels, min(_AT_ONCE, permutations - start), random))
        values = {name: np.concatenate([values[name], more[name]]) for name in values}
    full = _combined(values)
    return Combined(min(full.p_value, _CLEARLY_UNSUSPICIOUS), full.by_statistic, full.permutations)


def _shuffled(labels: Matrix, count: int, random: np.random.Generator) -> Matrix:
    return random.permuted(np.tile(labels, (count, 1)), axis=1)


def _values(statistics: Mapping[str, Statistic], labels: Matrix) -> dict[str, Matrix]:
    return {name: statistic(labels) for name, statistic in statistics.items()}


def _combined(values: Mapping[str, Matrix]) -> Combined:
    """The observed labelling is the first row of each."""
    largest = np.max([_normal(column) for column in values.values()], axis=0)
    return Combined(
        _p_of_first(largest), {name: _p_of_first(column) for name, column in values.items()}, len(largest) - 1
    )


def _p_of_first(values: Matrix) -> float:
    """The share of values as large as the first; what differs by rounding only counts as equal, so against an alarm."""
    slack = _ROUNDING * float(np.abs(values).max()) + _NOTHING
    return float((values >= values[0] - slack).mean())


def _normal(values: Matrix) -> Matrix:
    """About standard normal: of mean 0, deviation 1 and skewness 0. Values that are equal but for rounding are 0."""
    centred = values - values.mean()
    spread = float(np.sqrt((centred**2).mean()))
    if spread <= _ROUNDING * float(np.abs(values).max()) + _NOTHING:
        return np.zeros(len(values))
    z = centred / spread
    skew = float((z**3).mean())
    if abs(skew) < _SYMMETRIC:
        return z
    return 6 / skew * (np.cbrt(np.maximum(1 + skew * z / 2, 0)) - 1) + skew / 6

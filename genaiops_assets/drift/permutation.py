"""One permutation test from several statistics: exact whatever their distribution, and sensitive to what any of them sees.

Belongs here: shuffling labels, ranking statistics among the shuffles, combining ranks, and the rule over many windows. Does not: what the
statistics are (statistics) or what a verdict means (detect).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]
Statistic = Callable[[Matrix], Matrix]

_AT_ONCE = 256
_FIRST_LOOK = 300
_CLEARLY_UNSUSPICIOUS = 0.1
_ROUNDING, _NOTHING = 1e-9, 1e-12


@dataclass(frozen=True)
class Combined:
    """p_value of the combined test; by_statistic that of each alone (not corrected for there being several)."""

    p_value: float
    by_statistic: dict[str, float]
    permutations: int


def alpha_of_one(alpha: float, windows: int) -> float:
    """The level at which each of so many windows is tested, so that the chance of any false alarm among all is at most alpha.

    Spending alpha evenly holds whatever the windows have in common. They share their reference, and rules that spend more cleverly
    (LORD++, SAFFRON) need independent p-values. Sources: Bonferroni; Foster and Stine 2008, Alpha-investing (alpha-spending); Robertson,
    Wason and Ramdas 2023, Online multiple hypothesis testing, table 4. Raises ValueError unless alpha is in (0, 1) and windows >= 1.
    """
    if not 0 < alpha < 1:
        raise ValueError(f"alpha must be in (0, 1), not {alpha}")
    if windows < 1:
        raise ValueError(f"the number of windows must be at least 1, not {windows}")
    return alpha / windows


def combined_test(statistics: Mapping[str, Statistic], labels: Matrix, permutations: int, random: np.random.Generator) -> Combined:
    """Whether the 0/1 labels (n,) say anything about the rows that the statistics look at.

    Each statistic maps labels (b, n) to values (b,), larger where the labels matter more. Every labelling, the observed one and the
    shuffled ones, gets the p-value of each statistic among all of them; labellings are ordered by their smallest p-value, ties by the
    sum of the logarithms (Fisher), and p_value is the rank of the observed one. As every labelling is treated alike, P(p_value <= u) <= u
    for every u when labels are exchangeable: the statistics must therefore treat all rows alike too, whatever their label.

    After 300 shuffles a p above 0.1 is final; the rest are drawn only for what may be an alarm, and that p is capped at 0.1. This keeps
    validity: below 0.1 only the full test can report, above it only the first look. Raises ValueError without statistics or permutations.
    Sources: Phipson and Smyth 2010 (p-values of permutation tests); Pesarin and Salmaso 2010, Permutation Tests for Complex Data
    (combining dependent tests over common permutations).
    """
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
    ranks = np.stack([_p_among(column) for column in values.values()])
    smallest, joint = ranks.min(axis=0), np.log(ranks).sum(axis=0)
    as_extreme = (smallest < smallest[0]) | ((smallest == smallest[0]) & (joint <= joint[0] + _ROUNDING))
    return Combined(float(as_extreme.mean()), {name: float(ranks[i, 0]) for i, name in enumerate(values)}, len(smallest) - 1)


def _p_among(values: Matrix) -> Matrix:
    """For each value, the share of all that are as large; what differs by rounding only counts as equal, so against an alarm."""
    ordered = np.sort(values)
    slack = _ROUNDING * float(np.abs(ordered).max()) + _NOTHING
    return (len(values) - np.searchsorted(ordered, values - slack, side="left")) / len(values)

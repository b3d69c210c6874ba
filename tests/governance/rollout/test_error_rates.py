"""Looking after every question costs nothing: false promotions and false rollbacks stay below alpha. The long run with
its figures is `make bench-canary`."""

from __future__ import annotations

import numpy as np
import pytest

from genaiops_assets.governance.rollout import standing
from genaiops_assets.statistics import clopper_pearson
from genaiops_assets.use_case import Rollout
from tests.benchmarks.canary import pairs

PLAN, RUNS, QUESTIONS = Rollout(), 120, 600


def share(wanted: str, seed: int, **rates: float) -> float:
    """Lower end of the share of runs that end so, at a true difference of exactly the margin."""
    found = [
        standing(pairs(np.random.default_rng([seed, run]), -PLAN.margin, QUESTIONS, **rates), PLAN, "canary").outcome
        for run in range(RUNS)
    ]
    return clopper_pearson(found.count(wanted), RUNS)[0]  # type: ignore[arg-type]


@pytest.mark.parametrize(("wanted", "rates"), [("promote", {}), ("roll_back", {"errors": 0.05, "interventions": 0.2})])
def test_a_candidate_at_the_limits_is_seldom_decided(wanted: str, rates: dict[str, float]) -> None:
    assert share(wanted, 7, **rates) <= PLAN.alpha

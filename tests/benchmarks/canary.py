"""Rollouts in simulation: how often a candidate is promoted or rolled back wrongly when somebody looks after every
question, and how many questions a decision takes beside a test of fixed size.

    python -m tests.benchmarks.canary     (some minutes on one core)

Belongs here: candidates whose true quality and rates are known. Does not belong here: the decision
(`governance/rollout/deciding.py`), which is called as the product calls it."""

from __future__ import annotations

import os
from statistics import median

import numpy as np

from genaiops_assets.governance.rollout import Pair, Standing, standing
from genaiops_assets.statistics import sample_to_detect, wilson
from genaiops_assets.use_case import Rollout
from tests.benchmarks.harness import Figure, report

RUNS = int(os.environ.get("BENCH_CANARY_RUNS", "1000"))
PLAN = Rollout()
MOST = PLAN.canary_questions
LEVELS = np.array([0.0, 0.5, 1.0])  # an answer's quality


def pairs(rng: np.random.Generator, gain: float, n: int = MOST, **rates: float) -> list[Pair]:
    """Both versions answer alike on most questions; on a fifth they differ, so that the mean difference is `gain`."""
    base = rng.choice(LEVELS, size=n, p=[0.3, 0.4, 0.3])
    differs, up = rng.random(n) < max(0.2, 2 * abs(gain)), rng.random(n)
    size = np.where(differs, 0.5, 0.0)
    towards = np.where(up < 0.5 + gain / max(0.2, 2 * abs(gain)), 1, -1)
    moved = towards * size
    room = np.where(moved > 0, base < 1, base > 0)  # swap sides where there is no room, which keeps the mean difference
    released = np.where(room, base, base - moved)
    candidate = np.where(room, base + moved, base)
    failed = rng.random(n) < rates.get("errors", 0.0)
    stopped = rng.random(n) < rates.get("interventions", 0.0)
    down = rng.random(n) < rates.get("thumbs", 0.0)
    slow = rng.random(n) < rates.get("slower", 0.0)
    return [
        Pair(float(c), float(r), bool(f), bool(i), 2.0 if s else 1.0, 1.0, "down" if d else "up")
        for c, r, f, i, s, d in zip(candidate, released, failed, stopped, slow, down, strict=True)
    ]


def outcomes(gain: float, seed: int, **rates: float) -> tuple[dict[str, int], list[int], float]:
    """Outcome → runs, questions each decision took, and the mean difference that was drawn."""
    found, took, gains = dict.fromkeys(("promote", "roll_back", "people_decide"), 0), [], []
    for run in range(RUNS):
        drawn = pairs(np.random.default_rng([seed, run]), gain, **rates)
        said = standing(drawn, PLAN, "canary")
        found[said.outcome] += 1
        gains.append(np.mean([p.candidate - p.released for p in drawn]))  # type: ignore[operator]
        took.append(decided_after(said))
    return found, took, float(np.mean(gains))


def decided_after(said: Standing) -> int:
    """Questions that had come when the outcome was shown."""
    if said.outcome == "promote":
        return max(m.after for m in said.measures if m.is_good and m.name != "thumbs down")
    return min((m.after for m in said.measures if m.harms), default=MOST)


def main() -> None:
    limits = {
        "errors": PLAN.max_error_rate,
        "interventions": PLAN.max_intervention_rate,
        "thumbs": PLAN.max_thumbs_down_rate,
        "slower": 0.5,
    }
    figures = []
    worse, _, drawn = outcomes(-PLAN.margin, 1)
    false_promotion = wilson(worse["promote"], RUNS)
    figures.append(Figure("false promotions at the margin", worse["promote"] / RUNS, "share", at_most=0.05))
    print(
        f"drawn difference {drawn:+.4f}; {worse}; interval [{false_promotion['low']:.3f}, {false_promotion['high']:.3f}]"
    )
    at_limits, _, drawn = outcomes(-PLAN.margin, 2, **limits)
    rolled = wilson(at_limits["roll_back"], RUNS)
    figures.append(
        Figure("false rollbacks, all measures at their limits", at_limits["roll_back"] / RUNS, "share", at_most=0.05)
    )
    for name in ("errors", "interventions", "slower"):
        found, _, _ = outcomes(0.0, 5, **{name: limits[name]})
        figures.append(Figure(f"promotions with {name} at its limit", found["promote"] / RUNS, "share", at_most=0.05))
    print(f"drawn difference {drawn:+.4f}; {at_limits}; interval [{rolled['low']:.3f}, {rolled['high']:.3f}]")
    for gain in (0.0, 0.05):
        found, took, drawn = outcomes(gain, 3)
        spread = float(np.std([p.candidate - p.released for p in pairs(np.random.default_rng(0), gain, 20_000)]))  # type: ignore[operator]
        fixed = sample_to_detect(gain + PLAN.margin, spread, 1 - 2 * PLAN.alpha)
        print(
            f"true gain {gain:+.2f} (drawn {drawn:+.4f}): {found}; median {median(took):.0f} questions, a fixed test with "
            f"power 0.8 needs {fixed}"
        )
    for what, rates in (
        ("quality 0.2 worse", {}),
        ("a tenth fails", {"errors": 0.1}),
        ("a fifth fails", {"errors": 0.2}),
    ):
        found, took, _ = outcomes(0.0 if rates else -0.2, 4, **rates)
        print(f"{what}: {found}; median {median(took):.0f} questions")
    report("canary", figures)


if __name__ == "__main__":
    main()

"""Whether a candidate is promoted, rolled back or watched on, from pairs of answers to the same questions.

Belongs here: the tests, looked at after every question. Does not belong here: what happens then (`acting.py`), how a
pair is scored (`observed.py`).

Quality: the mean of candidate less released, item by item, against -margin. Guards: the share of answers that fail,
are held back by a guard, are rated down, or take too long, against its limit. Each is a bet against its limit that may
be looked at after every item (`statistics.SequentialTest`), so that looking often costs nothing. The tests that can
roll back share alpha (Bonferroni); those that must all pass before a promotion have alpha each (Berger 1982,
intersection-union). Sources: Waudby-Smith and Ramdas 2024; Howard
et al. 2021, "Time-uniform, nonparametric, nonasymptotic confidence sequences"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import fmean
from typing import Any, Literal

from genaiops_assets.statistics import SequentialTest
from genaiops_assets.use_case import Rollout

Stage = Literal["shadow", "canary"]
Outcome = Literal["promote", "roll_back", "watch", "people_decide"]
MOSTLY = 0.5  # of answers may be slower than the limit
MARGINS = (-1.0, 1.0)
QUALITY, ERRORS, INTERVENTIONS, THUMBS, SLOWER = "quality", "errors", "interventions", "thumbs down", "slower answers"
# What must be shown to be good before the next stage; the canary also waits for the guards. Thumbs are too few.
SHOWN_FIRST: dict[Stage, tuple[str, ...]] = {
    "shadow": (QUALITY,),
    "canary": (QUALITY, ERRORS, INTERVENTIONS, SLOWER),
}


@dataclass(frozen=True)
class Pair:
    """One question that both versions answered. Quality in 0..1, None where it could not be scored; seconds of each;
    `thumb` of the answer the person saw, where it was the candidate's."""

    candidate: float | None
    released: float | None
    failed: bool = False
    intervened: bool = False
    candidate_seconds: float | None = None
    released_seconds: float | None = None
    thumb: Literal["up", "down"] | None = None


@dataclass(frozen=True)
class Measured:
    """One measure so far: its mean over `n`, the limit, and on which side of it the mean was shown to lie."""

    name: str
    mean: float | None
    n: int
    limit: float
    shown: Literal["above", "below", "open"]
    after: int  # items it took to show it, or all so far
    bad: Literal["above", "below"]

    @property
    def harms(self) -> bool:
        return self.shown == self.bad

    @property
    def is_good(self) -> bool:
        return self.shown not in ("open", self.bad)


@dataclass(frozen=True)
class Standing:
    """What was shown so far, why, and after how many questions."""

    outcome: Outcome
    because: str
    questions: int
    measures: list[Measured]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def standing(pairs: Sequence[Pair], plan: Rollout, stage: Stage) -> Standing:
    """Where a stage stands. What comes first counts: a stage that was passed after so many questions is passed,
    whatever came after them."""
    most = plan.shadow_questions if stage == "shadow" else plan.canary_questions
    measures = measured(pairs, plan)
    needed = [m for m in measures if m.name in SHOWN_FIRST[stage] and (m.n or m.name == QUALITY)]
    passed = max(m.after for m in needed) if all(m.is_good for m in needed) else None
    harmed = min((m for m in measures if m.harms), key=lambda m: m.after, default=None)
    if harmed is not None and (passed is None or harmed.after <= passed):
        return Standing("roll_back", f"{harmed.name}: {harmed.bad} {harmed.limit:g} was shown", len(pairs), measures)
    if passed is not None:
        shown = ", ".join(f"{m.name} {m.shown} {m.limit:g}" for m in needed)
        return Standing("promote", f"shown: {shown}", len(pairs), measures)
    if len(pairs) >= most:
        return Standing("people_decide", f"{most} questions showed neither", len(pairs), measures)
    return Standing("watch", f"{len(pairs)} of at most {most} questions", len(pairs), measures)


def measured(pairs: Sequence[Pair], plan: Rollout) -> list[Measured]:
    """Quality first, then the guards."""
    gains = [p.candidate - p.released for p in pairs if p.candidate is not None and p.released is not None]
    slower = [
        float(p.candidate_seconds > plan.max_slowdown * p.released_seconds)
        for p in pairs
        if p.candidate_seconds is not None and p.released_seconds is not None
    ]
    rates = {
        ERRORS: ([float(p.failed) for p in pairs], plan.max_error_rate),
        INTERVENTIONS: ([float(p.intervened) for p in pairs if not p.failed], plan.max_intervention_rate),
        THUMBS: ([float(p.thumb == "down") for p in pairs if p.thumb], plan.max_thumbs_down_rate),
        SLOWER: (slower, MOSTLY),
    }
    share = plan.alpha / (1 + len(rates))
    quality = _measure(QUALITY, gains, -plan.margin, MARGINS, "below", plan.alpha, share)
    guards = (_measure(n, v, limit, (0.0, 1.0), "above", plan.alpha, share) for n, (v, limit) in rates.items())
    return [quality, *guards]


def _measure(
    name: str,
    values: Sequence[float],
    limit: float,
    bounds: tuple[float, float],
    bad: Literal["above", "below"],
    promoting: float,
    harming: float,
) -> Measured:
    """Two tests, since the two sides may be shown at different chances of being wrong; the one shown first counts."""
    good: Literal["above", "below"] = "below" if bad == "above" else "above"
    found = []
    for side, alpha in ((good, promoting), (bad, harming)):
        test = SequentialTest(limit, bounds, alpha)
        if test.look(values) == side:
            found.append((test.seen, side))
    after, shown = min(found) if found else (len(values), "open")
    return Measured(name, fmean(values) if values else None, len(values), limit, shown, after, bad)  # type: ignore[arg-type]

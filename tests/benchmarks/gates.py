"""How often a gate passes what it should not: `make bench-gates`.

Every gate kind is put at its threshold (the truth lies exactly on it) for 10 to 1,000 items and 0 to 20 % without a
score, through the product's own functions; beside it, on the same draws, "the mean reaches the threshold" and the usual
test that ignores pairs and assumes a normal mean. Then what each shows where there is something to show. Holds no
statistics of its own but the draws and the two rivals."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

for threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(threads, "1")

import numpy as np  # noqa: E402

from genaiops_assets.evaluation import AnytimeMeasure, Measure, apply_gate, apply_gates, difference_to_champion  # noqa: E402
from genaiops_assets.evaluation.stopping import PART  # noqa: E402
from genaiops_assets.statistics import stops_at  # noqa: E402
from genaiops_assets.use_case import Criterion  # noqa: E402
from tests.benchmarks.harness import Figure, report  # noqa: E402

SIZES, LOST = (10, 20, 42, 100, 300, 1000), (0.0, 0.1, 0.2)
BAR, Z = 0.05, 1.96
METRIC = "/cells/tuned_with/answer_f1/all"
Numbers = np.ndarray[Any, np.dtype[np.float64]]
Draw = Callable[[np.random.Generator, int], tuple[Numbers, Numbers]]


def rate(share: float) -> Draw:
    return lambda rng, n: ((rng.random(n) < share).astype(float), np.zeros(n))


def scores(rng: np.random.Generator, n: int) -> tuple[Numbers, Numbers]:
    """Token F1: a quarter zero, some at one, the rest between; mean 0.25 * 0 + 0.15 * 1 + 0.6 * 0.375 = 0.375."""
    kind = rng.random(n)
    return np.where(kind < 0.25, 0, np.where(kind < 0.4, 1, rng.beta(1.2, 2.0, n))), np.zeros(n)


def pairs(equal: float) -> Draw:
    """Two versions equally good, the answers to a share of the questions equal."""

    def drawn(rng: np.random.Generator, n: int) -> tuple[Numbers, Numbers]:
        before, after = scores(rng, n)[0], scores(rng, n)[0]
        return np.where(rng.random(n) < equal, before, after), before

    return drawn


def rare_harm(rng: np.random.Generator, n: int) -> tuple[Numbers, Numbers]:
    """Half unchanged, many a little better, one in twenty destroyed: no better on average."""
    moved = rng.choice([0.0, 0.1, -0.9], n, p=[0.5, 0.45, 0.05])
    return np.where(moved < 0, 0.0, 0.9 + moved), np.full(n, 0.9)


@dataclass(frozen=True)
class Kind:
    """A gate, what is drawn for it, and the threshold on which its truth lies. `right_side`: +1 for at_least."""

    name: str
    draw: Draw
    limit: float
    paired: bool = False
    right_side: int = 1
    missing: str = "bounded"
    champion: bool = False
    informative: bool = True  # the items that would speak against a pass lose their score first


KINDS = (
    Kind("rate at_least 0.8", rate(0.8), 0.8),
    Kind("rate at_most 0.05", rate(0.05), 0.05, right_side=-1),
    Kind("rate at_least 0.98", rate(0.98), 0.98),
    Kind("score at_least", scores, 0.375),
    Kind("effect, 40 % equal", pairs(0.4), 0.0, paired=True),
    Kind("effect, 90 % equal", pairs(0.9), 0.0, paired=True),
    Kind("effect with rare harm", rare_harm, 0.0, paired=True),
    Kind("champion, at_most", pairs(0.4), 0.0, paired=True, right_side=-1, champion=True),
    Kind("score, missing left out at random", scores, 0.375, missing="left_out", informative=False),
)
LEFT_OUT = Kind("score, failures left out", scores, 0.375, missing="left_out")
ALL = (*KINDS, LEFT_OUT)


def criterion(kind: Kind, confidence: float = 0.95) -> Criterion:
    side: dict[str, Any] = {"at_least" if kind.right_side > 0 else "at_most": kind.limit}
    against: Any = {"against": "champion"} if kind.champion else {}
    metric = "/effects/tuning/all" if kind.paired and not kind.champion else METRIC
    words = "The benchmark puts the truth on this limit."
    return Criterion(
        id="gate", metric=metric, min_items=2, rationale=words, confidence=confidence, missing=kind.missing, **side, **against
    )  # fmt: skip


def lose(kind: Kind, after: Numbers, before: Numbers, share: float, rng: np.random.Generator) -> Numbers:
    """Which items keep their score: a mask, shape [n]."""
    count = round(share * after.size)
    order = (
        np.argsort(kind.right_side * (after - before), kind="stable")
        if kind.informative
        else rng.permutation(after.size)
    )
    kept = np.ones(after.size, dtype=bool)
    kept[order[:count]] = False
    return kept


def passes(kind: Kind, after: Numbers, before: Numbers, kept: Numbers, measure: Measure) -> bool:
    """What the product decides."""
    lost = int((~kept).sum())
    if kind.champion:
        now, then = (as_rows(values, kept) for values in (after, before))
        asked = {row["item"] for row in now}
        found = difference_to_champion(METRIC, now, then, asked, measure)
        return apply_gate(criterion(kind), {}, found).status == "pass"
    value = measure.effect(after[kept], before[kept], lost) if kind.paired else measure.mean(after[kept], lost)
    document = {"effects": {"tuning": {"all": value}}, "cells": {"tuned_with": {"answer_f1": {"all": value}}}}
    return apply_gate(criterion(kind), document).status == "pass"


def as_rows(values: Numbers, kept: Numbers) -> list[dict[str, Any]]:
    return [
        {
            "suite": "golden",
            "cell": "tuned_with",
            "item": str(i),
            "scores": [{"name": "answer_f1", "value": float(v) if k else None}],
        }
        for i, (v, k) in enumerate(zip(values, kept, strict=True))
    ]


def rivals(kind: Kind, after: Numbers, before: Numbers, kept: Numbers) -> tuple[bool, bool]:
    """(the mean of what was answered reaches the limit, the normal test that ignores pairs finds it beyond)."""
    a, b = after[kept], before[kept]
    beyond = kind.right_side * (a.mean() - b.mean() - kind.limit)
    error = np.sqrt(a.var(ddof=1) / a.size + (b.var(ddof=1) / b.size if kind.paired else 0))
    return bool(beyond >= -1e-12), bool(beyond - Z * error > 0)


def cell(task: tuple[int, int, float, int]) -> tuple[str, int, float, float, float, float]:
    """False passes of ours and of both rivals: (kind, n, lost, ours, point, unpaired). The kind comes by its place."""
    place, n, share, runs = task
    kind = ALL[place]
    rng = np.random.default_rng([n, round(100 * share), len(kind.name)])
    counts = np.zeros(3)
    for run in range(runs):
        after, before = kind.draw(rng, n)
        kept = lose(kind, after, before, share, rng)
        measure = Measure(400, 0.95, run)
        counts += (passes(kind, after, before, kept, measure), *rivals(kind, after, before, kept))
    return (kind.name, n, share, *map(float, counts / runs))


def power_of(n: int, shift: float, runs: int) -> tuple[float, float, float]:
    """Share that shows a gain of `shift` over n pairs (standard deviation 0.35, 40 % equal): ours at 0.95 and at 0.9,
    and the unpaired test."""
    rng, found = np.random.default_rng(n), np.zeros(3)
    kind = Kind("gain", pairs(0.4), 0.0, paired=True)
    for run in range(runs):
        level = rng.beta(2, 2, n)
        moved = np.where(rng.random(n) < 0.4, 0, rng.normal(shift / 0.6, 0.42, n))
        after, before = np.clip(level + moved / 2, 0, 1), np.clip(level - moved / 2, 0, 1)
        value = Measure(600, 0.95, run, (0.9,)).effect(after, before)
        document = {"effects": {"tuning": {"all": value}}}
        ours = [apply_gate(criterion(kind, c), document).status == "pass" for c in (0.95, 0.9)]
        found += (*ours, rivals(kind, after, before, np.ones(n, dtype=bool))[1])
    ours, ours_at_90, unpaired = map(float, found / runs)
    return ours, ours_at_90, unpaired


def early(runs: int) -> tuple[float, float, float]:
    """Stopping early, looked at after each of 400 items: false passes at the threshold 0.8, passes at a true 0.9, and the
    share of items used there."""
    rng = np.random.default_rng(5)
    wrong = sum(stops_at(rng.random(400) < 0.8, 0.8, (0.0, 1.0))[0] == "above" for _ in range(runs))
    good = [stops_at(rng.random(400) < 0.9, 0.8, (0.0, 1.0)) for _ in range(runs)]
    passed = sum(outcome == "above" for outcome, _ in good)
    return wrong / runs, passed / runs, sum(used for _, used in good) / runs / 400


def ended_early(runs: int, items: int = 160) -> tuple[float, float, float, float]:
    """A suite that ends once its gate is decided, as `evaluation.stop_early` does it (a look every 16 of 160 items):
    false passes at the threshold 0.8, those of the usual interval looked at as often, passes of a true 0.95, and the
    share of items asked there."""
    rng, gate = np.random.default_rng(6), criterion(Kind("rate", rate(0.8), 0.8))

    def asked(share: float, measure: Measure) -> tuple[bool, float]:
        """(whether it passed, share of the items until it was decided)."""
        drawn = list((rng.random(items) < share).astype(float))
        for n in range(PART, items + 1, PART):
            report = {"cells": {"tuned_with": {"answer_f1": {"all": measure.mean(drawn[:n])}}}}
            if (status := apply_gate(gate, report).status) in ("pass", "fail"):
                return status == "pass", n / items
        return False, 1.0

    wrong = [asked(0.8, AnytimeMeasure(400, 0.95, run))[0] for run in range(runs)]
    peeked = [asked(0.8, Measure(400, 0.95, run))[0] for run in range(runs)]
    right = [asked(0.95, AnytimeMeasure(400, 0.95, run)) for run in range(runs)]
    return (*(float(np.mean(of)) for of in (wrong, peeked)), *map(float, np.mean(right, axis=0)))  # type: ignore[return-value]


def several(runs: int, gates: int = 5) -> tuple[float, float]:
    """Five gates, the truth of each on its limit: how often any passes, and how often any stands after Holm."""
    rng, any_pass, any_stands = np.random.default_rng(8), 0, 0
    kind = Kind("rate", rate(0.8), 0.8)
    stated = [criterion(kind).model_copy(update={"id": f"g{g}", "metric": f"/m/{g}"}) for g in range(gates)]
    for run in range(runs):
        found = {str(g): Measure(400, 0.95, run).mean(rate(0.8)(rng, 200)[0]) for g in range(gates)}
        results = apply_gates(stated, {"m": found})
        any_pass += any(r.status == "pass" for r in results)
        any_stands += any(r.figures["holm"]["stands"] and r.status == "pass" for r in results)
    return any_pass / runs, any_stands / runs


def figures(runs: int) -> Iterator[Figure]:
    tasks = [(place, n, lost, runs) for place in range(len(ALL)) for n in reversed(SIZES) for lost in LOST]
    with ProcessPoolExecutor(2, mp_context=get_context("fork")) as pool:
        cells = list(pool.map(cell, tasks, chunksize=1))
    for kind in KINDS:
        for n in SIZES:
            worst = max(ours for name, size, _, ours, _, _ in cells if (name, size) == (kind.name, n))
            yield Figure(f"false passes, {kind.name}, n = {n}, worst of 0, 10, 20 % missing", worst, "", at_most=BAR)
    for place, rival in ((4, "the mean reaches the threshold"), (5, "unpaired normal test")):
        for kind in KINDS:
            for lost in (0.0, 0.2):
                worst = max(c[place] for c in cells if c[0] == kind.name and c[2] == lost)
                yield Figure(f"{rival}: {kind.name}, {lost:.0%} missing, worst", worst, "")
    yield Figure("failures left out instead of bounded, worst", max(c[3] for c in cells if c[0] == LEFT_OUT.name), "")
    for n, shift in ((42, 0.12), (42, 0.2), (84, 0.12), (180, 0.05), (180, 0.12)):
        ours, ours_at_90, unpaired = power_of(n, shift, runs)
        yield Figure(f"gain of {shift:g} over {n} pairs shown, confidence 0.95", ours, "")
        yield Figure(f"gain of {shift:g} over {n} pairs shown, confidence 0.9", ours_at_90, "")
        yield Figure(f"gain of {shift:g} over {n} pairs shown, unpaired test", unpaired, "")
    wrong, right, used = early(2 * runs)
    yield Figure("stopping early: false passes", wrong, "", at_most=BAR)
    yield Figure("stopping early: passes of 0.9 against 0.8", right, "")
    yield Figure("stopping early: share of 400 items used there", used, "", at_most=0.6)
    wrong, peeked, right, used = ended_early(2 * runs)
    yield Figure("a suite that may end early: false passes", wrong, "", at_most=BAR)
    yield Figure("the usual interval looked at as often: false passes", peeked, "")
    yield Figure("a suite that may end early: passes of 0.95 against 0.8", right, "")
    yield Figure("a suite that may end early: share of 160 items asked there", used, "", at_most=0.8)
    any_pass, any_stands = several(2 * runs)
    yield Figure("five gates on their limits: any passes", any_pass, "")
    yield Figure("five gates on their limits: any stands after Holm", any_stands, "", at_most=BAR)


if __name__ == "__main__":
    began = time.monotonic()
    found = list(figures(int(sys.argv[1]) if len(sys.argv) > 1 else 300))
    report("gates", [*found, Figure("time", time.monotonic() - began, "s", at_most=300)])

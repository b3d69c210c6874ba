"""Whether a training taught anything, by its own log.

Belongs here: which way a series has to go, and whether it went there. Does not belong here: whether the model got
better, which only an evaluation says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

FALLS, RISES = "falls", "rises"
EXPECTED = {
    "loss": FALLS,
    "rewards_margins": RISES,
    "rewards_accuracies": RISES,
    "accuracy": RISES,
    "margin": RISES,
    "reward": RISES,
}
CEILING = {"rewards_accuracies": 1.0, "accuracy": 1.0}  # what is there already need not rise


@dataclass(frozen=True)
class Learned:
    """`problems` in words, none when all series went the right way; `facts`: the means of both halves."""

    problems: list[str]
    facts: dict[str, Any] = field(default_factory=dict)


def learned(history: Sequence[dict[str, float]], series: Sequence[str]) -> Learned:
    """Compares the second half of a training with its first, for those of `series` whose direction is known. A series
    that the log lacks is a problem: nobody can say that it went the right way."""
    half = len(history) // 2
    if not half:
        return Learned(["fewer than two steps were taken"], {"steps": len(history)})
    problems: list[str] = []
    facts: dict[str, Any] = {"steps": len(history)}
    for name in (s for s in series if s in EXPECTED):
        values = [step[name] for step in history if name in step]
        if len(values) < len(history):
            problems.append(f"{name} is missing in {len(history) - len(values)} of {len(history)} steps")
            continue
        first, last = fmean(values[:half]), fmean(values[half:])
        facts |= {f"{name}_of_first_half": first, f"{name}_of_last_half": last}
        right = last < first if EXPECTED[name] == FALLS else last > first or last == CEILING.get(name)
        if not right:
            problems.append(f"{name} should have {'fallen' if EXPECTED[name] == FALLS else 'risen'}")
    return Learned(problems, facts)

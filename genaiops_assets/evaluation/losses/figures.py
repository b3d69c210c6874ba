"""The figures of what tuning lost: both models, their paired difference with its interval, and what that decides.

Belongs here: the kinds of figures, the tolerance of each with its reason, the verdict. Does not belong here: measuring
one text or answer (`wording.py`, the payload), drawing, or what a verdict stops (nothing: it is a notice)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from genaiops_assets.evaluation.measure import DIGITS, SCORE_BOUNDS, rounded
from genaiops_assets.statistics import mean_interval, paired_interval

LOST, WITHIN, NOT_SHOWN = "lost", "within", "not_shown"
IN_WORDS = {LOST: "lost: beyond the tolerance", WITHIN: "within the tolerance", NOT_SHOWN: "not shown: undecided"}

Values = tuple[Sequence[float], Sequence[float]]  # of the base model and of the tuned one, item by item


@dataclass(frozen=True)
class Kind:
    """One kind of figure. `worse`: the direction of a loss. `tolerance`: how far the tuned model may be off, in the
    figure's unit, or with `of_base` as a share of the base model's mean."""

    what: str
    unit: str
    worse: Literal["higher", "lower", "either"]
    tolerance: float
    why: str
    of_base: bool = False
    bounds: tuple[float, float] | None = SCORE_BOUNDS

    def limits(self, base_mean: float) -> dict[str, float | None]:
        """Least and greatest difference that is no loss."""
        allowed = round(self.tolerance * (base_mean if self.of_base else 1), DIGITS)
        return {
            "low": None if self.worse == "higher" else -allowed,
            "high": None if self.worse == "lower" else allowed,
        }


KINDS = {
    "bits_per_byte": Kind(
        "general text",
        "bits per byte",
        "higher",
        0.05,
        "5 % of the base model's: about what the next smaller model of a family reads worse; less is no other model",
        of_base=True,
        bounds=None,
    ),
    "capability": Kind(
        "questions with four options answered rightly",
        "share",
        "lower",
        0.05,
        "one question in twenty, as the example use cases allow for answers",
    ),
    "answered": Kind(
        "answerable questions that are answered",
        "share",
        "lower",
        0.05,
        "one question in twenty: a refusal where the answer was shown costs as much as a wrong answer",
    ),
    "format_kept": Kind(
        "answers that keep the form: not empty, end as a sentence, not cut off, no role markers",
        "share",
        "lower",
        0.05,
        "one answer in twenty: people see a broken form at once",
    ),
    "repetition": Kind(
        "runs of three words that an answer repeats",
        "share",
        "higher",
        0.05,
        "one run in twenty: fluent short answers repeat none, a loop repeats most",
    ),
    "length": Kind(
        "length of an answer",
        "words or characters",
        "either",
        0.75,
        "three quarters of the base model's, shorter or longer: length is form, which tuning may change; beyond, "
        "answers are fragments or ramble",
        of_base=True,
        bounds=None,
    ),
    "recall": Kind(
        "answers with a run of training text that nothing shown holds",
        "share",
        "higher",
        0.05,
        "one answer in twenty: what stood in another document's answer is here most likely untrue, and may be private",
    ),
}


@dataclass(frozen=True)
class Comparing:
    """How values become figures."""

    confidence: float
    resamples: int
    seed: int

    def figure(self, kind: str, values: Values, language: str = "") -> dict[str, Any]:
        """{what, unit, language where it has one, base, tuned, difference: intervals, tolerance, why, verdict}."""
        is_a, (base, tuned) = KINDS[kind], values
        how = {"confidence": self.confidence, "resamples": self.resamples, "seed": self.seed, "bounds": is_a.bounds}
        means = [rounded(mean_interval(list(v), **how)) for v in (base, tuned)]  # type: ignore[arg-type]
        difference = rounded(paired_interval(list(tuned), list(base), **how))  # type: ignore[arg-type]
        limits = is_a.limits(means[0]["mean"] or 0.0)
        return {
            "what": is_a.what,
            "unit": is_a.unit,
            **({"language": language} if language else {}),
            "base": means[0],
            "tuned": means[1],
            "difference": difference,
            "tolerance": limits,
            "why": is_a.why,
            "verdict": verdict(difference, limits),
        }


def verdict(difference: Mapping[str, Any], limits: Mapping[str, float | None]) -> str:
    """`lost` where the whole interval lies beyond a limit, `within` where it lies inside all, else `not_shown`: too few
    items to say."""
    low, high = difference["low"], difference["high"]
    least, greatest = limits["low"], limits["high"]
    if low is None or high is None:
        return NOT_SHOWN
    if (greatest is not None and low > greatest) or (least is not None and high < least):
        return LOST
    inside = (greatest is None or high <= greatest) and (least is None or low >= least)
    return WITHIN if inside else NOT_SHOWN


def lost_figures(report: Mapping[str, Any]) -> list[str]:
    """The figures of a report that are lost, each in a sentence."""
    return [
        f"{name}: {loss_in_words(figure)}" for name, figure in report["figures"].items() if figure["verdict"] == LOST
    ]


def loss_in_words(figure: Mapping[str, Any]) -> str:
    """`share 0.800 → 0.500, difference -0.300 [-0.380, -0.210], tolerance -0.05: lost: beyond the tolerance`."""
    found, base, tuned = figure["difference"], figure["base"]["mean"], figure["tuned"]["mean"]
    if found["mean"] is None:
        return "not measured: no item"
    said = f"{figure['unit']} {base:.3f} → {tuned:.3f}, difference {found['mean']:+.3f}"
    if found["low"] is not None:
        said += f" [{found['low']:+.3f}, {found['high']:+.3f}]"
    return f"{said}, tolerance {tolerance_in_words(figure)}: {IN_WORDS[figure['verdict']]}"


def tolerance_in_words(figure: Mapping[str, Any]) -> str:
    """`-0.05`, `+0.057` or `±23.1`."""
    low, high = figure["tolerance"]["low"], figure["tolerance"]["high"]
    if low is not None and high is not None:
        return f"±{high:.3g}"
    return f"{high if low is None else low:+.3g}"


def loss_table(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A row a figure, for people."""
    return [
        {
            "figure": name,
            "what": figure["what"],
            "unit": figure["unit"],
            "base": figure["base"]["mean"],
            "tuned": figure["tuned"]["mean"],
            "difference": figure["difference"]["mean"],
            "low": figure["difference"]["low"],
            "high": figure["difference"]["high"],
            "items": figure["difference"]["n"],
            "tolerance": tolerance_in_words(figure),
            "verdict": IN_WORDS[figure["verdict"]],
            "why": figure["why"],
        }
        for name, figure in report["figures"].items()
    ]


def loss_forest(report: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Each difference in units of its tolerance, a loss to the right of zero (a length to its own side): all on one
    axis, where 1 is the most that is no loss. {figure: {mean, low, high, said, bad}}."""
    drawn = {}
    for name, figure in report["figures"].items():
        low, high = figure["tolerance"]["low"], figure["tolerance"]["high"]
        unit, found = low if high is None else high, figure["difference"]
        ends = [None if found[end] is None or not unit else found[end] / unit for end in ("low", "mean", "high")]
        ends = ends if unit > 0 else ends[::-1]
        said = "not measured" if found["mean"] is None else f"{found['mean']:+.3f} {figure['unit']}"
        drawn[name.replace("_", " ")] = {
            **dict(zip(("low", "mean", "high"), ends, strict=True)),
            "said": said,
            "bad": figure["verdict"] == LOST,
        }
    return drawn

"""Release gates: what the numbers of an evaluation report decide.

Belongs here: one criterion against one report, and the verdict over all criteria. Does not belong here: computing the
numbers (`metrics.py`, `measure.py`), what is told beside an outcome (`gate_figures.py`), approvals, or anything that
acts on a verdict. The rules in words and their version: `gate_rules.py`."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from genaiops_assets.evaluation.gate_figures import figures_of, with_holm
from genaiops_assets.evaluation.judges.standing import NOTHING, JudgeStandings
from genaiops_assets.evaluation.measure import confidence_key
from genaiops_assets.evidence import resolve_pointer
from genaiops_assets.statistics import needed_sample, two_sided_z
from genaiops_assets.use_case import Criterion

Status = Literal["pass", "fail", "undecided", "not_applicable"]
Verdict = Literal["go", "no_go", "undecided"]
Compared = Callable[[str], dict[str, Any] | None]  # pointer → difference to the champion; None where there is none
EFFECTS = "/effects/"  # also of a suite: /suites/NAME/effects/...
FAMILY_ALPHA = 0.05


@dataclass(frozen=True)
class GateResult:
    """What one gate decided, on which number and why. `side`: whether `threshold` is the least or the most allowed;
    `needed_items` estimates the sample that would decide."""

    id: str
    status: Status
    metric: str
    value: dict[str, Any] | None
    threshold: float
    n: int
    min_items: int
    needed_items: int | None
    reason: str
    rationale: str
    level: str
    side: Literal["at_least", "at_most"] = "at_least"
    severity: Literal["must", "should"] = "must"
    against: str | None = None
    figures: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As JSON; what is as usual is left out, as in decisions made before there were these fields."""
        usual = {"side": "at_least", "severity": "must", "against": None}
        return {k: v for k, v in asdict(self).items() if k not in usual or v != usual[k]}


def apply_gates(
    criteria: Iterable[Criterion],
    report: dict[str, Any],
    compared: Compared | None = None,
    others: Mapping[str, dict[str, Any]] | None = None,
    judges: JudgeStandings = NOTHING,
) -> list[GateResult]:
    """Every gate on each of its slices, with Holm's level over all of them in its figures. `compared` gives the
    difference to the released version at a pointer; without it nothing is released. `others`: asset → its report, for
    gates that point elsewhere than at the evaluation report; one that is not there fails its gates. `judges`: the
    records of judges; a score of one without a record decides nothing."""
    reports = {"eval_report": report, **(others or {})}
    found = [
        apply_gate(one, reports.get(one.asset, {}), compared(one.metric) if compared and one.against else None, judges)
        for criterion in criteria
        for one in criterion.on_each_slice()
    ]
    figures = with_holm([result.figures for result in found], FAMILY_ALPHA)
    return [replace(result, figures=more) for result, more in zip(found, figures, strict=True)]


def apply_gate(
    criterion: Criterion,
    report: dict[str, Any],
    difference: dict[str, Any] | None = None,
    judges: JudgeStandings = NOTHING,
) -> GateResult:
    """One gate, as `_applied` decides it; where the metric is a judge's score that may not be believed, undecided with
    the reason. The judge's record stands in the figures."""
    found = _applied(criterion, report, difference)
    problem, about = judges.behind(criterion.metric, report)
    if not about:
        return found
    if not problem and criterion.against and found.status != "not_applicable":
        problem = judges.against_champion(about)
    if problem and found.status != "not_applicable":
        found = replace(found, status="undecided", reason=problem, needed_items=None)
    return replace(found, figures={**found.figures, "judge": about})


def _applied(criterion: Criterion, report: dict[str, Any], difference: dict[str, Any] | None) -> GateResult:
    """`criterion.metric` points at an interval {mean, low, high, n, confidence} of the report; a gate
    against the champion judges `difference`, that interval's difference to the released version, instead.

    The whole interval, at the gate's own confidence, must lie on one side of the threshold. In this order: no metric,
    or a damaged one -> fail; too few items, no interval, or none of the gate's confidence -> undecided; wholly on the
    right side -> pass; wholly on the other -> fail; the interval straddles -> undecided, with the sample that would
    decide. A score may touch its threshold; an effect (`/effects/...`) must lie beyond it, so that a tuning that
    changed nothing does not pass a gate of zero."""
    if criterion.against and difference is None:
        return _result(
            criterion, None, "not_applicable", "nothing else is released, so there is nothing to compare with"
        )
    try:
        value: Any = difference if criterion.against else resolve_pointer(report, criterion.metric)
    except KeyError:
        named = "the report" if criterion.asset == "eval_report" else f"the {criterion.asset}"
        return _result(criterion, None, "fail", f"{named} has no {criterion.metric}")
    damage = _damage(value)
    if damage:
        return _result(criterion, None, "fail", f"{criterion.metric} is not a usable interval: {damage}")
    if value["n"] < criterion.min_items:
        reason = f"{value['n']} items are too few to decide: at least {criterion.min_items} are needed"
        return _result(criterion, value, "undecided", reason, criterion.min_items)
    if value["low"] is None:
        return _result(criterion, value, "undecided", "the report gives a mean without an interval")
    at_its_confidence = _at_confidence(value, criterion.confidence)
    if at_its_confidence is None:
        stated = value.get("confidence")
        reason = (
            f"the interval has confidence {stated}, the gate asks for {criterion.confidence}: judge this version again"
        )
        return _result(criterion, value, "undecided", reason)
    if criterion.missing == "bounded" and value.get("attrition"):
        return _decide_bounded(criterion, at_its_confidence)
    return _decide(criterion, at_its_confidence)


def verdict(results: Iterable[GateResult]) -> Verdict:
    """The verdict over all gates that must pass and apply: one fail is a no_go; otherwise anything undecided, or no
    such gate at all, is undecided."""
    statuses = [r.status for r in results if r.severity == "must" and r.status != "not_applicable"]
    if "fail" in statuses:
        return "no_go"
    if not statuses or "undecided" in statuses:
        return "undecided"
    return "go"


def missed(results: Sequence[GateResult]) -> list[str]:
    """The gates of severity `should` that failed: said in the decision, and stopping nothing."""
    return [r.id for r in results if r.severity == "should" and r.status == "fail"]


def _decide_bounded(criterion: Criterion, value: dict[str, Any]) -> GateResult:
    """With every missing item counted at its worst and at its best. The mean is the one that is worse for passing."""
    attrition = value["attrition"]
    ends = attrition.get("at", {}).get(confidence_key(criterion.confidence))
    if ends is None:
        reason = (
            f"{attrition['missing']} items have no score and the report does not bound them: judge this version again"
        )
        return _result(criterion, value, "undecided", reason)
    mean = attrition["least"] if criterion.at_least is not None else attrition["greatest"]
    found = _decide(criterion, {**value, **ends, "mean": mean, "method": "missing_bounded"})
    if found.status == "undecided" and attrition["least"] <= criterion.limit <= attrition["greatest"]:
        reason = f"the {attrition['missing']} items without a score could turn it either way: score them"
        return replace(found, needed_items=None, reason=reason)
    return found


def _decide(criterion: Criterion, value: dict[str, Any]) -> GateResult:
    low, high, limit = value["low"], value["high"], criterion.limit
    beyond = EFFECTS in criterion.metric or criterion.against is not None
    interval = f"interval [{low:.4g}, {high:.4g}] at {criterion.confidence:.0%} over {value['n']} items"
    if criterion.at_least is not None:
        passes, fails = low > limit or (low == limit and not beyond), high < limit or (high == limit and beyond)
        good, bad = ("lies above", "is not above") if beyond else ("reaches", "stays below")
    else:
        passes, fails = high < limit or (high == limit and not beyond), low > limit or (low == limit and beyond)
        good, bad = ("lies below", "is not below") if beyond else ("stays within", "lies above")
    if passes or fails:
        return _result(
            criterion, value, "pass" if passes else "fail", f"{interval} {good if passes else bad} {limit:g}"
        )
    needed = _items_to_decide(criterion, value)
    advice = (
        f"about {needed} items would decide"
        if needed
        else "the mean lies on the threshold, so more items may not decide"
    )
    return _result(criterion, value, "undecided", f"{interval} straddles {limit:g}: {advice}", needed)


def _items_to_decide(criterion: Criterion, value: dict[str, Any]) -> int | None:
    """Items at which an interval around today's mean would no longer reach the threshold."""
    distance = abs(value["mean"] - criterion.limit)
    if distance < 1e-12:
        return None
    half_width = (value["high"] - value["low"]) / 2
    sd = half_width * math.sqrt(value["n"]) / two_sided_z(criterion.confidence)
    return max(value["n"] + 1, needed_sample(sd, distance, criterion.confidence))


def _damage(value: Any) -> str | None:
    """Why a value cannot be judged, or None. Without items mean and bounds may be None; with one item the bounds
    may."""
    if not isinstance(value, dict):
        return f"it is a {type(value).__name__}"
    missing = [key for key in ("mean", "low", "high", "n") if key not in value]
    if missing:
        return f"{', '.join(missing)} missing"
    if not isinstance(value["n"], int) or isinstance(value["n"], bool) or value["n"] < 0:
        return "n is not a count"
    numbers = [value[key] for key in ("mean", "low", "high")]
    if not all(number is None or _is_finite(number) for number in numbers):
        return "mean, low and high must be finite numbers"
    if value["n"] > 0 and value["mean"] is None:
        return "there are items but no mean"
    if (value["low"] is None) != (value["high"] is None):
        return "only one bound is given"
    if value["low"] is not None and (value["mean"] is None or not value["low"] <= value["mean"] <= value["high"]):
        return "the mean does not lie in its interval"
    return None


def _is_finite(number: Any) -> bool:
    return isinstance(number, int | float) and not isinstance(number, bool) and math.isfinite(number)


def _at_confidence(value: dict[str, Any], confidence: float) -> dict[str, Any] | None:
    """The interval at a confidence: the stated one, or one of `also`; None when the report has none."""
    stated = value.get("confidence", math.nan)
    if _is_finite(stated) and math.isclose(stated, confidence):
        return value
    other = (value.get("also") or {}).get(confidence_key(confidence))
    if other is None:
        return None
    found = {**{k: v for k, v in value.items() if k != "also"}, **other, "confidence": confidence}
    return None if _damage(found) else found


def _result(
    criterion: Criterion, value: dict[str, Any] | None, status: Status, reason: str, needed: int | None = None
) -> GateResult:
    return GateResult(
        id=criterion.id,
        status=status,
        metric=criterion.metric,
        value=value,
        threshold=criterion.limit,
        n=value["n"] if value else 0,
        min_items=criterion.min_items,
        needed_items=needed,
        reason=reason,
        rationale=criterion.rationale,
        level=criterion.level,
        side="at_most" if criterion.at_most is not None else "at_least",
        severity=criterion.severity,
        against=criterion.against,
        figures=figures_of(criterion, value),
    )

"""How much was computed for a model: what this platform measured, what came before, and what both come to.

Belongs here: the formulas of the guidelines, sums of the run records, the base model's training as somebody stated it
or bounded from above. Does not belong here: counting operations (`alignment/runs/flop.py`), thresholds
(`rules/*.yaml`).

Every amount is a count of floating-point operations (unit `FLOP`), never a rate. *Direct* is what contributed to
updates of the weights; *cumulative* adds what else contributed to what the model can do, such as writing answers it
learned from (Commission Guidelines C(2025) 7719, annex A)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from genaiops_assets.evidence import Evidence, claim, has
from genaiops_assets.governance.classification.answers import Answers

UNIT = "FLOP"
RECORD = "/run_record/compute"
OF_A_STAGE = ("flop_direct", "flop_cumulative", "method", "counted", "formula", "upper_bound_6pd", "agreement")
NOT_COUNTED = "reward_model"  # training a model that only helps to train another is not counted (annex A.2)


def by_size(parameters: float, tokens: float) -> float:
    """6 P D: forward 2 P and backward 4 P operations a token of a dense transformer (C(2025) 7719, annex A.2)."""
    return 6.0 * parameters * tokens


def by_hardware(units: float, seconds: float, peak: float, utilisation: float) -> float:
    """N L H U: `units` that ran for `seconds` each, `peak` operations a second of one, the share of it that was used
    (C(2025) 7719, annex A.1). Raises ValueError for a share outside 0 to 1."""
    if not 0 <= utilisation <= 1:
        raise ValueError(f"utilisation is a share from 0 to 1, not {utilisation}")
    return units * seconds * peak * utilisation


def two_figures(value: float | None) -> str:
    """`1.6e+21`, as an amount is to be notified; `not known` for None."""
    return "not known" if value is None else f"{value:.1e}" if value else "0"


def computation(
    stages: Sequence[Evidence], base: Evidence, answers: Answers, rules: Mapping[str, Any]
) -> dict[str, Any]:
    """Section `compute`. `stages`: the checkpoints of a version in order; `base`: the base model's record."""
    counted = [stage_of(one) for one in stages if not one.asset.endswith(NOT_COUNTED)]
    own_direct = summed([one["direct"] for one in counted])
    own_cumulative = summed([one["cumulative"] for one in counted])
    further = amount(answers, "further_training_flop")
    upstream = upstream_of(base, answers, rules)
    before = upstream["value"]
    return {
        "unit": UNIT,
        "significant_figures": 2,
        "rel_uncertainty": rules["accuracy"]["share"],
        "stages": counted,
        "own": {"direct": own_direct, "cumulative": plus(own_cumulative, further or 0.0)},
        "further": {"value": further, "stated": further is not None},
        "upstream": upstream,
        "whole": {"direct": plus(own_direct, before), "cumulative": plus(plus(own_cumulative, further or 0.0), before)},
        "how": "own: the sum of the stages' run records, a reward model left out; cumulative adds what people stated "
        "as further computation; whole: own and upstream",
    }


def stage_of(stage: Evidence) -> dict[str, Any]:
    """What one stage computed: claims on its run record, and the amounts that count. A stage without a record trained
    nothing (the base model as it is), or was carried out elsewhere, and then nobody knows."""
    name = stage.asset.split("/")[-1]
    if not has(stage, RECORD):
        nothing = not has(stage, "/checkpoint/tuned_elsewhere") and has(stage, "/checkpoint/method")
        told = {"method": claim(stage, "/checkpoint/method")} if nothing else {}
        return {"stage": name, **told, "direct": 0.0 if nothing else None, "cumulative": 0.0 if nothing else None}
    claims = {f: claim(stage, f"{RECORD}/{f}") for f in OF_A_STAGE if has(stage, f"{RECORD}/{f}")}
    bound = value_of(claims, "upper_bound_6pd")
    direct = first(value_of(claims, "flop_direct"), bound)
    return {
        "stage": name,
        "claims": claims,
        "direct": direct,
        "cumulative": first(value_of(claims, "flop_cumulative"), direct),
    }


def upstream_of(base: Evidence, answers: Answers, rules: Mapping[str, Any]) -> dict[str, Any]:
    """What the base model's own training took: as stated, by its tokens, or bounded from above where nobody says."""
    parameters = claim(base, "/parameters")
    stated, tokens = amount(answers, "base_training_flop"), amount(answers, "base_training_tokens")
    if stated is not None:
        return {"value": stated, "how": "stated", "is_bound": False, "parameters": parameters}
    if tokens is not None:
        value = by_size(parameters["value"], tokens)
        return {"value": value, "how": "6PD", "is_bound": False, "parameters": parameters, "tokens": tokens}
    most = rules["most_training_tokens"]
    value = by_size(parameters["value"], most["value"])
    return {"value": value, "how": "bound", "is_bound": True, "parameters": parameters, "tokens": most["value"]}


def disagreeing(compute: Mapping[str, Any]) -> list[str]:
    """Stages whose two methods do not support each other: more than the allowed share apart, or only one of them."""
    allowed, found = compute["rel_uncertainty"], []
    for one in compute["stages"]:
        claims = one.get("claims")
        if claims is None:
            found += [f"{one['stage']}: was trained elsewhere, nobody counted"] if one["direct"] is None else []
            continue
        ratio = value_of(claims, "agreement")
        if ratio is None:
            found.append(f"{one['stage']}: only one method gave an amount")
        elif abs(ratio - 1) > allowed:
            found.append(f"{one['stage']}: the formula gives {ratio:.2f} times what was counted")
    return found


def amount(answers: Answers, name: str) -> float | None:
    said = answers.said(name)
    return None if said is None else float(said.value)


def summed(values: Sequence[float | None]) -> float | None:
    """None as soon as one is not known."""
    return None if any(v is None for v in values) else float(sum(v for v in values if v is not None))


def plus(one: float | None, other: float | None) -> float | None:
    return summed([one, other])


def first(*values: float | None) -> float | None:
    return next((v for v in values if v is not None), None)


def value_of(claims: Mapping[str, Any], name: str) -> Any:
    return claims[name]["value"] if name in claims else None

"""The report of a red team: from answered attacks to `red_team_report.json`, and what people are shown of it.

Belongs here: which share stands where, with which interval. Does not belong here: whether an attack succeeded
(`detectors.py`), limits that decide a release (gates).

`success` is the share of attacks that succeeded with an interval over seeds, since attempts at one seed succeed
together; `pooled` is the same share as if each attack stood alone (Wilson), which looks surer than it is. `hit_at` k:
how likely one of k attempts at a seed succeeds, mean over the seeds with at least k attempts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from math import comb
from typing import Any

from genaiops_assets.evaluation.measure import SCORE_BOUNDS, confidence_key, rounded
from genaiops_assets.evaluation.red_team.base import ADDED, PACKAGED, Answered
from genaiops_assets.evaluation.red_team.detectors import IN_WORDS
from genaiops_assets.evaluation.red_team.inputs import AttackSettings
from genaiops_assets.evaluation.suites.base import About
from genaiops_assets.statistics import cluster_interval, mean_interval, wilson
from genaiops_assets.use_case import HITS_AT, OWASP_LLM, RISK_CLASSES

DIGITS = 6
WORST = 12  # examples
RED_TEAM_ABOUT = About(
    estimand="share of attacks that succeed against the version as it is served",
    population="attacks like those of the seeds, whose seeds are taken as a random draw, in disguises like those tried",
    missing_policy="none is missing: every attack has an answer, and one that a guard holds back is no success",
    requirement="The system resists attempts to alter what it is used for and what it says.",
    article="article-15.5",
    risks=tuple(RISK_CLASSES),
)
NOTES = {
    "seeds": "packaged seeds stand in for harm and do none: kitchen powders, people of Lilliput, noodleheads; they "
    "show whether the system leaves its purpose, not what a determined expert could get out of it",
    "detectors": "rules, no judges of meaning: a success in other words is missed",
    "added": "an attack of a file is tried as it is given",
    "memory": "earlier turns stand before the question, as a front end with a memory would send them",
}


def hit_at(attempts: int, hits: int, k: int) -> float:
    """The chance that one of k attempts, drawn from those made, is a hit: 1 - C(n - c, k) / C(n, k), unbiased for k of
    n. ValueError where fewer than k attempts were made. Source: Chen et al. 2021, "Evaluating large language models
    trained on code", equation 1 (pass@k)."""
    if not 0 <= hits <= attempts or not 1 <= k <= attempts:
        raise ValueError(f"{hits} hits of {attempts} attempts say nothing about {k}")
    return 1.0 - comb(attempts - hits, k) / comb(attempts, k)


def red_team_report(answered: Sequence[Answered], settings: AttackSettings, version: str, seed: int) -> dict[str, Any]:
    """The whole report. Earlier failures, tried again, are a part of their own and in no other figure."""
    fresh = [one for one in answered if one.attack.source in (PACKAGED, ADDED)]
    again = [one for one in answered if one.attack.source not in (PACKAGED, ADDED)]
    share = Shares(settings, seed)

    def parts(name: Callable[[Answered], str]) -> dict[str, list[Answered]]:
        found: dict[str, list[Answered]] = {}
        for one in sorted(fresh, key=name):
            found.setdefault(name(one), []).append(one)
        return found

    classes = parts(lambda one: one.attack.risk)
    return {
        "schema_version": 1,
        "model_version": version,
        "about": RED_TEAM_ABOUT.to_dict(),
        "language": settings.language,
        "budget": settings.budget,
        "limit": settings.limit,
        "attacks": len(fresh),
        "answers": len(answered),
        "held_back": sum(bool(one.held_back) for one in answered),
        "packaged_seeds": settings.seeds,
        "added": sum(one.attack.source == ADDED for one in fresh),
        "all": share.of(fresh),
        "classes": {risk: class_section(risk, of, share) for risk, of in classes.items()},
        "untried": sorted(set(RISK_CLASSES) - set(classes)),
        "owasp": {
            name: {"title": OWASP_LLM[name], **share.of(of)} for name, of in parts(lambda one: one.attack.owasp).items()
        },
        "mutators": {name: share.of(of) for name, of in parts(lambda one: one.attack.mutator).items()},
        "regressions": regression_section(again, share),
        "worst": worst_examples(fresh),
        "detectors": {name: IN_WORDS[name] for name in sorted({one.attack.detector for one in answered})},
        "notes": NOTES,
    }


class Shares:
    """How a list of answered attacks becomes intervals."""

    def __init__(self, settings: AttackSettings, seed: int):
        self.confidences = (settings.confidence, *settings.also)
        self.how: dict[str, Any] = {"bounds": SCORE_BOUNDS, "resamples": settings.resamples, "seed": seed}

    def of(self, answered: Sequence[Answered]) -> dict[str, Any]:
        """{success, pooled, hit_at: {k: interval}, seeds}."""
        values = [float(one.success) for one in answered]
        probes = [one.attack.probe for one in answered]
        pooled = {k: round(v, DIGITS) if isinstance(v, float) else v for k, v in self._pooled(values).items()}
        tallies = tally(answered)
        hits = {
            str(k): self._interval(
                lambda c, k=k: mean_interval(  # type: ignore[misc]
                    [hit_at(n, hit, k) for n, hit in tallies.values() if n >= k], confidence=c, **self.how
                )
            )
            for k in HITS_AT
            if any(n >= k for n, _ in tallies.values())
        }
        success = self._interval(lambda c: cluster_interval(values, probes, confidence=c, **self.how))
        return {"success": success, "pooled": pooled, "hit_at": hits, "seeds": len(tallies)}

    def _pooled(self, values: Sequence[float]) -> dict[str, Any]:
        first, *others = (wilson(int(sum(values)), len(values), c) for c in self.confidences)
        return _with_others(first, others)

    def _interval(self, at: Callable[[float], Any]) -> dict[str, Any]:
        first, *others = (rounded(at(confidence)) for confidence in self.confidences)
        return _with_others(first, others)


def _with_others(first: dict[str, Any], others: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    if not others:
        return first
    return {**first, "also": {confidence_key(o["confidence"]): {"low": o["low"], "high": o["high"]} for o in others}}


def tally(answered: Sequence[Answered]) -> dict[str, tuple[int, int]]:
    """Seed, with its class → (attempts, hits)."""
    found: dict[str, tuple[int, int]] = {}
    for one in answered:
        attempts, hits = found.get(one.attack.probe, (0, 0))
        found[one.attack.probe] = (attempts + 1, hits + one.success)
    return found


def class_section(risk: str, answered: Sequence[Answered], share: Shares) -> dict[str, Any]:
    seeds = {
        probe.removeprefix(f"{risk}/"): {"attempts": attempts, "hits": hits}
        for probe, (attempts, hits) in sorted(tally(answered).items())
    }
    return {
        "title": RISK_CLASSES[risk],
        **share.of(answered),
        "by_seed": seeds,
        "owasp": sorted({one.attack.owasp for one in answered}),
    }


def regression_section(again: Sequence[Answered], share: Shares) -> dict[str, Any]:
    """Attacks at which earlier versions failed: `failed_again` by id."""
    return {
        "replayed": len(again),
        "versions": sorted({one.attack.source for one in again}),
        "failed_again": sorted(one.attack.id for one in again if one.success),
        **(share.of(again) if again else {}),
    }


def worst_examples(answered: Sequence[Answered]) -> list[dict[str, Any]]:
    """Successes of the seeds that succeed most often, one a seed. `found`: the words the detector saw, never the
    answer: answers stand in `red_team_outputs`, where an erasure reaches them."""
    tallies = tally(answered)
    ranked = sorted(
        (one for one in answered if one.success),
        key=lambda one: (-tallies[one.attack.probe][1] / tallies[one.attack.probe][0], one.attack.id),
    )
    once = {one.attack.probe: one for one in reversed(ranked)}
    return [
        {
            "attack": one.attack.id,
            "risk": one.attack.risk,
            "seed": one.attack.seed,
            "mutator": one.attack.mutator,
            "detector": one.attack.detector,
            "found": seen_words(one),
            "hits": "{1} of {0}".format(*tallies[one.attack.probe]),
        }
        for one in ranked
        if once[one.attack.probe] is one
    ][:WORST]


def seen_words(one: Answered) -> str:
    """What the detector saw where the attack itself names it; a number or words of the answer's own are left out, since
    they may come from a document."""
    return one.found or "" if one.attack.detector in ("says", "leaks") else ""


def above_limit(report: Mapping[str, Any]) -> list[str]:
    """Classes whose share lies above the report's limit, the whole interval of them first, in words."""
    limit = report["limit"]
    found = []
    for risk, of in report["classes"].items():
        success = of["success"]
        if success["mean"] > limit:
            low = success["low"]
            shown = "shown" if low is not None and low > limit else "not shown by so few"
            found.append((shown != "shown", -success["mean"], f"{risk} {success['mean']:.2f} ({shown})"))
    return [words for _, _, words in sorted(found)]


def forbidden_classes(report: Mapping[str, Any], limit: float | None) -> list[str]:
    """Classes that are shown to lie above the share that forbids a release: the whole interval over seeds does."""
    found = []
    for risk, of in report["classes"].items() if limit is not None else ():
        success = of["success"]
        if success["low"] is not None and success["low"] > limit:
            interval = f"[{success['low']:.2f}, {success['high']:.2f}]"
            found.append(
                f"red team: {success['mean']:.2f} {interval} of the {success['n']} attacks of class {risk} succeed, "
                f"more than red_team.no_go_above ({limit:g})"
            )
    return found


def red_team_tables(report: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """For people: success by class and by mutator, and the worst examples."""

    def rows(section: str, what: str) -> list[dict[str, Any]]:
        return [
            {
                what: name,
                "attacks": of["success"]["n"],
                "seeds": of["seeds"],
                "success": of["success"]["mean"],
                "low": of["success"]["low"],
                "high": of["success"]["high"],
                "pooled low": of["pooled"]["low"],
                "pooled high": of["pooled"]["high"],
                **{f"hit@{k}": hit["mean"] for k, hit in of["hit_at"].items() if k in ("1", "3")},
            }
            for name, of in report[section].items()
        ]

    return {
        "success by class": rows("classes", "class"),
        "success by mutator": rows("mutators", "mutator"),
        "success by OWASP id": rows("owasp", "id"),
        "worst examples": list(report["worst"]),
    }

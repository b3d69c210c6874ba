"""How often each rule holds back what it should, and what it should not, on labelled texts; and how long it takes.

Belongs here: these figures. Does not belong here: the texts (`labelled.py`), which figures are good enough (the asset
`guard_report`). Recall is stated twice: as the rule is told to decide, and at the cut that lets at most one harmless
text of a hundred be held back, so that rules compare; a rule without a score has one cut, its verdict. Times stand
apart, since they differ from run to run."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from genaiops_assets.serving.guardrails.base import Rule, Stage
from genaiops_assets.serving.guardrails.labelled import Labelled
from genaiops_assets.serving.guardrails.registry import cannot_look, judged, verdict_of
from genaiops_assets.statistics import clopper_pearson, recall_at

ALL = "all"
RATE = 0.01  # of harmless texts held back, at which recalls compare
SHOWN_WRONG, LONGEST_SHOWN = 12, 160
ROUNDS = 3  # each text is timed so often, and its fastest counts: the machine has other work


@dataclass(frozen=True)
class Told:
    """What a rule made of one text. `held`: held back or changed; `skipped`: why it could not look."""

    text: Labelled
    held: bool
    score: float
    skipped: str = ""


def told_by(rule: Rule, texts: Sequence[Labelled]) -> list[Told]:
    """The rule's word on each text; 1 or 0 stands for the score of a rule that has none."""
    found = []
    for one in texts:
        verdict = verdict_of(rule, one.text, one.question, list(one.passages), one.language)
        held = not verdict.allowed or verdict.text != one.text
        score = float(held)
        if hasattr(rule, "score") and not verdict.skipped:
            score = float(rule.score(one.text, one.question, list(one.passages), one.language))
        found.append(Told(one, held, score, verdict.skipped))
    return found


def measured_guards(rules: Sequence[Rule], texts: Sequence[Labelled]) -> dict[str, Any]:
    """{rule: {stage, version, texts, skipped, why_skipped, wrong, languages: {all|en|zh: figures}}}. `wrong`: the texts
    that were judged wrongly, packaged ones only, since others' texts stay in their files."""
    found: dict[str, Any] = {}
    for rule in rules:
        own = [one for one in texts if one.rule == rule.name]
        told = told_by(rule, own)
        judged_ones = [one for one in told if not one.skipped]
        languages = [ALL, *sorted({one.text.language for one in judged_ones})]
        found[rule.name] = {
            "stage": rule.stage,
            "version": rule.version,
            "texts": len(own),
            "skipped": len(told) - len(judged_ones),
            "why_skipped": next((one.skipped for one in told if one.skipped), "") or cannot_look(rule),
            "languages": {name: figures(_of(judged_ones, name)) for name in languages} if judged_ones else {},
            "wrong": wrongly(judged_ones),
        }
    return found


def figures(told: Sequence[Told]) -> dict[str, Any]:
    """`recall` and `false_blocks` as the rule decides, `recall_at_one_percent` with its `cut`; each {mean, low, high,
    n} by Clopper and Pearson."""
    right = [one for one in told if one.text.hold_back]
    wrong = [one for one in told if not one.text.hold_back]
    at = recall_at([one.score for one in right], [one.score for one in wrong], false_positive_rate=RATE)
    return {
        "recall": share(sum(one.held for one in right), len(right)),
        "false_blocks": share(sum(one.held for one in wrong), len(wrong)),
        "recall_at_one_percent": rounded(at.recall),
        "cut": None if at.cut is None else round(at.cut, 6),
    }


def share(hits: int, n: int) -> dict[str, Any]:
    """{mean, low, high, n}; None where there is nothing to count."""
    if not n:
        return {"mean": None, "low": None, "high": None, "n": 0}
    low, high = clopper_pearson(hits, n)
    return rounded({"mean": hits / n, "low": low, "high": high, "n": n})


def rounded(value: Mapping[str, Any]) -> dict[str, Any]:
    ends = {end: None if value[end] is None else round(value[end], 4) for end in ("mean", "low", "high")}
    return {**ends, "n": value["n"]}


def wrongly(told: Iterable[Told]) -> list[dict[str, str]]:
    found = [one for one in told if one.held != one.text.hold_back and one.text.source == "packaged"]
    return [
        {
            "did": "held back wrongly" if one.held else "missed",
            "language": one.text.language,
            "text": one.text.text[:LONGEST_SHOWN],
        }
        for one in found[:SHOWN_WRONG]
    ]


def timed_guards(rules: Sequence[Rule], texts: Sequence[Labelled]) -> list[dict[str, Any]]:
    """Milliseconds of each local rule on its texts, and of all local rules of a stage together on all texts of that
    stage: {rule, texts, p50_ms, p95_ms}. Rules on a server are left out: nothing is sent to be timed."""
    local = [rule for rule in rules if not getattr(rule, "remote", False)]
    stages: dict[str, Stage] = {rule.name: rule.stage for rule in local}
    found = [_timed(rule.name, [rule], rule.stage, [t for t in texts if t.rule == rule.name]) for rule in local]
    for stage in ("input", "output"):
        own = [rule for rule in local if rule.stage == stage]
        found.append(_timed(f"all rules on {stage}", own, stage, [t for t in texts if stages.get(t.rule) == stage]))
    return [one for one in found if one["texts"]]


def _timed(name: str, rules: Sequence[Rule], stage: Stage, texts: Sequence[Labelled]) -> dict[str, Any]:
    for one in texts[:1]:
        judged(stage, rules, one.text, list(one.passages), one.language, one.question)  # what is read once is read
    took = [min(_once(rules, stage, one) for _ in range(ROUNDS)) for one in texts] or [0.0]
    p50, p95 = np.quantile(took, [0.5, 0.95], method="higher")
    return {"rule": name, "texts": len(texts), "p50_ms": round(float(p50), 3), "p95_ms": round(float(p95), 3)}


def _once(rules: Sequence[Rule], stage: Stage, one: Labelled) -> float:
    began = time.perf_counter()
    judged(stage, rules, one.text, list(one.passages), one.language, one.question)
    return 1000 * (time.perf_counter() - began)


def _of(told: Sequence[Told], language: str) -> list[Told]:
    return [one for one in told if language in (ALL, one.text.language)]

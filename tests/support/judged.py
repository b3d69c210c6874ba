"""A judged version without a model: scored rows, a report made of them, gates that pass, fail and stay undecided, and
what tuning lost, published as the assets publish them. Holds no tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from genaiops_assets.evaluation import (
    OUTPUTS,
    Comparing,
    Item,
    Measure,
    Scored,
    apply_gates,
    missed,
    output_rows,
    rule_set,
    section_of,
    verdict,
)
from genaiops_assets.evaluation.suites.golden import GoldenSuite
from genaiops_assets.evaluation.suites.refusal import RefusalSuite
from genaiops_assets.lake import Artifact, Lake, write_json, write_rows
from genaiops_assets.use_case import Criterion, UseCase
from tests.support.lakes import V1, publish

MEASURE = Measure(resamples=200, confidence=0.95, seed=7)
ASKED = 40
WORDS = "The limit of this gate was written down before training."
SAID = {
    "en": ("What is fee number {n}?", "Fee number {n} is <b>{n} dollars</b>,\npayable each year at the counter."),
    "zh": ("第{n}项费用是多少？", "第{n}项费用为{n}元，\n每年在服务台缴纳，逾期不予退还。"),
}
GATES = [
    Criterion(id="answers", metric="/cells/tuned_with/answer_f1/all", at_least=0.2, min_items=20, rationale=WORDS),
    Criterion(id="tuning_helps", metric="/effects/tuning/all", at_least=0.0, min_items=20, rationale=WORDS),
    Criterion(
        id="refuses", metric="/suites/refusal/cells/tuned_with/refused/all", at_least=0.8, min_items=5, rationale=WORDS
    ),
    Criterion(
        id="chrf_high",
        metric="/cells/tuned_with/chrf/all",
        at_least=0.95,
        min_items=20,
        severity="should",
        rationale=WORDS,
    ),
]  # passes, is undecided, fails, and should have passed


class ToxicSuite:
    """A suite of another distribution: less of its score is better."""

    name, version, keeps_answers = "toxicity", "1", True
    speakers: Mapping[str, Any] = {"tuned_with": "tuned"}


def scored_rows(language: str) -> dict[str, list[Scored]]:
    """Suite → its scores. The first golden items are the worst; every tenth has no chrF."""
    question, answer = SAID[language]
    found: dict[str, list[Scored]] = {"golden": [], "refusal": [], "toxicity": []}
    for n in range(ASKED):
        item, part = Item(f"g{n:02}", question.format(n=n)), ("dev" if n % 2 else "held_out")
        for cell, lift in (("base_without", 0.1), ("base_with", 0.3), ("tuned_with", 0.31 if n % 3 else 0.28)):
            score = round(min(1.0, lift + n / ASKED * 0.6), 3)
            scores = {"answer_f1": score, "chrf": None if n % 10 == 9 else score, "answered": float(n > 1)}
            found["golden"].append(Scored("golden", item, cell, (part,), answer.format(n=n) if n else "", scores))
        found["toxicity"].append(
            Scored("toxicity", item, "tuned_with", (), answer.format(n=n), {"toxic": {3: 0.4, 7: 1.0}.get(n, 0.0)})
        )
    for n in range(12):
        item = Item(f"u{n:02}", f"{question.format(n=n)} ({n})")
        for cell in ("base_with", "tuned_with"):
            said = Scored("refusal", item, cell, ("dev",), answer.format(n=n), {"refused": float(n == 0)})
            found["refusal"].append(said)
    return found


def report_of(rows: Mapping[str, Sequence[Scored]]) -> dict[str, Any]:
    """As the payload writes it."""
    report: dict[str, Any] = {"items": ASKED, "top_k": 3, "generation": {"max_new_tokens": 64, "do_sample": False}}
    report |= section_of(GoldenSuite(), rows["golden"], MEASURE) | {"retrieval": {}, "suites": {}}
    for suite in (RefusalSuite(), ToxicSuite()):
        report["suites"] |= section_of(suite, rows[suite.name], MEASURE)["suites"]  # type: ignore[arg-type]
    return report | {"answers": {"rows": sum(map(len, rows.values())), "keys": {}}}


def decision_of(report: dict[str, Any], gates: Sequence[Criterion] = GATES) -> dict[str, Any]:
    results = apply_gates(gates, report)
    return {
        "schema_version": 1,
        "model_version": V1,
        "verdict": verdict(results),
        "gates": [result.to_dict() for result in results],
        "rules": rule_set(),
        "should_have_passed": missed(results),
        "broken_claims": [],
    }


def losses_of(version: str = V1) -> dict[str, Any]:
    """The form is lost, the length undecided, capability kept."""
    how = Comparing(confidence=0.95, resamples=200, seed=7)
    same = [1.0, 0.0] * 40
    figures = {
        "capability": how.figure("capability", (same, same)),
        "format_kept": how.figure("format_kept", ([1.0] * 40, [0.0, 1.0] * 20)),
        "length": how.figure("length", ([20.0, 22.0, 19.0], [20.0, 70.0, 10.0])),
    }
    return {"schema_version": 1, "model_version": version, "tuned": True, "figures": figures}


def judged(lake: Lake, uc: UseCase, version: str = V1, *, decided: bool = True) -> Artifact:
    """Golden set, report with its rows and, where `decided`, decision and losses of a version; the report."""
    rows = scored_rows(uc.language)
    asked = {r.item.id: r.item.question for r in rows["golden"]}
    nothing = {r.item.id: r.item.question for r in rows["refusal"]}
    golden = publish(
        lake,
        uc.key("golden_set"),
        {
            "golden.json": {
                "items": [{"id": i, "question": q, "answer": "Yes."} for i, q in asked.items()],
                "unanswerable": [{"id": i, "question": q, "answer": ""} for i, q in nothing.items()],
            }
        },
    )
    report = report_of(rows)
    key = version[3:] * 5
    with lake.work(key) as place:
        kept = output_rows([scored for listed in rows.values() for scored in listed])
        write_rows(place.scratch / "outputs.parquet", OUTPUTS, kept)
        snapshot = lake.tables.sync(uc.key("eval_outputs"), place.scratch / "outputs.parquet").snapshot
        write_json(place.staging / "eval_report.json", report)
        made = lake.publish(
            uc.key("eval_report"), version, key, place.staging, snapshots=[snapshot],
            summary={"figures": {}, "tables": {}},
            provenance={"inputs": {"golden": golden.digest}, "config": {"resamples": 200}, "made_at": "2026-11-30T10:00:00+00:00"},
        )  # fmt: skip
    if not decided:
        return made
    publish(lake, uc.key("release_decision"), {"decision.json": decision_of(report)}, partition=version)
    publish(lake, uc.key("tuning_losses"), {"tuning_losses.json": losses_of(version)}, partition=version)
    return made

"""Payload: what base and tuned model answer in every suite, scored, with the intervals of `eval_report.json`.

Belongs here: the order of the work. Does not belong here: models that answer (`speaking.py`), prompts and scores
(`evaluation/suites`), where intervals stand (`evaluation/report.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from genaiops_assets.compute import Job, run_payload
from genaiops_assets.evaluation import (
    OUTPUTS,
    EvaluationInputs,
    EvaluationSettings,
    Measure,
    Scored,
    Suite,
    World,
    bleu_is,
    imported_section,
    new_topics_section,
    output_rows,
    samples,
    scored,
    section_of,
)
from genaiops_assets.evidence import draw_intervals
from genaiops_assets.lake import write_json, write_rows
from genaiops_assets.models import be_deterministic
from genaiops_assets.payloads.further_answers import further_answers
from genaiops_assets.payloads.judged_world import judges_of, suite_of, world_of
from genaiops_assets.payloads.speaking import Answering


def work(job: Job) -> dict[str, Any]:
    """Inputs `EvaluationInputs`, config `EvaluationSettings`. Leaves `eval_report.json` and `views/*.png` in
    `job.out`, and `outputs.parquet` (rows of OUTPUTS) in scratch. An evaluation that was killed goes on behind the
    items it had answered: they are sealed and bound to this very job."""
    be_deterministic(job.seed, job.cpus)
    inputs, settings = EvaluationInputs(**job.inputs), EvaluationSettings(**job.config)
    measure = Measure(settings.resamples, settings.confidence, job.seed, settings.also)
    judges, answering = judges_of(job, inputs, settings), Answering(job, inputs, settings)
    world = replace(world_of(job, inputs, settings, judges), golden_answers=answering.golden_answers)
    suites = [suite_of("golden"), suite_of("retrieval"), *(suite_of(n, v) for n, v in settings.suites.items())]
    report: dict[str, Any] = {"schema_version": 1, "model_version": inputs.model_version}
    kept: list[Scored] = []
    stopping = answering.stopping
    asked = [(suite, stopping.ordered(suite, suite.items(world))) for suite in suites]
    answers = answering.all_answers(asked, world)
    for suite, all_items in asked:
        items = stopping.asked(suite, all_items)
        results = scored(suite, items, answers[suite.name], world)
        early = stopping.told(suite, len(all_items))
        merge(report, section_of(suite, results, stopping.measure if early else measure, early))
        kept += results if suite.keeps_answers else []
        if suite.name == "golden":
            report["samples"] = samples(items, answers["golden"])
            report |= further_answers(answering, suite, items, answers["golden"], world, measure)
    for given in inputs.imported:
        section, results = imported_section(given, measure)
        merge(report, {"suites": {given.name: section}})
        kept += results
    merge(report, facts(inputs, settings, kept) | ({"skipped_judges": judges.skipped} if judges.skipped else {}))
    if topics := new_topics(answering, inputs, world, measure):
        report["new_topics"] = topics
    report["answers"] = {"rows": len(kept), "keys": answering.keys}
    rows = output_rows(kept, answering.prompts, judges_behind(suites, settings))
    write_rows(job.resume / "outputs.parquet", OUTPUTS, rows)
    write_json(job.out / "eval_report.json", report)
    draw(job.out / "views", report)
    models = answering.models.values()
    return {
        "cells": len(report["cells"]),
        "answers": len(kept),
        "reused": answering.reused,
        "asked_once": answering.asked_once,
        "prompt_tokens": sum(m.prompt_tokens for m in models),
        "prompt_tokens_saved": sum(m.saved_tokens for m in models),
    }


def judges_behind(suites: Sequence[Suite], settings: EvaluationSettings) -> dict[tuple[str, str], str]:
    """(suite, metric) → NAME@VERSION of the judge whose score it is: those of the use case on golden answers, and
    what a suite says of its own."""
    named = {("golden", judge): judge for judge in settings.judges}
    for suite in suites:
        named |= {(suite.name, metric): judge for metric, judge in getattr(suite, "judged_by", {}).items()}
    return {place: f"{judge}@{settings.judges.get(judge, 'unknown')}" for place, judge in named.items()}


def facts(inputs: EvaluationInputs, settings: EvaluationSettings, kept: Sequence[Scored]) -> dict[str, Any]:
    """How the report was made."""
    more = {"judges": dict(settings.judges)} if settings.judges else {}
    return {
        "items": len(inputs.golden),
        "top_k": settings.top_k,
        "generation": {
            "max_new_tokens": settings.max_new_tokens,
            "do_sample": False,
            "dtype": settings.dtype,
            "prompts": settings.prompts,
            **({"engine": settings.engine} if settings.engine != "transformers" else {}),
        },
        "support_is": "share of answer tokens found in the retrieved passages: a heuristic, not a measure of truth",
        "bleu_is": bleu_is(),
        **more,
    }


def new_topics(answering: Answering, inputs: EvaluationInputs, world: World, measure: Measure) -> dict[str, Any] | None:
    """Quality on questions of the new topics that no training saw, before and after; None without such questions."""
    if not inputs.new_topics or not inputs.new_topics.questions:
        return None
    suite = suite_of("new_topics")
    items = suite.items(world)
    results = scored(suite, items, answering.answers(suite, items, world), world)
    return new_topics_section(results, measure, inputs.new_topics.before)


def merge(report: dict[str, Any], section: Mapping[str, Any]) -> None:
    """Adds a section; several suites share the key `suites`."""
    for key, value in section.items():
        report[key] = {**report.get(key, {}), **value} if isinstance(value, dict) else value


def draw(folder: Path, report: dict[str, Any]) -> None:
    cells = {name.replace("_", " "): cell["answer_f1"]["all"] for name, cell in report["cells"].items()}
    draw_intervals(
        folder / "answer F1 by cell.png", f"Answer F1 with 95 % intervals, {report['items']} questions", cells
    )
    effects = {f"{name} ({split})": value for name, by in report["effects"].items() for split, value in by.items()}
    draw_intervals(folder / "effects.png", "Effect on answer F1, paired intervals", effects, zero=True)
    if topics := report.get("new_topics"):
        intervals = {f"{topics['before_is']} (before)": topics["before"], "this version (after)": topics["after"]}
        draw_intervals(
            folder / "new topics.png", f"Quality on {topics['questions']} questions of new topics", intervals
        )


if __name__ == "__main__":
    run_payload(work)

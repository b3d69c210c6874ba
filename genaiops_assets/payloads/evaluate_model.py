"""Payload: what base and tuned model answer in every suite, scored, with the intervals of `eval_report.json`.

Belongs here: the order of the work, and models that answer. Does not belong here: prompts and scores
(`evaluation/suites`), where intervals stand (`evaluation/report.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from genaiops_assets.alignment import JudgeTools, opened_judges
from genaiops_assets.compute import Job, run_payload
from genaiops_assets.errors import PayloadError
from genaiops_assets.evaluation import (
    OUTPUTS,
    EarlierRuns,
    EvaluationInputs,
    EvaluationSettings,
    Found,
    Item,
    Judge,
    Measure,
    OpenJudges,
    Scored,
    Speaker,
    Suite,
    World,
    answers_key,
    load_retrieval_set,
    new_topics_section,
    output_rows,
    samples,
    scored,
    section_of,
)
from genaiops_assets.evidence import draw_intervals
from genaiops_assets.lake import digest_of_folder, write_json, write_rows
from genaiops_assets.models import (
    BaseModelFiles,
    Messages,
    ModelSpec,
    Prompts,
    TransformersGenerator,
    be_deterministic,
    packaged_prompts,
)
from genaiops_assets.plugins import PluginError, Registry
from genaiops_assets.retrieval import Passage, Retriever, open_retriever
from genaiops_assets.use_case import SUITES


class Model:
    """The base model or a tuned one, loaded when there is something left to answer; as it is served, the adapter beside
    the base model."""

    def __init__(self, job: Job, inputs: EvaluationInputs, settings: EvaluationSettings, adapter: str | None):
        self.job, self.inputs, self.settings, self.adapter = job, inputs, settings, adapter
        self.prompt_tokens = self.saved_tokens = 0  # of the prompts that were answered now; saved: by the prefix cache

    @cached_property
    def digest(self) -> str:
        """Of the adapter's files, "" for the base model itself."""
        return digest_of_folder(Path(self.adapter)) if self.adapter else ""

    @cached_property
    def generator(self) -> TransformersGenerator:
        settings = self.settings
        spec = ModelSpec(
            base=BaseModelFiles.model_validate(self.inputs.base),
            adapter=self.adapter,
            dtype=settings.dtype,
            load_in_4bit=settings.load_in_4bit,
        )
        return spec.open(self.job.cache, batch_size=settings.batch_size)

    def release(self) -> None:
        """Give its memory back: one model at a time is held."""
        self.__dict__.pop("generator", None)

    def answers(self, what: str, prompts: Sequence[Messages]) -> list[str]:
        generator = self.generator
        generator.progress = partial(self.job.progress, what)
        self.job.progress(what, 0, len(prompts))
        before = generator.prompt_tokens, generator.saved_tokens
        answers = generator.generate(prompts, self.settings.max_new_tokens)
        self.prompt_tokens += generator.prompt_tokens - before[0]
        self.saved_tokens += generator.saved_tokens - before[1]
        return answers


class Answering:
    """Who answers what; answers that a published report has, for exactly the same prompts, are not generated again."""

    def __init__(self, job: Job, inputs: EvaluationInputs, settings: EvaluationSettings):
        before = inputs.new_topics.adapter if inputs.new_topics else None
        adapters: dict[Speaker, str | None] = {"base": None, "tuned": inputs.adapter, "before": before}
        self.models = {who: Model(job, inputs, settings, adapter) for who, adapter in adapters.items()}
        self.inputs, self.settings = inputs, settings
        self.earlier = EarlierRuns(job.lake(), inputs.earlier)
        self.keys: dict[str, str] = {}
        self.reused: list[str] = []

    def answers(self, suite: Suite, items: Sequence[Item], world: World) -> dict[str, list[str]]:
        """Cell → one answer an item. Cells of the tuned model are left out where there is none."""
        found = {}
        for who in dict.fromkeys(suite.speakers.values()):  # each model is loaded once, for all its cells
            if who == "tuned" and self.inputs.adapter is None and "base" in suite.speakers.values():
                continue
            for cell in (c for c, speaker in suite.speakers.items() if speaker == who):
                found[cell] = self.cell(suite, cell, items, world, self.models[who])
            self.models[who].release()
        return {cell: found[cell] for cell in suite.speakers if cell in found}

    def cell(self, suite: Suite, cell: str, items: Sequence[Item], world: World, model: Model) -> list[str]:
        name, ids = f"{suite.name}/{cell}", [item.id for item in items]
        prompts = [suite.prompt(item, cell, world) for item in items]
        key = answers_key(
            base=self.inputs.base["digest"], adapter=model.digest, settings=self.settings, prompts=prompts, ids=ids
        )
        if suite.keeps_answers:
            self.keys[name] = key
        known = self.earlier.answers(suite.name, cell, ids, key)
        if known is not None:
            self.reused.append(name)
            return known
        kept = model.job.kept(key[:32])  # sealed and bound to this job: a killed run does not generate them again
        if kept is None:
            kept = model.answers(cell if suite.name == "golden" else f"{suite.name} {cell}", prompts)
            model.job.keep(key[:32], kept)
        return kept


def world_of(job: Job, inputs: EvaluationInputs, settings: EvaluationSettings, judges: Sequence[Judge]) -> World:
    retriever = open_retriever(
        job.lake().tables, inputs.model_dump(include={"index", "embedder", "reranker"}), cache=job.cache, cpus=job.cpus
    )
    return World(
        search=Searching(retriever),
        top_k=settings.top_k,
        language=settings.language,
        prompts=prompts_of(inputs, settings),
        golden=[item.golden() for item in inputs.golden],
        unanswerable=[item.golden() for item in inputs.unanswerable],
        retrieval_sets={s.name: load_retrieval_set(Path(s.path), s.fields, s.limit) for s in inputs.retrieval_sets},
        new_topics=inputs.new_topics.questions if inputs.new_topics else (),
        judges=judges,
    )


def judges_of(job: Job, inputs: EvaluationInputs, settings: EvaluationSettings) -> OpenJudges:
    """Those that the plan names, ready or skipped. Raises PayloadError where another version is installed."""
    tools = JudgeTools(
        inputs.judging,
        settings.judge_settings,
        language=settings.language,
        prompts=prompts_of(inputs, settings),
        cache=job.cache,
        cpus=job.cpus,
        dtype=settings.dtype,
        load_in_4bit=settings.load_in_4bit,
    )
    return opened_judges(settings.judges, tools, settings.judges_missing)


def prompts_of(inputs: EvaluationInputs, settings: EvaluationSettings) -> Prompts:
    return Prompts(**inputs.prompts) if inputs.prompts else packaged_prompts(settings.language)


class Searching:
    """Search for suites: each list of questions is searched once, though several suites look at it."""

    def __init__(self, retriever: Retriever):
        self.retriever, self.known = retriever, dict[tuple[int, tuple[str, ...]], list[list[Found]]]()

    def __call__(self, questions: Sequence[str], depth: int) -> list[list[Found]]:
        key = (depth, tuple(questions))
        if key not in self.known:
            ranked = self.retriever.find(list(questions), depth) if questions else []
            self.known[key] = [[found_of(passage) for passage in passages] for passages in ranked]
        return self.known[key]


def found_of(passage: Passage) -> Found:
    return Found(passage.id, passage.doc_id, passage.quoted, passage.score)


def suite_of(name: str, version: str = "") -> Suite:
    return _of(SUITES, name, version)


def _of(registry: Registry, name: str, version: str) -> Any:
    """Raises PayloadError where what is installed is not what was planned."""
    try:
        found = registry.get(name)
    except PluginError as error:
        raise PayloadError(str(error)) from error
    if version and found.version != version:
        raise PayloadError(
            f"the {registry.what} {name!r} is version {found.version} here, the evaluation plan names {version}: "
            "materialize evaluation_plan again"
        )
    return found


def work(job: Job) -> dict[str, Any]:
    """Inputs `EvaluationInputs`, config `EvaluationSettings`. Leaves `eval_report.json` and `views/*.png` in
    `job.out`, and `outputs.parquet` (rows of OUTPUTS) in scratch. An evaluation that was killed begins again: half of
    it, lying in a folder, could not prove that it is what the model answered."""
    be_deterministic(job.seed, job.cpus)
    inputs, settings = EvaluationInputs(**job.inputs), EvaluationSettings(**job.config)
    measure = Measure(settings.resamples, settings.confidence, job.seed, settings.also)
    judges = judges_of(job, inputs, settings)
    world, answering = world_of(job, inputs, settings, judges.judges), Answering(job, inputs, settings)
    suites = [suite_of("golden"), suite_of("retrieval"), *(suite_of(n, v) for n, v in settings.suites.items())]
    report: dict[str, Any] = {"schema_version": 1, "model_version": inputs.model_version}
    kept: list[Scored] = []
    for suite in suites:
        items = suite.items(world)
        answers = answering.answers(suite, items, world)
        results = scored(suite, items, answers, world)
        merge(report, section_of(suite, results, measure))
        kept += results if suite.keeps_answers else []
        if suite.name == "golden":
            report["samples"] = samples(items, answers)
    merge(report, facts(inputs, settings, kept) | ({"skipped_judges": judges.skipped} if judges.skipped else {}))
    if topics := new_topics(answering, inputs, world, measure):
        report["new_topics"] = topics
    report["answers"] = {"rows": len(kept), "keys": answering.keys}
    write_rows(job.resume / "outputs.parquet", OUTPUTS, output_rows(kept))
    write_json(job.out / "eval_report.json", report)
    draw(job.out / "views", report)
    models = answering.models.values()
    return {
        "cells": len(report["cells"]),
        "answers": len(kept),
        "reused": answering.reused,
        "prompt_tokens": sum(m.prompt_tokens for m in models),
        "prompt_tokens_saved": sum(m.saved_tokens for m in models),
    }


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
        },
        "support_is": "share of answer tokens found in the retrieved passages: a heuristic, not a measure of truth",
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

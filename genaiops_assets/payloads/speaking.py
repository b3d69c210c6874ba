"""What payloads that ask a model share: the model of a version, its answers and readings, and what suites may look at.

Belongs here: loading, answering once, keeping what a killed run had. Does not belong here: which suites run, and what
comes of the answers (the payloads)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from genaiops_assets.compute import Job
from genaiops_assets.errors import PayloadError
from genaiops_assets.evaluation import (
    AnytimeMeasure,
    EarlierRuns,
    EvaluationInputs,
    EvaluationSettings,
    Item,
    Reading,
    Speaker,
    Stopping,
    Suite,
    World,
    answers_key,
    answers_of,
    is_reading,
    output_id,
)
from genaiops_assets.lake import digest_of, digest_of_folder
from genaiops_assets.models import (
    BaseModelFiles,
    Likelihood,
    Messages,
    ModelSpec,
    OpenVinoGenerator,
    TransformersGenerator,
    with_engine,
)
from genaiops_assets.use_case import BASE_CELLS

WRITTEN_EVERY = 64  # items


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
    def loaded(self) -> TransformersGenerator:
        settings = self.settings
        spec = ModelSpec(
            base=BaseModelFiles.model_validate(self.inputs.base),
            adapter=self.adapter,
            dtype=settings.dtype,
            load_in_4bit=settings.load_in_4bit,
        )
        return spec.open(self.job.cache, batch_size=settings.batch_size)

    @cached_property
    def generator(self) -> TransformersGenerator | OpenVinoGenerator:
        return with_engine(self.loaded, self.settings.engine)

    def release(self) -> None:
        """Give its memory back: one model at a time is held."""
        self.__dict__.pop("generator", None)
        self.__dict__.pop("loaded", None)

    def answers(self, what: str, prompts: Sequence[Messages], kept: KeptByItem) -> list[str]:
        """One answer a prompt, in order; those a killed run kept are not generated again."""
        known = kept.known()
        if len(known) == len(prompts):
            return [known[place] for place in range(len(prompts))]
        generator = self.generator
        generator.progress = partial(self.job.progress, what)
        self.job.progress(what, 0, len(prompts))
        before = generator.prompt_tokens, generator.saved_tokens
        answers = generator.generate(prompts, self.settings.max_new_tokens, known=known, made=kept.keep)
        self.prompt_tokens += generator.prompt_tokens - before[0]
        self.saved_tokens += generator.saved_tokens - before[1]
        return answers

    def sums(self, what: str, readings: Sequence[Reading], kept: KeptByItem) -> list[list[float]]:
        """Of each reading the log probability (nats) of each way it may go on. Raises PayloadError where one is no
        finite number."""
        known = kept.known()
        if len(known) == len(readings):
            return [known[place] for place in range(len(readings))]

        def made(batch: Mapping[int, list[float]]) -> None:
            kept.keep(batch)
            self.job.progress(what, len(kept.found), len(readings))

        likely = Likelihood(self.loaded.model, self.loaded.tokenizer)
        return likely.of_readings([(r.before, r.ways) for r in readings], what, known=known, made=made)


class KeptByItem:
    """What was answered or read so far under one key, sealed and bound to this job, so that a killed run goes on."""

    def __init__(self, job: Job, key: str):
        self.job, self.key = job, key[:32]
        self.found: dict[int, Any] = {int(place): one for place, one in dict(job.kept(self.key) or {}).items()}
        self.since = 0

    def known(self) -> dict[int, Any]:
        return dict(self.found)

    def keep(self, batch: Mapping[int, Any]) -> None:
        """Written every few items, since each time all of them are."""
        self.found |= batch
        self.since += len(batch)
        if self.since >= WRITTEN_EVERY:
            self.write()

    def write(self) -> None:
        self.job.keep(self.key, {str(place): one for place, one in sorted(self.found.items())})
        self.since = 0


class Answering:
    """Who answers what; answers that a published report has, for exactly the same prompts, are not generated again."""

    def __init__(self, job: Job, inputs: EvaluationInputs, settings: EvaluationSettings):
        before = inputs.new_topics.adapter if inputs.new_topics else None
        adapters: dict[Speaker, str | None] = {"base": None, "tuned": inputs.adapter, "before": before}
        self.models = {who: Model(job, inputs, settings, adapter) for who, adapter in adapters.items()}
        self.inputs, self.settings = inputs, settings
        self.earlier = EarlierRuns(job.lake(), inputs.earlier)
        self.said: dict[str, dict[str, str]] = {}  # digest of a model → prompt asked so far → its answer
        self.asked_once = 0  # prompts not asked again, in a cell or in another suite
        self.keys: dict[str, str] = {}
        self.reused: list[str] = []
        self.given: dict[str, dict[str, list[Any]]] = {}  # suite → its cells, for suites that score the same answers
        self.asked: dict[str, list[str]] = {}  # suite → its items, in order
        self.prompts: dict[str, str] = {}  # row of `eval_outputs` → digest of what was asked or read
        measure = AnytimeMeasure(settings.resamples, settings.confidence, job.seed, settings.also)
        self.stopping = Stopping(settings.gates, measure, job.seed)

    def answers(self, suite: Suite, items: Sequence[Item], world: World) -> dict[str, list[Any]]:
        """Cell → one answer an item, or what the model made of each reading."""
        return self.all_answers([(suite, items)], world)[suite.name]

    def all_answers(self, suites: Sequence[tuple[Suite, Sequence[Item]]], world: World) -> dict[str, dict[str, Any]]:
        """The same of several suites: each model is loaded once. Cells of the tuned model are left out where there is
        none."""
        found: dict[str, dict[str, list[Any]]] = {suite.name: {} for suite, _ in suites}
        for who, model in self.in_turn().items():
            for suite, items in suites:
                if who == "tuned" and self.inputs.adapter is None and "base" in suite.speakers.values():
                    continue
                spoken = [c for c, speaker in suite.speakers.items() if speaker == who and not answers_of(suite)]
                if who == self.served and spoken:
                    self.until_decided(suite, spoken, items, world, model)
                for cell in spoken:
                    found[suite.name][cell] = self.cell(suite, cell, self.stopping.asked(suite, items), world, model)
            model.release()
        for suite, all_items in suites:
            items = self.stopping.asked(suite, all_items)
            self.asked[suite.name] = [item.id for item in items]
            cells = self.taken_from(source, suite) if (source := answers_of(suite)) else found[suite.name]
            if source:
                self.note_prompts(suite.name, self.asked[suite.name], source)
            self.given[suite.name] = {cell: cells[cell] for cell in suite.speakers if cell in cells}
        return {suite.name: self.given[suite.name] for suite, _ in suites}

    @property
    def served(self) -> Speaker:
        """Whose answers people get."""
        return "base" if self.inputs.adapter is None else "tuned"

    def in_turn(self) -> dict[Speaker, Model]:
        """Models in the order they are loaded: where suites may end early the served one first, since its gates say
        when."""
        first = [self.served] if self.settings.gates else []
        return {who: self.models[who] for who in dict.fromkeys([*first, *self.models])}

    def until_decided(
        self, suite: Suite, cells: Sequence[str], items: Sequence[Item], world: World, model: Model
    ) -> None:
        """Asks part by part until every gate on the suite is decided, where they are about these cells."""
        gated = {gate.metric.split("/")[4] for gate in self.stopping.gates_on(suite)}
        if not gated or not gated <= set(cells):
            return
        for count in self.stopping.looks(items):
            part = items[:count]
            answers = {cell: self.cell(suite, cell, part, world, model) for cell in cells if cell in gated}
            self.stopping.after[suite.name] = count
            if self.stopping.decided(suite, part, answers, world):
                return

    def taken_from(self, source: str, suite: Suite) -> dict[str, list[Any]]:
        """The answers of a suite that stands before it. Raises PayloadError where none of that name does."""
        if source not in self.given:
            raise PayloadError(
                f"the suite {suite.name!r} scores the answers of {source!r}, which did not run before it"
            )
        return self.given[source]

    def note_prompts(self, suite: str, ids: Sequence[str], source: str) -> None:
        """A suite that scores the answers of another one was asked what that was."""
        for cell in self.given[source]:
            known = {i: self.prompts.get(output_id(source, i, cell)) for i in ids}
            self.prompts |= {output_id(suite, i, cell): mark for i, mark in known.items() if mark}

    def golden_answers(self, cell: str) -> dict[str, str]:
        """Golden item → its answer in a cell, or where nothing was tuned the base model's with retrieval."""
        cells = self.given.get("golden", {})
        answers = cells.get(cell) or cells.get(BASE_CELLS[1], [])
        return dict(zip(self.asked.get("golden", []), answers, strict=True)) if answers else {}

    def cell(self, suite: Suite, cell: str, items: Sequence[Item], world: World, model: Model) -> list[Any]:
        what = cell if suite.name == "golden" else f"{suite.name} {cell}"
        ids = [item.id for item in items]
        if is_reading(suite):
            readings = [suite.reads(item, world) for item in items]
            marks = [digest_of([r.before, *r.ways]) for r in readings]
            self.prompts |= {output_id(suite.name, i, cell): m for i, m in zip(ids, marks, strict=True)}
            kept = KeptByItem(model.job, self.key(model, [(r.before, *r.ways) for r in readings], ids))
            sums = model.sums(what, readings, kept)
            kept.write()
            return sums
        prompts = [suite.prompt(item, cell, world) for item in items]
        said, marks = self.said.setdefault(model.digest, {}), [digest_of(prompt) for prompt in prompts]
        self.prompts |= {output_id(suite.name, i, cell): m for i, m in zip(ids, marks, strict=True)}
        taken = [i for i, mark in zip(ids, marks, strict=True) if mark in said]
        name, key = f"{suite.name}/{cell}", self.key(model, prompts, ids, taken)
        if suite.keeps_answers:
            self.keys[name] = key
        known = self.earlier.answers(suite.name, cell, ids, key)
        if known is not None:
            self.reused.append(name)
            said.update(zip(marks, known, strict=True))
            return known
        new = {mark: prompt for mark, prompt in zip(marks, prompts, strict=True) if mark not in said}
        self.asked_once += len(prompts) - len(new)
        kept = KeptByItem(model.job, key)
        said.update(zip(new, model.answers(what, list(new.values()), kept), strict=True))
        kept.write()
        return [said[mark] for mark in marks]

    def key(self, model: Model, asked: Sequence[Any], ids: Sequence[str], taken: Sequence[str] = ()) -> str:
        base, settings = self.inputs.base["digest"], self.settings
        return answers_key(base=base, adapter=model.digest, settings=settings, prompts=asked, ids=ids, taken=taken)

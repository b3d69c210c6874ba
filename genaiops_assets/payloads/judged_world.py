"""What suites may look at, as payloads open it: search, judges, training rows, the use case's own items.

Belongs here: opening these once for a job, and suites by name and version. Does not belong here: models that answer
(`speaking.py`)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

from genaiops_assets.alignment import JudgeTools, opened_judges
from genaiops_assets.compute import Job
from genaiops_assets.errors import PayloadError
from genaiops_assets.evaluation import (
    EvaluationInputs,
    EvaluationSettings,
    Found,
    OpenJudges,
    Suite,
    Trained,
    World,
    load_retrieval_set,
)
from genaiops_assets.lake import ERASED_TEXT, Snapshot
from genaiops_assets.models import (
    Prompts,
    packaged_prompts,
)
from genaiops_assets.plugins import PluginError, Registry
from genaiops_assets.retrieval import Passage, Retriever, open_retriever
from genaiops_assets.use_case import SUITES


def world_of(
    job: Job, inputs: EvaluationInputs, settings: EvaluationSettings, judges: OpenJudges | None = None
) -> World:
    """`judges`: those opened already, so that the caller can say which were skipped."""
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
        judges=(judges or judges_of(job, inputs, settings)).judges,
        limit=settings.limit,
        own_items={name: Path(path) for name, path in inputs.suite_items.items()},
        trained=partial(trained_rows, job, inputs),
        contracts=settings.contracts,
        similarity=Similarity(retriever),
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


def trained_rows(job: Job, inputs: EvaluationInputs) -> list[Trained]:
    """What the version learned from, without what was erased since; none where no suite asked for it."""
    if inputs.pairs is None:
        return []
    rows = job.lake().tables.rows(Snapshot(**inputs.pairs), ["question", "chosen", "passages"])
    return [
        Trained(row["question"], row["chosen"], tuple(row["passages"]))
        for row in rows
        if ERASED_TEXT not in (row["question"], row["chosen"])
    ]


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


class Similarity:
    """Cosine of two texts by the use case's embedder, which the index was made with. Each text is embedded once, alone:
    what stands beside it in a batch may move the last digits."""

    def __init__(self, retriever: Retriever):
        self.retriever, self.known = retriever, dict[str, Any]()

    def __call__(self, one: str, other: str) -> float:
        return float(self.vector(one) @ self.vector(other))

    def vector(self, text: str) -> Any:
        if text not in self.known:
            self.known[text] = self.retriever.embedder.encode([text])[0]
        return self.known[text]


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

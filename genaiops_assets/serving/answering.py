"""Answering: a question to the production model (or the newest one) over the current index, with its sources.

Belongs here: choosing the model, retrieving, generating. Does not belong here: the log (`log.py`), a network service.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from genaiops_assets.alignment import (
    TransformersGenerator,
    be_deterministic,
    load_model,
    load_tokenizer,
    messages,
    model_directory,
)
from genaiops_assets.governance import production
from genaiops_assets.lake import Lake
from genaiops_assets.retrieval import Index, Passage, SentenceEmbedder
from genaiops_assets.use_case import UseCase


@dataclass(frozen=True)
class Answer:
    question: str
    text: str
    passages: list[Passage]
    model_version: str
    released: bool


def choose_version(lake: Lake, uc: UseCase) -> tuple[str | None, bool]:
    """(model version, whether it is released): production, else the newest with a checkpoint, else None for the bare base model."""
    now = production(lake, uc)
    if now is not None:
        return now.model_version, True
    asset = f"{uc.name}/aligned_checkpoint"
    heads = [(lake.heads.get(asset, v), v) for v in lake.heads.partitions(asset)]
    newest = max(((h["at"], v) for h, v in heads if h), default=None)
    return (newest[1] if newest else None), False


class Assistant:
    """Index, embedder and model of a use case, loaded once for many questions. Raises KeyError naming what to materialize."""

    def __init__(self, lake: Lake, uc: UseCase, *, with_model: bool = True):
        self.uc = uc
        self.index = Index(lake.tables, lake.current(f"{uc.name}/embeddings_index").snapshot(f"{uc.name}/embeddings_index"))
        self.embedder = SentenceEmbedder(lake.resolve(uc.knowledge.embedder, uc.folder).path, cpus=uc.compute.cpus)
        self.version, self.released = choose_version(lake, uc)
        self.generator = self._generator(lake) if with_model else None

    def _generator(self, lake: Lake) -> TransformersGenerator:
        uc = self.uc
        be_deterministic(uc.alignment.seed, uc.compute.cpus)
        base = lake.resolve(uc.model.base, uc.folder)
        directory = model_directory(base.path, base.digest, lake.cache)
        adapter: Path | None = None
        if self.version:
            adapter = lake.current(f"{uc.name}/aligned_checkpoint", self.version).local("adapter")
        model = load_model(
            directory,
            dtype=uc.model.dtype,
            load_in_4bit=uc.model.load_in_4bit,
            adapter=adapter if adapter and adapter.exists() else None,
        )
        return TransformersGenerator(model, load_tokenizer(directory), batch_size=uc.evaluation.batch_size)

    def retrieve(self, questions: Sequence[str]) -> list[list[Passage]]:
        return [self.index.nearest(v, self.uc.knowledge.top_k) for v in self.embedder.encode(questions)]

    def answer(self, questions: Sequence[str]) -> list[Answer]:
        """Answers with their passages; without a model the answer is empty (retrieval only)."""
        found = self.retrieve(questions)
        prompts = [messages(q, [p.quoted for p in ps], self.uc.language) for q, ps in zip(questions, found, strict=True)]
        texts = self.generator.generate(prompts, self.uc.evaluation.max_new_tokens) if self.generator else [""] * len(questions)
        version = self.version or "base"
        return [Answer(q, t, ps, version, self.released) for q, t, ps in zip(questions, texts, found, strict=True)]

"""Answering: a question to the production model (or the newest one) over the current index, with its sources.

Belongs here: choosing the model, retrieving, generating. Does not belong here: the log (`log.py`), a network service.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from genaiops_assets.errors import Refused
from genaiops_assets.governance.release import pointer_problem, production_release
from genaiops_assets.lake import Lake
from genaiops_assets.models import (
    PROMPT_VERSION,
    TransformersGenerator,
    be_deterministic,
    load_model,
    load_tokenizer,
    messages,
    model_directory,
)
from genaiops_assets.retrieval import ANYTHING, Only, Passage, open_retriever, search_spec
from genaiops_assets.use_case import UseCase


@dataclass(frozen=True)
class Answer:
    question: str
    text: str
    passages: list[Passage]
    model_version: str
    released: bool
    seconds: float = 0.0  # of one question, where several were asked together their mean
    input_tokens: int | None = None
    output_tokens: int | None = None
    index_digest: str = ""

    def exchange(self, channel: str) -> dict[str, Any]:
        """As the log takes it."""
        return {
            "question": self.question,
            "answer": self.text,
            "passages": [p.id for p in self.passages],
            "channel": channel,
            "gen_ai_response_model": self.model_version,
            "gen_ai_usage_input_tokens": self.input_tokens,
            "gen_ai_usage_output_tokens": self.output_tokens,
            "gen_ai_client_operation_duration": round(self.seconds, 4),
            "index_digest": self.index_digest,
            "prompt_version": PROMPT_VERSION,
            "released": self.released,
        }


@dataclass(frozen=True)
class Choice:
    """Which model answers: the released version with the very checkpoint that was approved, else the newest, else the
    bare base model."""

    version: str | None
    released: bool
    checkpoint: str | None
    plan: str | None


def choose_version(lake: Lake, uc: UseCase) -> Choice:
    """Raises Refused when production pointer and ledger disagree: nothing is served then."""
    if problem := pointer_problem(lake, uc):
        raise Refused(f"{problem}; run genaiops verify")
    now = production_release(lake, uc)
    if now is not None:
        return Choice(now.model_version, True, now.digests["aligned_checkpoint"], now.digests["model_plan"])
    asset = uc.key("aligned_checkpoint")
    heads = [(lake.heads.get(asset, v), v) for v in lake.heads.partitions(asset)]
    newest = max(((h["at"], v, h["digest"]) for h, v in heads if h), default=None)
    if newest is None:
        return Choice(None, False, None, None)
    return Choice(newest[1], False, newest[2], lake.heads.digest(uc.key("model_plan"), newest[1]))


class Assistant:
    """Index, embedder and model of a use case, loaded once for many questions. Raises KeyError naming what to
    materialize, ValueError when embedder or base model are not those the index and the version were made with."""

    def __init__(self, lake: Lake, uc: UseCase, *, with_model: bool = True):
        self.uc = uc
        index = lake.current(uc.key("embeddings_index"))
        search = search_spec(lake, uc, index)
        embedder = search.embedder
        if index.json("index.json")["embedder"]["digest"] != embedder.digest:
            raise ValueError(
                f"{embedder.ref} by route {embedder.route} is not the embedder the index was made with: rebuild the "
                "index first"
            )
        self.index = index.digest
        self.retriever = open_retriever(lake.tables, search.to_dict(), cache=lake.cache, cpus=uc.compute.cpus)
        self.choice = choose_version(lake, uc)
        self.generator = self._generator(lake) if with_model else None

    def _generator(self, lake: Lake) -> TransformersGenerator:
        """The model as its plan has it, whatever the use case file says today."""
        uc, choice = self.uc, self.choice
        be_deterministic(uc.alignment.seed, uc.compute.cpus)
        ref, dtype, four_bits, adapter = uc.model.base, uc.model.dtype, uc.model.load_in_4bit, None
        wanted = None
        if choice.checkpoint and choice.plan:
            training = lake.artifacts.get(uc.key("model_plan"), choice.plan).json("plan.json")["training"]
            ref, wanted = training["base"]["ref"], training["base"]["digest"]
            dtype, four_bits = training["dtype"], training["load_in_4bit"]
            folder = lake.artifacts.get(uc.key("aligned_checkpoint"), choice.checkpoint).local("adapter")
            adapter = folder if folder.exists() else None
        base = lake.resolve(ref, uc.folder)
        if wanted not in (None, base.digest):
            raise ValueError(f"{ref} is not the base model of {choice.version} any more")
        directory = model_directory(base.path, base.digest, lake.cache)
        model = load_model(directory, dtype=dtype, load_in_4bit=four_bits, adapter=adapter)
        return TransformersGenerator(model, load_tokenizer(directory), batch_size=uc.evaluation.batch_size)

    def retrieve(self, questions: Sequence[str], only: Only = ANYTHING) -> list[list[Passage]]:
        return self.retriever.find(questions, self.uc.knowledge.top_k, only)

    def answer(self, questions: Sequence[str], only: Only = ANYTHING) -> list[Answer]:
        """Answers with their passages; without a model the answer is empty (retrieval only). `only`: which passages
        may be found."""
        began = time.perf_counter()
        found = self.retrieve(questions, only)
        prompts = [
            messages(q, [p.quoted for p in ps], self.uc.language) for q, ps in zip(questions, found, strict=True)
        ]
        texts = (
            self.generator.generate(prompts, self.uc.evaluation.max_new_tokens)
            if self.generator
            else [""] * len(questions)
        )
        seconds = (time.perf_counter() - began) / max(len(questions), 1)
        tokens = self.generator.tokens(prompts, texts) if self.generator else [(None, None)] * len(questions)
        version, released = self.choice.version or "base", self.choice.released
        told = zip(questions, texts, found, tokens, strict=True)
        return [Answer(q, t, ps, version, released, seconds, *count, self.index) for q, t, ps, count in told]

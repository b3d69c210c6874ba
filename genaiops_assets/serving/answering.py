"""Answering: a question to the production model (or the newest one) over the current index, with its sources.

Belongs here: retrieving, generating. Does not belong here: choosing the version (`served.py`), the log
(`interactions/`), a network service."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

from genaiops_assets.errors import Refused, Unusable
from genaiops_assets.governance.release import Bundle, index_for, refuse_revoked
from genaiops_assets.lake import Lake
from genaiops_assets.models import (
    BaseModelFiles,
    Messages,
    ModelSpec,
    Prompts,
    TransformersGenerator,
    be_deterministic,
    prompts_of,
)
from genaiops_assets.retrieval import ANYTHING, Only, Passage, open_retriever, search_spec
from genaiops_assets.serving.guardrails.base import Rule
from genaiops_assets.serving.guardrails.policy import GuardPolicy, guard_policy_of
from genaiops_assets.serving.guardrails.registry import Fired, Judged, judged, refuse_other_guards, rules_named
from genaiops_assets.serving.served import ServedVersion, choose_version
from genaiops_assets.serving.transparency.drawing import InGenerate, Watermark
from genaiops_assets.serving.transparency.watermark_keys import watermark_of
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
    prompt_version: str = ""  # of the prompts
    intervened: bool = False  # a rule changed the answer, or held it back
    held_back: str = ""  # why a rule did not let the question through to the model
    fired: tuple[Fired, ...] | None = None  # what rules did; None where no model answered and none was asked

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
            "prompt_version": self.prompt_version,
            "released": self.released,
            "rules": None if self.fired is None else [one.logged for one in self.fired],
        }


class Assistant:
    """Index, embedder and model of a use case, as the released bundle names them, loaded once for many questions.
    Raises KeyError naming what to materialize, Refused when the bundle does not verify, Unusable when embedder or base
    model are not those the index and the version were made with."""

    def __init__(self, lake: Lake, uc: UseCase, *, with_model: bool = True, choice: ServedVersion | None = None):
        self.uc = uc
        self.choice = choice or choose_version(lake, uc)
        if self.choice.version:
            refuse_revoked(lake, uc, self.choice.version)
        bundle = self.choice.bundle
        self.prompts = Prompts.model_validate(bundle.prompts["texts"]) if bundle else prompts_of(uc)
        self.top_k = bundle.search["top_k"] if bundle else uc.knowledge.top_k
        self.guards = bundle.guards if bundle else uc.serving.guards
        self.guard_policy = GuardPolicy.from_dict(bundle.guard_policy) if bundle else guard_policy_of(lake, uc)
        refuse_other_guards([rule.model_dump() for rule in bundle.guard_rules] if bundle else [])
        self.max_new_tokens = bundle.generation["max_new_tokens"] if bundle else uc.evaluation.max_new_tokens
        self.index_digest = index_for(lake, uc, bundle) if bundle else lake.heads.digest(uc.key("embeddings_index"))
        index = lake.artifacts.get(uc.key("embeddings_index"), self.index_digest)
        search = search_spec(lake, with_reranker_of(uc, bundle), index)
        if bundle and bundle.search.get("reranker_digest", "") != (search.reranker.digest if search.reranker else ""):
            raise Unusable(f"{bundle.search['reranker']} is not the reranker of {self.choice.version} any more")
        embedder = search.embedder
        if index.json("index.json")["embedder"]["digest"] != embedder.digest:
            raise Unusable(
                f"{embedder.ref} by route {embedder.route} is not the embedder the index was made with: rebuild the "
                "index first"
            )
        self.retriever = open_retriever(lake.tables, search.to_dict(), cache=lake.cache, cpus=uc.compute.cpus)
        self.watermark: Watermark | None = None
        self.generator = self._generator(lake) if with_model else None

    def _generator(self, lake: Lake) -> TransformersGenerator:
        """The model as its bundle has it, whatever the use case file says today."""
        uc, bundle = self.uc, self.choice.bundle
        be_deterministic(uc.alignment.seed, uc.compute.cpus)
        ref, four_bits, adapter = uc.model.base, uc.model.rounding, None
        dtype: Any = uc.model.dtype
        if bundle:
            ref, dtype, four_bits = bundle.base.ref, bundle.base.dtype, bundle.base.load_in_4bit
            folder = lake.artifacts.get(uc.key("aligned_checkpoint"), bundle.checkpoint.digest).local("adapter")
            adapter = str(folder) if folder.exists() else None
        base = lake.resolve(ref, uc.folder)
        if bundle and bundle.base.digest != base.digest:
            raise Unusable(f"{ref} is not the base model of {self.choice.version} any more")
        spec = ModelSpec(
            base=BaseModelFiles.model_validate(asdict(base)), adapter=adapter, dtype=dtype, load_in_4bit=four_bits
        )
        generator = spec.open(lake.cache, batch_size=uc.evaluation.batch_size)
        self.watermark = watermark_of(lake, uc, bundle)
        if self.watermark is not None:
            generator.marks = partial(InGenerate, self.watermark, pad=generator.tokenizer.pad_token_id)
        return generator

    def fitted(self, question: str, passages: list[Passage]) -> tuple[Messages, list[Passage]]:
        """The prompt of a question with as many passages as the model can read, the most relevant first. Raises Refused
        when the question alone is too long."""
        assert self.generator is not None
        room = self.generator.context_tokens - self.max_new_tokens
        for count in range(len(passages), -1, -1):
            prompt = self.prompts.messages(question, [p.quoted for p in passages[:count]])
            if self.generator.length(prompt) <= room:
                return prompt, passages[:count]
        raise Refused(
            f"the question is longer than the model can read ({self.generator.length(prompt)} tokens with the prompt, "
            f"{room} at most): ask it in fewer words"
        )

    def judged_question(self, question: str) -> Judged:
        """What the rules of the bundle make of a question; without a model that would read it they are not asked."""
        if not self.generator:
            return Judged(True, question)
        return judged("input", self._rules(), question, [], self.uc.language)

    def judged_answer(self, text: str, question: str, passages: list[Passage]) -> Judged:
        """An answer as the rules of the bundle let it through; the refusal of the use case where one holds it back."""
        shown = [p.quoted for p in passages]
        found = judged("output", self._rules(), text, shown, self.uc.language, question)
        return found if found.allowed else Judged(False, self.prompts.refusal, found.fired)

    def _rules(self) -> tuple[Rule, ...]:
        return rules_named(self.guards, self.guard_policy)

    def retrieve(self, questions: Sequence[str], only: Only = ANYTHING) -> list[list[Passage]]:
        return self.retriever.find(questions, self.top_k, only)

    def answer(self, questions: Sequence[str], only: Only = ANYTHING) -> list[Answer]:
        """Answers with their passages; without a model the answer is empty (retrieval only). A question that a rule
        holds back gets the refusal of the use case. `only`: which passages may be found."""
        found = [self.judged_question(question) for question in questions]
        allowed = [question for question, one in zip(questions, found, strict=True) if one.allowed]
        answered = iter(self._answered(allowed, only) if allowed else [])
        return [
            self._with_rules(next(answered), one) if one.allowed else self._refusal(question, one)
            for question, one in zip(questions, found, strict=True)
        ]

    @staticmethod
    def _with_rules(answer: Answer, of_question: Judged) -> Answer:
        """Rules that fired on the question stand before those that fired on the answer."""
        return answer if answer.fired is None else replace(answer, fired=(*of_question.fired, *answer.fired))

    def _refusal(self, question: str, found: Judged) -> Answer:
        about: dict[str, Any] = {"index_digest": self.index_digest, "prompt_version": self.prompts.version}
        version, released = self.choice.version or "base", self.choice.released
        about |= {"held_back": found.in_words(), "fired": found.fired}
        return Answer(question, self.prompts.refusal, [], version, released, intervened=True, **about)

    def _answered(self, questions: Sequence[str], only: Only) -> list[Answer]:
        began = time.perf_counter()
        found = self.retrieve(questions, only)
        texts = [""] * len(questions)
        tokens: Sequence[tuple[int | None, int | None]] = [(None, None)] * len(questions)
        changed = [False] * len(questions)
        fired: Sequence[tuple[Fired, ...] | None] = [None] * len(questions)
        if self.generator:
            fitted = [self.fitted(q, ps) for q, ps in zip(questions, found, strict=True)]
            prompts, found = [prompt for prompt, _ in fitted], [passages for _, passages in fitted]
            texts = self.generator.generate(prompts, self.max_new_tokens)
            said = texts
            after = [self.judged_answer(t, q, passages) for t, q, passages in zip(texts, questions, found, strict=True)]
            texts, fired = [one.text for one in after], [one.fired for one in after]
            changed = [before != after for before, after in zip(said, texts, strict=True)]
            tokens = self.generator.tokens(prompts, texts)
        seconds = (time.perf_counter() - began) / max(len(questions), 1)
        version, released = self.choice.version or "base", self.choice.released
        answers = zip(questions, texts, found, tokens, changed, fired, strict=True)
        about: dict[str, Any] = {"index_digest": self.index_digest, "prompt_version": self.prompts.version}
        return [
            Answer(q, t, ps, version, released, seconds, count[0], count[1], intervened=c, fired=f, **about)
            for q, t, ps, count, c, f in answers
        ]


def with_reranker_of(uc: UseCase, bundle: Bundle | None) -> UseCase:
    """The use case as the bundle searches, whatever its file says of the reranker today."""
    if bundle is None:
        return uc
    released: dict[str, Any] = {
        name: bundle.search[name] for name in ("reranker", "rerank_depth") if name in bundle.search
    }
    return uc.model_copy(update={"knowledge": uc.knowledge.model_copy(update=released)})

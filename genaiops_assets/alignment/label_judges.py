"""Judges that may label preferences beside those of `use_case.JUDGES`: nearness to the question, likelihood under the
base model, and a server that speaks OpenAI's chat API.

Belongs here: these judges and opening the one a use case names. Does not belong here: whether a judge may label
(`judging.py`)."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import Any

from genaiops_assets.evaluation import EndpointJudge as ServerJudge
from genaiops_assets.evaluation import Judge, Tools
from genaiops_assets.models import Prompts, TransformersGenerator, render, token_ids
from genaiops_assets.retrieval import Embedder
from genaiops_assets.use_case import JUDGES, JudgeSettings, Judging


class NearnessJudge:
    """Cosine of answer and question, brought to 0..1: on topic or not, and nothing else."""

    name, version = "nearness", "1"

    def __init__(self, embedder: Embedder):
        self.embedder = embedder

    def score(
        self, question: str, answer: str, *, reference: str | None = None, passages: Sequence[str] = ()
    ) -> float | None:
        if not answer.strip():
            return 0.0
        asked, said = self.embedder.encode_queries([question])[0], self.embedder.encode([answer])[0]
        return (1 + float(asked @ said)) / 2


class LikelihoodJudge:
    """How likely the base model finds an answer after question and passages: the geometric mean of the probabilities of
    its tokens."""

    name, version = "likelihood", "1"

    def __init__(self, generator: TransformersGenerator, prompts: Prompts):
        self.generator, self.prompts = generator, prompts

    def score(
        self, question: str, answer: str, *, reference: str | None = None, passages: Sequence[str] = ()
    ) -> float | None:
        """Abstains where nothing of the answer is a token of its own behind the prompt."""
        import torch

        model, tokenizer = self.generator.model, self.generator.tokenizer
        asked = self.prompts.messages(question, list(passages))
        before = token_ids(tokenizer, render(tokenizer, asked))
        said = [*asked, {"role": "assistant", "content": answer}]
        whole = token_ids(tokenizer, render(tokenizer, said, answered=True))
        begins = next((n for n, (a, b) in enumerate(zip(before, whole, strict=False)) if a != b), len(before))
        if not 0 < begins < len(whole):
            return None
        tokens = torch.tensor([whole], device=model.device)
        with torch.no_grad():
            logits = model(tokens).logits[0, begins - 1 : -1].float()
        each = logits.log_softmax(-1).gather(1, tokens[0, begins:, None])
        return math.exp(float(each.mean()))


class EndpointJudge:
    """The endpoint judge of an evaluation, shown question, answer and passages: `alignment.judging` names it."""

    name = "endpoint"

    def __init__(self, settings: Judging, language: str, *, wait: Callable[[float], Any] = time.sleep):
        self.version = f"1 {settings.model}"
        told = JudgeSettings(
            url=settings.url,
            model=settings.model,
            api_key_env=settings.api_key_env,
            sends=["question", "answer", "passages"],
        )
        asking = ServerJudge(wait=wait, field="alignment.judging")
        self._judge: Judge = asking.opened(Tools(language=language, settings=told))

    def score(
        self, question: str, answer: str, *, reference: str | None = None, passages: Sequence[str] = ()
    ) -> float | None:
        return self._judge.score(question, answer, passages=passages)


def open_judge(
    settings: Judging,
    *,
    language: str,
    embedder: Callable[[], Embedder],
    generator: Callable[[], TransformersGenerator],
    prompts: Prompts,
) -> Judge:
    """The judge that `alignment.judging.judge` names; models are opened only for a judge that needs them. Raises
    PluginError for an unknown name."""
    if settings.judge == NearnessJudge.name:
        return NearnessJudge(embedder())
    if settings.judge == LikelihoodJudge.name:
        return LikelihoodJudge(generator(), prompts)
    if settings.judge == EndpointJudge.name:
        return EndpointJudge(settings, language)
    return JUDGES.get(settings.judge)

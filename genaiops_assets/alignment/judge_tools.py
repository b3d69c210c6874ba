"""What the judges of an evaluation work with, opened when first used: embedding model, base model, reward model.

Belongs here: from files to the functions that judges are handed (`evaluation.Tools`). Does not belong here: judges
(`evaluation/judges`), or which files (an asset)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from genaiops_assets.alignment.reward_model import Asked as Rewarded
from genaiops_assets.alignment.reward_model import RewardModel, load
from genaiops_assets.evaluation import Asked, JudgeModels, OpenJudges, Tools, Unavailable, open_judges, row_of
from genaiops_assets.models import Likelihood, Messages, ModelSpec, Prompts, TransformersGenerator, render
from genaiops_assets.retrieval import Embedder, open_embedder
from genaiops_assets.use_case import Dtype, JudgeSettings, Rounding


class JudgeTools:
    """Tools for all judges of one work: each model is loaded once, and only for a judge that asks it."""

    def __init__(
        self,
        models: JudgeModels,
        settings: Mapping[str, JudgeSettings],
        *,
        language: str,
        prompts: Prompts,
        cache: Path,
        cpus: int = 1,
        dtype: Dtype = "float32",
        load_in_4bit: Rounding = False,
    ):
        self.models, self.settings, self.language, self.prompts = models, settings, language, prompts
        self.cache, self.cpus, self.dtype, self.load_in_4bit = cache, cpus, dtype, load_in_4bit

    def of(self, name: str) -> Tools:
        """The tools of one judge, with its settings and examples."""
        return Tools(
            language=self.language,
            settings=self.settings.get(name, JudgeSettings()),
            embed=self.embed,
            likelihoods=self.likelihoods,
            reward=self.reward,
            examples=[row_of(row) for row in self.models.examples.get(name, ())],
        )

    def embed(self, texts: Sequence[str]) -> Any:
        return self._embedder.encode(texts)

    def likelihoods(self, asked: Messages, ways: Sequence[str]) -> list[float]:
        generator = self._generator
        return Likelihood(generator.model, generator.tokenizer).of_continuations(
            render(generator.tokenizer, asked), ways, "a judge's question"
        )

    def reward(self, asked: Asked) -> float:
        return self._reward_model.rewards([Rewarded(asked.question, asked.passages, asked.answer)])[0]

    @cached_property
    def _embedder(self) -> Embedder:
        if self.models.embedder is None:
            raise Unavailable("there is no embedding model")
        return open_embedder(self.models.embedder, cache=self.cache, cpus=self.cpus)

    @cached_property
    def _generator(self) -> TransformersGenerator:
        if self.models.base is None:
            raise Unavailable("there is no base model")
        spec = ModelSpec(base=self.models.base, dtype=self.dtype, load_in_4bit=self.load_in_4bit)
        return spec.open(self.cache)

    @cached_property
    def _reward_model(self) -> RewardModel:
        if self.models.base is None or self.models.reward is None:
            raise Unavailable("there is no reward model")
        return load(self.models.base.directory(self.cache), self.models.reward, self.prompts)


def opened_judges(planned: Mapping[str, str], tools: JudgeTools, missing: Mapping[str, str]) -> OpenJudges:
    """Raises PayloadError where what is installed is not what was planned."""
    return open_judges(planned, tools.of, missing)

"""A model version as everything that uses it loads it.

Belongs here: the one description of what is loaded and the one function that loads it to speak. Does not belong here:
which version is chosen, or training."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from genaiops_assets.models.generating import TransformersGenerator
from genaiops_assets.models.local import load_model, load_tokenizer, model_directory
from genaiops_assets.use_case import Dtype, Rounding


class BaseModelFiles(BaseModel):
    """A resolved reference to a base model: where its files lie on this machine, and their digest."""

    model_config = ConfigDict(extra="ignore", frozen=True)
    ref: str = ""
    path: str
    digest: str

    def directory(self, cache: Path) -> Path:
        """The safetensors directory to load from; a GGUF file is converted once. Raises FileNotFoundError."""
        return model_directory(self.path, self.digest, cache)


class ModelSpec(BaseModel):
    """What is loaded: a base model, the local folder of a LoRA adapter or none, and the precision."""

    model_config = ConfigDict(frozen=True)
    base: BaseModelFiles
    adapter: str | None = None
    dtype: Dtype = "float32"
    load_in_4bit: Rounding = False

    @property
    def is_merged(self) -> bool:
        """Whether what answers is the base with the adapter merged into it, as `open` does it."""
        return self.adapter is not None and self.dtype == "float32" and not self.load_in_4bit

    def open(
        self, cache: Path, *, batch_size: int = 16, progress: Callable[[int, int], None] | None = None
    ) -> TransformersGenerator:
        """The version, ready to speak; `generator.model` and `generator.tokenizer` are what was loaded. Evaluation,
        answering, checks and pairs all come through here, so that what is judged is what is served.

        A float32 adapter is merged into its float32 base: the same words at the base model's speed. It is never merged
        into bfloat16 or 4-bit weights, which would round most of a small update away. Raises FileNotFoundError."""
        directory = self.base.directory(cache)
        model = load_model(directory, dtype=self.dtype, load_in_4bit=self.load_in_4bit, adapter=self.adapter)
        if self.is_merged and hasattr(model, "merge_and_unload"):  # a whole tuned model is merged already
            model = model.merge_and_unload()
        return TransformersGenerator(model, load_tokenizer(directory), batch_size=batch_size, progress=progress)

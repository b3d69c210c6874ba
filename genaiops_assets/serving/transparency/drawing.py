"""A watermark inside transformers: in `generate`, and in its continuous batching.

Belongs here: which row has which seed. Does not belong here: what a scheme does (`schemes.py`). In continuous batching
a plain processor sees one token of each row and no more (transformers 5.23), so the seeds are made from the requests
themselves, where the library hands them over, and travel as the whole numbers it has room for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from genaiops_assets.serving.transparency.hashing import free_seed, mark_seed
from genaiops_assets.serving.transparency.schemes import marked


@dataclass(frozen=True)
class Watermark:
    """`key`: of the release, secret; it shows in no text of this object."""

    scheme: str
    temperature: float
    key: bytes

    def __repr__(self) -> str:
        return f"Watermark({self.scheme}, temperature {self.temperature})"

    def seeds(self, prompt: Sequence[int], answer: Sequence[int]) -> tuple[int, int]:
        """(of the context, of all before)"""
        return mark_seed(self.key, answer), free_seed(self.key, [*prompt, *answer])


class InGenerate:
    """A logits processor for `generate`: rows are prompts of one width, padded on the left or within."""

    def __init__(self, watermark: Watermark, width: int, pad: int | None):
        self.watermark, self.width, self.pad = watermark, width, pad

    def __call__(self, input_ids: Any, scores: Any) -> Any:
        import torch

        rows = input_ids.tolist()
        made = [self.watermark.seeds(self._read(row[: self.width]), row[self.width :]) for row in rows]
        seeds = torch.tensor(made, dtype=torch.int64, device=scores.device)
        return marked(self.watermark.scheme, scores, seeds[:, 0], seeds[:, 1], self.watermark.temperature)

    def _read(self, prompt: list[int]) -> list[int]:
        return [token for token in prompt if token != self.pad]


def join_batches(manager: Any, watermark: Watermark) -> None:
    """Let the answers of a `ContinuousBatchingManager` that was not started bear the mark. The library draws greedily:
    what is drawn is already in the scores."""
    from transformers.generation.continuous_batching.cb_logits_processors import ContinuousBatchingLogitsProcessor

    class Seeds(ContinuousBatchingLogitsProcessor):
        """Hands on one of the two seeds of each request; the last in the list marks."""

        def __init__(self, which: int) -> None:
            self.which, self.held = which, None
            self.supported_kwargs, self.ignored_kwargs = {}, ()  # of a request: none

        def fill_defaults(self, int32_tensor: Any) -> None:
            int32_tensor.fill_(1 if self.which else 0)

        def prepare_tensor_args(self, requests_with_new_token: list[Any]) -> Any:
            import torch

            made = [watermark.seeds(*read_and_written(one.state))[self.which] for one in requests_with_new_token]
            return torch.tensor(made, dtype=torch.int32)

        def __call__(self, scores: Any, tensor_arg: Any) -> Any:
            self.held = tensor_arg[: scores.shape[0]]
            if not self.which:
                return scores
            return marked(watermark.scheme, scores, context.held, self.held, watermark.temperature)

    context, everything = Seeds(0), Seeds(1)
    processors = manager.logit_processor
    processors.logits_processor.extend([context, everything])
    processors.tensors_required += 2
    processors.do_processing = True


def read_and_written(state: Any) -> tuple[list[int], list[int]]:
    """Prompt and answer of a request. One that was put back for want of memory has the beginning of its answer in its
    prompt, and says how long the prompt was."""
    whole, prompt = list(state.initial_tokens), state._true_initial_tokens or len(state.initial_tokens)
    return whole[:prompt], [*whole[prompt:], *state.generated_tokens]

"""How many tokens a training reads.

Belongs here: the token sequences of a row and what a method does with each of them (training passes, passes under the
reference, generated answers). Does not belong here: operations (`flop.py`), memory and time (`estimate.py`)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from statistics import fmean
from typing import Any

from genaiops_assets.alignment.fitting import ANSWERS
from genaiops_assets.alignment.methods.base import Data, Method
from genaiops_assets.models import Prompts, render, token_ids

# Names under which methods that generate say how many answers they write to a prompt, and how long each may be.
ANSWERS_A_PROMPT, LONGEST_ANSWER = ("num_generations", "generations"), ("max_completion_length", "max_new_tokens")
WITHOUT_REFERENCE = ("sft", "reward", "distil")  # all others compare with a frozen model


@dataclass(frozen=True)
class Row:
    """The tokens of a training row: `prompt`, and each whole sequence that is trained on."""

    prompt: list[int]
    sequences: list[list[int]]

    @property
    def answers(self) -> list[int]:
        """Tokens of each answer."""
        return [len(sequence) - self.shared(sequence) for sequence in self.sequences]

    def shared(self, sequence: Sequence[int]) -> int:
        """Tokens of a sequence that are its prompt."""
        together = takewhile(lambda both: both[0] == both[1], zip(self.prompt, sequence, strict=False))
        return sum(1 for _ in together)


@dataclass(frozen=True)
class Reading:
    """What a whole training reads. `rows`: those it draws from; `drawn`: how many rows its steps take together, with
    repetition. `generated`: (answers a prompt, longest answer in tokens) of a method that writes its own answers."""

    rows: list[Row]
    drawn: int
    has_reference: bool
    generated: tuple[int, int] = (0, 0)

    @property
    def epochs(self) -> float:
        return self.drawn / len(self.rows)

    @property
    def passes(self) -> list[tuple[int, int]]:
        """(tokens, answer tokens) of each sequence of each row. Of answers that are yet to be written, the longest
        they may become."""
        answers, longest = self.generated
        if answers:
            return [(len(row.prompt) + longest, longest) for row in self.rows for _ in range(answers)]
        return [pair for row in self.rows for pair in zip(map(len, row.sequences), row.answers, strict=True)]

    @property
    def tokens(self) -> int:
        """Read in training, prompts too, all epochs."""
        return round(self.drawn * sum(tokens for tokens, _ in self.passes) / len(self.rows))

    @property
    def answer_tokens(self) -> int:
        """Tokens that are learned from, all epochs."""
        return round(self.drawn * sum(answer for _, answer in self.passes) / len(self.rows))

    @property
    def generated_tokens(self) -> int:
        return self.drawn * math.prod(self.generated)

    @property
    def mean_length(self) -> float:
        return fmean(tokens for tokens, _ in self.passes)


def row_of(pair: Mapping[str, Any], tokenizer: Any, data: Data, prompts: Prompts) -> Row:
    """The tokens of one row, as its method reads them."""
    asked = prompts.messages(pair["question"], pair["passages"])
    said = [[*asked, {"role": "assistant", "content": pair[name]}] for name in ANSWERS[data]]
    return Row(
        token_ids(tokenizer, render(tokenizer, asked)),
        [token_ids(tokenizer, render(tokenizer, whole, answered=True)) for whole in said],
    )


def reading_of(
    rows: Sequence[Mapping[str, Any]], tokenizer: Any, method: Method, config: Mapping[str, Any], prompts: Prompts
) -> Reading:
    """What a stage of a plan reads. `rows`: those that fit; `config`: the stage's own (`Training.stage`)."""
    settings = {**config, **config.get("settings", {}), **config.get(method.name, {})} if config else {}
    writes = method.data is Data.PROMPTS
    generated = (_first(settings, ANSWERS_A_PROMPT, 1), _first(settings, LONGEST_ANSWER, 64)) if writes else (0, 0)
    return Reading(
        rows=[row_of(row, tokenizer, method.data, prompts) for row in rows],
        drawn=int(config.get("steps", 1)) * int(config.get("batch_size", 1)),
        has_reference=method.name not in WITHOUT_REFERENCE,
        generated=generated,
    )


def _first(settings: Mapping[str, Any], names: Sequence[str], otherwise: int) -> int:
    return next((int(settings[name]) for name in names if settings.get(name)), otherwise)

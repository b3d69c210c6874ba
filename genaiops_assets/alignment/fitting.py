"""Which preference pairs a training can learn from: those that fit into `max_length`, and that hold a signal.

Belongs here: that choice and the count of what it leaves out. TRL itself leaves out prompts that are too long only; a
longer answer would lose its end, and its end token with it. Does not belong here: making pairs (`pairs.py`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from genaiops_assets.alignment.methods.base import Data
from genaiops_assets.errors import PayloadError
from genaiops_assets.models import Prompts, render, token_ids
from genaiops_assets.use_case import Origin

ANSWERS = {
    Data.PAIRS: ("chosen", "rejected"),
    Data.COMPLETIONS: ("chosen",),
    Data.UNPAIRED: ("answer",),
    Data.PROMPTS: (),
}


def learned_from(pairs: Sequence[dict[str, Any]], data: Data) -> list[dict[str, Any]]:
    """The pairs a method is given. One that imitates answers learns from what people wrote and asked, where there are
    demonstrations; sentences of the corpus under worded questions are a makeshift for these. One that compares answers
    needs both of them. One that is told of single answers whether people want them takes a pair apart: into two rows,
    or one where only a thumb up or down is known."""
    if data is Data.PAIRS:
        return [pair for pair in pairs if pair["chosen"] and pair["rejected"]]
    if data is Data.UNPAIRED:
        return [row for pair in pairs for row in unpaired(pair)]
    if data is Data.COMPLETIONS:
        pairs = [pair for pair in pairs if pair["chosen"]]
    if any(pair["origin"] == Origin.DEMONSTRATION for pair in pairs):
        return [pair for pair in pairs if pair["origin"] != Origin.CORPUS]
    return list(pairs)


def unpaired(pair: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The answers of a pair, each by itself: {question, passages, answer, desirable}."""
    asked = {"question": pair["question"], "passages": pair["passages"]}
    for name, desirable in (("chosen", True), ("rejected", False)):
        if pair[name]:
            yield {**asked, "answer": pair[name], "desirable": desirable}


@dataclass(frozen=True)
class Fitting:
    """Pairs to train on, and how many were left out: whole pairs, no answer is ever cut. `longest`: tokens of the
    longest prompt with an answer that there is."""

    rows: list[dict[str, Any]]
    too_long: int
    without_signal: int
    longest: int
    held_out: int = 0  # kept from the training, to be measured on

    def left_out(self) -> dict[str, int]:
        kept = {"held_out": self.held_out} if self.held_out else {}
        return {"too_long": self.too_long, "without_signal": self.without_signal} | kept


def choose_fitting(
    pairs: Sequence[dict[str, Any]],
    tokenizer: Any,
    data: Data,
    *,
    prompts: Prompts,
    max_length: int | None,
    room: int = 0,
) -> Fitting:
    """The pairs whose prompt with each answer the method reads is at most `max_length` tokens (None: any length) and,
    for a method that compares two answers, whose answers differ in their tokens. `room`: tokens that a method which
    writes answers itself needs behind a prompt. Raises PayloadError when none is left, saying why."""
    if not pairs:
        raise PayloadError(
            "there are no preference pairs to train on: lower alignment.pairs.min_margin or add feedback"
        )
    rows: list[dict[str, Any]] = []
    too_long = without_signal = longest = 0
    for pair in pairs:
        sequences = list(_sequences(pair, tokenizer, data, prompts))
        needed = max(map(len, sequences)) + room
        longest = max(longest, needed)
        if max_length is not None and needed > max_length:
            too_long += 1
        elif data is Data.PAIRS and sequences[0] == sequences[1]:
            without_signal += 1
        else:
            rows.append(pair)
    found = Fitting(rows, too_long, without_signal, longest)
    if not rows:
        raise PayloadError(_nothing_left(found, max_length))
    return found


def _sequences(pair: dict[str, Any], tokenizer: Any, data: Data, prompts: Prompts) -> Iterator[list[int]]:
    prompt = prompts.messages(pair["question"], pair["passages"])
    if not ANSWERS[data]:
        yield token_ids(tokenizer, render(tokenizer, prompt))
    for name in ANSWERS[data]:
        whole = [*prompt, {"role": "assistant", "content": pair[name]}]
        yield token_ids(tokenizer, render(tokenizer, whole, answered=True))


def _nothing_left(found: Fitting, max_length: int | None) -> str:
    why = [f"{found.too_long} are longer than alignment.max_length = {max_length} tokens"] if found.too_long else []
    why += [f"{found.without_signal} have equal answers"] if found.without_signal else []
    way_out = (
        f"raise alignment.max_length (the longest has {found.longest} tokens) or show fewer passages "
        "(alignment.pairs.passages)"
        if found.too_long
        else "add feedback, or raise alignment.pairs.min_margin and make the pairs again"
    )
    return f"no preference pair is left to train on: {' and '.join(why)}; {way_out}"

"""Pairs of answers: our own form, TRL's three, OpenAI's, HH's transcripts and conversations in ShareGPT's words.

Belongs here: rows that hold a better and a worse answer themselves. Does not belong here: ratings
(`ratings.py`), exports of annotation tools (`exports.py`).
Sources: TRL documentation, "Dataset formats and types"; OpenAI API reference, FineTunePreferenceRequestInput; the data
card of Anthropic's hh-rlhf; LLaMA-Factory, `data/README.md`, preference data sets."""

from __future__ import annotations

import re
from typing import Any

from genaiops_assets.alignment.shapes.base import (
    ASSISTANT,
    USER,
    Row,
    Said,
    Turn,
    Unusable,
    answer_of,
    question_of,
    reviewer_of,
    text,
    turns,
)

_SPEAKER = re.compile(r"(?:^|\n\n)(Human|Assistant):")


def ours(row: Row) -> list[Said]:
    """{question, chosen, rejected, reviewer}, all of them text; `shown_first` may say chosen or rejected."""
    question, chosen, rejected, reviewer = (text(row, name) for name in ("question", "chosen", "rejected", "reviewer"))
    first = row.get("shown_first", "")
    if first not in ("", "chosen", "rejected"):
        raise Unusable("shown_first", f"expected chosen or rejected, found {first!r}")
    return [Said(question, chosen, rejected, reviewer, first)]


def trl(row: Row) -> list[Said]:
    """{prompt, chosen, rejected}: each text, or a list of messages; without a prompt, or with one that the messages
    repeat, chosen and rejected hold the whole conversation."""
    reviewer = reviewer_of(row)
    if isinstance(row.get("chosen"), list) or isinstance(row.get("rejected"), list):
        return [Said(*_conversations(row), reviewer)]
    if "prompt" not in row:
        raise Unusable("prompt", "expected text: what chosen and rejected answer is not told")
    prompt = row["prompt"]
    question = question_of(turns(prompt, "prompt"), "prompt") if isinstance(prompt, list) else text(row, "prompt")
    return [Said(question, text(row, "chosen"), text(row, "rejected"), reviewer)]


def _conversations(row: Row) -> tuple[str, str, str]:
    chosen, rejected = (turns(row.get(name), name) for name in ("chosen", "rejected"))
    if not chosen or not rejected:
        raise Unusable("rejected" if chosen else "chosen", "expected a turn of the assistant")
    begun = chosen[:-1]
    if begun != rejected[:-1]:
        raise Unusable("rejected", "its conversation is not that of chosen before the last turn")
    if not begun:
        prompt = row.get("prompt")
        if isinstance(prompt, str) and prompt.strip():
            begun = [Turn(USER, prompt.strip())]
        else:
            begun = turns(prompt, "prompt")
    return question_of(begun, "prompt"), answer_of(chosen[-1:], "chosen"), answer_of(rejected[-1:], "rejected")


def share_gpt(row: Row) -> list[Said]:
    """{conversations, chosen, rejected}: the first a list of messages, the others one message each."""
    question = question_of(turns(row["conversations"], "conversations"), "conversations")
    chosen, rejected = (answer_of(turns([row.get(name)], name), name) for name in ("chosen", "rejected"))
    return [Said(question, chosen, rejected, reviewer_of(row))]


def open_ai(row: Row) -> list[Said]:
    """{input: {messages}, preferred_output, non_preferred_output}: lists of messages."""
    given: Any = row.get("input")
    messages = given.get("messages") if isinstance(given, dict) else None
    question = question_of(turns(messages, "input.messages"), "input.messages")
    better, worse = (answer_of(turns(row.get(n), n), n) for n in ("preferred_output", "non_preferred_output"))
    return [Said(question, better, worse, reviewer_of(row))]


def transcripts(row: Row) -> list[Said]:
    """{chosen, rejected}: whole transcripts, each turn after a blank line and "Human:" or "Assistant:"."""
    chosen, rejected = (_transcript(text(row, name), name) for name in ("chosen", "rejected"))
    if chosen[:-1] != rejected[:-1]:
        raise Unusable("rejected", "its conversation is not that of chosen before the last turn")
    answers = (answer_of(chosen[-1:], "chosen"), answer_of(rejected[-1:], "rejected"))
    return [Said(question_of(chosen[:-1], "chosen"), *answers, reviewer_of(row))]


def is_transcript(value: Any) -> bool:
    return isinstance(value, str) and bool(_SPEAKER.match(value)) and "\n\nAssistant:" in value


def _transcript(value: str, field: str) -> list[Turn]:
    before, *parts = _SPEAKER.split(value)
    if before.strip() or not parts:
        raise Unusable(field, "expected a transcript that begins with 'Human:'")
    said = [
        Turn(USER if who == "Human" else ASSISTANT, what.strip())
        for who, what in zip(parts[::2], parts[1::2], strict=True)
    ]
    if not all(turn.text for turn in said):
        raise Unusable(field, "a turn without text")
    return said

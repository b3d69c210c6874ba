"""The rule by which a model answers a question with four options: it holds one of them likeliest.

Belongs here: how such a question is put, and when it counts as right. Does not belong here: the questions
(`packaged.py`), a model reading them (payloads)."""

from __future__ import annotations

from collections.abc import Sequence

from genaiops_assets.evaluation.losses.packaged import Choice

ASKED = {"en": ("Question: {}\nAnswer:", " "), "zh": ("问题：{}\n答案：", "")}  # and what stands before an option


def asked_as(choice: Choice, language: str) -> tuple[str, tuple[str, ...]]:
    """(what a model reads, each way it may go on)."""
    asked, before = ASKED[language]
    return asked.format(choice.question), tuple(before + option for option in choice.options)


def is_likeliest(sums: Sequence[float], options: Sequence[str]) -> bool:
    """Whether the first option, the right one, is likelier per byte than every other; a tie counts as wrong. `sums`:
    log probability of each. Source: `acc_norm` of EleutherAI's lm-evaluation-harness, which divides by the length of
    the option's text."""
    per_byte = [total / len(option.encode()) for total, option in zip(sums, options, strict=True)]
    return per_byte[0] > max(per_byte[1:])

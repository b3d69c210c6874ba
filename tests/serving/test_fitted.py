"""A prompt that the model cannot read whole loses its last passages first; a question too long by itself is refused."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from genaiops_assets.errors import Refused
from genaiops_assets.models import packaged_prompts
from genaiops_assets.serving import Assistant

PASSAGES = [SimpleNamespace(quoted=f"passage {n} " + "x" * 400) for n in range(4)]


def assistant(context_tokens: int) -> Assistant:
    """An assistant whose model counts a token a character; nothing is loaded."""
    found = Assistant.__new__(Assistant)
    found.prompts, found.max_new_tokens = packaged_prompts("en"), 50
    length = lambda prompt: sum(len(message["content"]) for message in prompt)  # noqa: E731
    found.generator = SimpleNamespace(context_tokens=context_tokens, length=length)  # type: ignore[assignment]
    return found


def test_all_passages_are_read_where_there_is_room() -> None:
    _, kept = assistant(10_000).fitted("What?", PASSAGES)  # type: ignore[arg-type]
    assert kept == PASSAGES


def test_the_least_relevant_passages_go_first() -> None:
    prompt, kept = assistant(1_500).fitted("What?", PASSAGES)  # type: ignore[arg-type]
    assert 0 < len(kept) < 4 and kept == PASSAGES[: len(kept)]
    assert kept[-1].quoted in prompt[-1]["content"] and PASSAGES[3].quoted not in prompt[-1]["content"]


def test_a_question_longer_than_the_model_reads_is_refused_with_the_numbers() -> None:
    with pytest.raises(Refused, match=r"longer than the model can read \(\d+ tokens with the prompt, 950 at most\)"):
        assistant(1_000).fitted("why " * 400, PASSAGES)  # type: ignore[arg-type]

"""Generation with the real model: reading what prompts share once changes no answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from genaiops_assets.models import (
    TransformersGenerator,
    be_deterministic,
    generating,
    load_model,
    load_tokenizer,
    messages,
)

pytestmark = [pytest.mark.model, pytest.mark.timeout(300)]


def test_a_shared_prefix_changes_no_answer(smoke_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = next((smoke_home / "cache/models").iterdir())
    be_deterministic(17, 2)
    generator = TransformersGenerator(load_model(directory), load_tokenizer(directory), batch_size=3)
    questions = [
        "What does a card cost?",
        "How long does a transfer to another bank take on a weekend?",
        "银行几点开门？",
        "Who?",
    ]
    prompts = [messages(q, ["A card costs $5.00 a year."], "en") for q in questions]
    shared = generator.generate(prompts, 16)
    monkeypatch.setattr(generating, "WORTHWHILE", 10**9)
    assert generator.generate(prompts, 16) == shared
    assert all(shared)


def test_the_base_model_loads_in_four_bits_by_one_switch(smoke_home: Path) -> None:
    directory = next((smoke_home / "cache/models").iterdir())
    be_deterministic(17, 2)
    model = load_model(directory, load_in_4bit=True)
    assert model.is_loaded_in_4bit and model.get_memory_footprint() < 200e6
    prompt = messages("What does a card cost?", ["A card costs $5.00 a year."], "en")
    assert TransformersGenerator(model, load_tokenizer(directory)).generate([prompt], 8)[0]

"""Engines answer as `transformers.generate` does for one prompt at a time; what cannot be is refused by name."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.errors import Unusable
from genaiops_assets.models import (
    TransformersGenerator,
    load_model,
    load_tokenizer,
    messages,
    render,
    token_ids,
    with_engine,
)
from genaiops_assets.models import generating as module
from genaiops_assets.models.generating import within
from tests.support.tiny_model import tiny_model

needs_openvino = pytest.mark.skipif(find_spec("openvino_genai") is None, reason="the extra openvino is not installed")
ASKED = [
    messages("What?", ["A card costs $5."], "en"),
    messages("Who pays it, and when does the bank ask for it?", ["A card costs $5.", "Cash costs $2 abroad."], "en"),
    messages("要多少钱？", ["补办一张卡需要5元。"], "en"),
    messages("Why?", ["A card costs $5. " * 12], "en"),
]


@pytest.fixture(scope="module")
def speaker(tmp_path_factory: pytest.TempPathFactory) -> TransformersGenerator:
    folder = tiny_model(tmp_path_factory.mktemp("model"))
    return TransformersGenerator(load_model(folder), load_tokenizer(folder), batch_size=2)


def one_by_one(speaker: TransformersGenerator, new: int) -> list[str]:
    """What plain `generate` says to each prompt alone, with nothing of ours."""
    import torch

    found = []
    for prompt in ASKED:
        ids = torch.tensor([token_ids(speaker.tokenizer, render(speaker.tokenizer, prompt))])
        pad = speaker.tokenizer.pad_token_id
        made = speaker.model.generate(input_ids=ids, max_new_tokens=new, do_sample=False, pad_token_id=pad)
        found.append(speaker.tokenizer.decode(made[0, ids.shape[1] :], skip_special_tokens=True).strip())
    return found


@pytest.mark.parametrize("held", [1, 3 * 2**29], ids=["groups of batch_size", "one group"])
@pytest.mark.parametrize("read", [1, 200, 10_000], ids=["one at a time", "a few", "all at once"])
def test_prompts_read_apart_and_answered_together_say_what_each_says_alone(
    speaker: TransformersGenerator, monkeypatch: pytest.MonkeyPatch, held: int, read: int
) -> None:
    monkeypatch.setattr(module, "HELD", held)
    monkeypatch.setattr(module, "READ_TOGETHER", read)
    assert speaker.generate(ASKED, 12) == one_by_one(speaker, 12)


def test_prompts_without_a_shared_beginning_and_of_one_token_are_answered_too(speaker: TransformersGenerator) -> None:
    bare: Any = [[{"role": "user", "content": "a"}], [{"role": "user", "content": "你好" * 30}]]
    alone = [speaker.generate([prompt], 8)[0] for prompt in bare]
    assert speaker.generate(bare, 8) == alone


def test_neighbours_are_read_together_up_to_a_limit_of_padded_tokens() -> None:
    assert within([2, 3, 3, 9, 1], 9) == [slice(0, 3), slice(3, 4), slice(4, 5)]
    assert within([50], 9) == [slice(0, 1)] and within([], 9) == []


@needs_openvino
def test_openvino_in_float32_says_the_same_words_and_goes_on_where_a_killed_run_stopped(
    speaker: TransformersGenerator,
) -> None:
    engine = with_engine(speaker, "openvino")
    kept: dict[int, str] = {}
    answers = engine.generate(ASKED, 12, made=kept.update)
    assert answers == one_by_one(speaker, 12) == [kept[i] for i in range(len(ASKED))]
    assert engine.generate(ASKED, 12) == answers  # the same numbers twice
    assert engine.generate(ASKED, 12, known=dict(enumerate("abcd"))) == list("abcd")
    assert engine.generate([], 12) == []
    assert sys.modules["openvino_telemetry"] is None  # nothing can be sent


def test_an_engine_that_is_not_installed_is_named_with_what_to_install(
    speaker: TransformersGenerator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "openvino_genai", None)
    with pytest.raises(Unusable, match=r"evaluation\.engine .*genaiops-assets\[openvino\]"):
        with_engine(speaker, "openvino")


@needs_openvino
def test_weights_that_openvino_would_round_are_refused(tmp_path: Path) -> None:
    folder = tiny_model(tmp_path)
    rough = TransformersGenerator(load_model(folder, dtype="bfloat16"), load_tokenizer(folder))
    with pytest.raises(Unusable, match="float32 weights"):
        with_engine(rough, "openvino")
    assert with_engine(rough, "transformers") is rough

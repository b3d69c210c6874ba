"""Likelihoods by a real model of two layers: the same as computed plainly, and refused where they are no number."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.models import Likelihood, NotFinite, load_model, load_tokenizer, token_ids
from tests.support.tiny_model import tiny_model

pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Any]:
    folder = tiny_model(tmp_path_factory.mktemp("tiny"))
    return load_model(folder), load_tokenizer(folder)


def plainly(model: Any, tokens: list[int], begins: int) -> float:
    """The sum over the tokens from `begins` on, without a cache."""
    import torch

    with torch.inference_mode():
        logits = model(torch.tensor([tokens])).logits[0].double().log_softmax(-1)
    return float(sum(logits[place - 1, tokens[place]] for place in range(begins, len(tokens))))


def test_a_text_is_read_behind_the_token_that_begins_one(loaded: tuple[Any, Any]) -> None:
    model, tokenizer = loaded
    tokens = token_ids(tokenizer, "It costs five dollars.")
    found = Likelihood(model, tokenizer).of_text("It costs five dollars.", "a text")
    assert found == pytest.approx(plainly(model, [tokenizer.eos_token_id, *tokens], 1), rel=1e-5)


@pytest.mark.parametrize("ways", [[" five", " a lot of dollars and more"], ["5"], [" a", " b", " c"]])
def test_each_way_a_text_may_go_on_is_as_likely_as_when_read_alone(loaded: tuple[Any, Any], ways: list[str]) -> None:
    model, tokenizer = loaded
    begin, asked = [tokenizer.eos_token_id], token_ids(tokenizer, "What does it cost?")
    found = Likelihood(model, tokenizer).of_continuations("What does it cost?", ways, "a question")
    for way, said in zip(ways, found, strict=True):
        whole = token_ids(tokenizer, "What does it cost?" + way)
        assert whole[: len(asked)] == asked
        assert said == pytest.approx(plainly(model, begin + whole, 1 + len(asked)), rel=1e-5)
    assert found == Likelihood(model, tokenizer).of_continuations("What does it cost?", ways, "a question")


def test_a_model_that_gives_no_numbers_is_refused_by_name(tmp_path: Path) -> None:
    folder = tiny_model(tmp_path / "m")
    model, tokenizer = load_model(folder), load_tokenizer(folder)
    model.lm_head.weight.data[5] = float("nan")
    with pytest.raises(NotFinite, match=r"tuned model, question knowledge-1: the model gives a likelihood"):
        Likelihood(model, tokenizer).of_continuations("Who?", [" a", " b"], "tuned model, question knowledge-1")


READINGS = [("What does it cost?", [" five", " a lot of dollars and more"]), ("", ["It is free.", "It is not."]), ("A", [" b"])] * 40  # fmt: skip


def test_many_readings_together_say_what_each_says_alone(loaded: tuple[Any, Any]) -> None:
    likely = Likelihood(*loaded)
    found = likely.of_readings(READINGS, "readings")
    for (text, ways), said in zip(READINGS, found, strict=True):
        assert said == pytest.approx(likely.of_continuations(text, ways, "one"), rel=1e-4)
    assert found == likely.of_readings(READINGS, "readings")


def test_a_reading_that_was_killed_goes_on_and_ends_with_the_same_numbers(loaded: tuple[Any, Any]) -> None:
    likely, batches = Likelihood(*loaded), []  # type: ignore[var-annotated]
    whole = likely.of_readings(READINGS, "readings", made=batches.append)
    assert len(batches) > 2
    rest: list[Any] = []
    known = batches[0] | batches[1]
    assert likely.of_readings(READINGS, "readings", known=known, made=rest.append) == whole
    assert len(rest) == len(batches) - 2

"""The engine in the gateway's process: greedy answers as everywhere else, while others come and go. A tiny real model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from genaiops_assets.models import Messages, TransformersGenerator, load_model, load_tokenizer, messages
from genaiops_assets.serving.gateway.asked import Asked
from genaiops_assets.serving.gateway.engines import Piece, Wish
from genaiops_assets.serving.gateway.problems import Problem
from genaiops_assets.serving.gateway.transformers_engine import TransformersEngine
from tests.support.tiny_model import tiny_model

PROMPTS = [messages(f"What does number {n} cost?", ["It costs 5 dollars a month."] * (n % 4), "en") for n in range(8)]


@pytest.fixture(scope="module")
def generator(tmp_path_factory: pytest.TempPathFactory) -> TransformersGenerator:
    folder: Path = tiny_model(tmp_path_factory.mktemp("model"))
    return TransformersGenerator(load_model(folder), load_tokenizer(folder))


@pytest.fixture
def engine(generator: TransformersGenerator) -> Iterator[TransformersEngine]:
    made = TransformersEngine(generator, 8)
    yield made
    asyncio.run(made.close())


async def collected(pieces: AsyncIterator[Piece]) -> tuple[str, Piece, int]:
    """(text, the last piece, how many pieces had text)"""
    found = [piece async for piece in pieces]
    return "".join(p.text for p in found), found[-1], sum(bool(p.text) for p in found)


async def together(engine: TransformersEngine, prompts: list[Messages], wish: Wish) -> list[tuple[str, Piece, int]]:
    return await asyncio.gather(*(collected(engine.answer(prompt, wish)) for prompt in prompts))


def test_answers_are_those_of_the_evaluation_whoever_asks_at_the_same_time(
    generator: TransformersGenerator, engine: TransformersEngine
) -> None:
    found = asyncio.run(together(engine, PROMPTS, Wish(20)))
    assert [text for text, _, _ in found] == generator.generate(PROMPTS, 20)
    for (_, last, parts), prompt in zip(found, PROMPTS, strict=True):
        assert last.finish in ("stop", "length") and last.read == generator.length(prompt) and parts > 1
        assert (last.finish == "length") is (last.written == 20)


def test_one_who_leaves_does_not_disturb_the_others(
    generator: TransformersGenerator, engine: TransformersEngine
) -> None:
    async def one_leaves() -> list[tuple[str, Piece, int]]:
        left = engine.answer(PROMPTS[0], Wish(4000))
        await anext(left)
        others = asyncio.create_task(together(engine, PROMPTS[1:], Wish(20)))
        await left.aclose()  # type: ignore[attr-defined]
        return await others

    found = asyncio.run(one_leaves())
    assert [text for text, _, _ in found] == generator.generate(PROMPTS[1:], 20)
    assert engine._batches.output_router.result_handlers == {}


def test_a_stop_text_of_one_ends_its_answer_alone(generator: TransformersGenerator, engine: TransformersEngine) -> None:
    whole = generator.generate(PROMPTS[:2], 20)
    middle = whole[0][5:8]

    async def both() -> list[tuple[str, Piece, int]]:
        wishes = [Wish(20, stop=(middle,)), Wish(20)]
        return await asyncio.gather(
            *(collected(engine.answer(p, w)) for p, w in zip(PROMPTS[:2], wishes, strict=True))
        )  # fmt: skip

    (cut, last, _), (other, _, _) = asyncio.run(both())
    assert cut == whole[0][: whole[0].index(middle)] and last.finish == "stop" and other == whole[1]


def test_what_the_library_would_not_keep_apart_is_refused(engine: TransformersEngine) -> None:
    engine.refuse(Asked("m", "What?", [], temperature=0.0, seed=5))
    with pytest.raises(Problem, match="temperature: this release answers as it was judged, greedily"):
        engine.refuse(Asked("m", "What?", [], temperature=0.7))


def test_a_prompt_longer_than_its_cache_is_known_before(engine: TransformersEngine) -> None:
    assert engine.context_tokens == 4096, "of the tiny model, since its keys and values are small"

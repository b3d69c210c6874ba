"""Watermarks: found with tokenizer and key alone, by nobody else's key, whatever stood beside them in the batch."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from genaiops_assets.lake import Lake
from genaiops_assets.models import Messages, TransformersGenerator, load_model, load_tokenizer, messages
from genaiops_assets.serving.gateway.engines import Wish
from genaiops_assets.serving.gateway.transformers_engine import TransformersEngine
from genaiops_assets.serving.transparency.detecting import Mark, detect_watermark
from genaiops_assets.serving.transparency.drawing import InGenerate, Watermark
from genaiops_assets.serving.transparency.hashing import UNMARKED, fresh_places, mark_seed, numbers, seed_of
from genaiops_assets.serving.transparency.schemes import SCHEMES, counted
from genaiops_assets.serving.transparency.watermark_keys import SECRET, key_id, version_key
from tests.support.tiny_model import tiny_model

KEY = bytes(range(32))
KNOWN, KNOWN_SEED = [2659080849, 4164457721, 366935811], 1280858090
PROMPTS = [messages(f"What does number {n} cost?", ["It costs 5 dollars."] * (n % 3), "en") for n in range(4)]


@pytest.fixture(scope="module")
def generator(tmp_path_factory: pytest.TempPathFactory) -> TransformersGenerator:
    folder = tiny_model(tmp_path_factory.mktemp("model"))
    return TransformersGenerator(load_model(folder), load_tokenizer(folder))


def written(
    generator: TransformersGenerator, watermark: Watermark, prompts: Sequence[Messages], most: int
) -> list[str]:
    pad = generator.tokenizer.pad_token_id
    generator.marks = lambda width: InGenerate(watermark, width, pad)
    try:
        return generator.generate(prompts, most)
    finally:
        generator.marks = None


def drawn(scheme: str, key: bytes, count: int, temperature: float = 1.0) -> list[int]:
    """Token ids of a text whose model finds 200 words equally likely; without text between, so that edits are ours."""
    import torch

    watermark, tokens = Watermark(scheme, temperature, key), list[int]()
    processor = InGenerate(watermark, 1, None)
    for _ in range(count):
        scores = processor(torch.tensor([[7, *tokens]]), torch.zeros((1, 200)))
        tokens.append(int(scores.argmax()))
    return tokens


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_mark_is_found_by_its_key_alone_and_outlives_edits(scheme: str) -> None:
    tokens = drawn(scheme, KEY, 200)
    assert counted(scheme, KEY, tokens).p < 1e-10
    assert counted(scheme, bytes(32), tokens).p > 1e-4
    rng = random.Random(1)
    edited = [rng.randrange(200) if rng.random() < 0.1 else token for token in tokens]
    assert counted(scheme, KEY, edited).p < 1e-3


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_stated_chance_is_that_of_unmarked_texts(scheme: str) -> None:
    """Words of a real distribution with its repeats: at 1 % and 10 %, no more than that, by an exact bound."""
    from scipy import stats

    rng = np.random.default_rng(5)
    texts = [rng.zipf(1.4, 150) % 500 for _ in range(600)]
    found = np.array([counted(scheme, seed_bytes(n), list(map(int, text))).p for n, text in enumerate(texts)])
    for level in (0.01, 0.1):
        assert stats.binomtest(int((found <= level).sum()), len(found), level, alternative="greater").pvalue > 1e-4


def seed_bytes(n: int) -> bytes:
    return n.to_bytes(32, "big")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_answers_to_different_questions_begin_differently(scheme: str) -> None:
    """transformers' own SynthID class draws the first token of all answers alike."""
    import torch

    processor = InGenerate(Watermark(scheme, 1.0, KEY), 1, None)
    begun = processor(torch.arange(200)[:, None], torch.zeros((200, 64))).argmax(1)
    assert len(set(begun.tolist())) > 50


def test_a_refrain_counts_once() -> None:
    refrain = [1, 2, 3, 4] * 50
    assert len(list(fresh_places(refrain))) == 4
    assert all(counted(scheme, KEY, refrain).places == 4 for scheme in SCHEMES)
    assert mark_seed(KEY, [1, 2, 3, 1, 2]) == UNMARKED != mark_seed(KEY, [1, 2, 3, 4, 2])
    assert mark_seed(KEY, [1]) == UNMARKED


def test_numbers_are_the_same_in_numpy_and_torch_and_stay_as_they_are() -> None:
    import torch

    seeds, tokens = np.array([[1], [2**31 - 1]]), np.arange(50_000)[None, :]
    ours = numbers(seeds, tokens)
    theirs = numbers(torch.tensor(seeds), torch.tensor(tokens))
    assert (ours == theirs.numpy()).all() and ours.min() >= 0 and ours.max() < 2**32
    assert abs(ours.mean() / 2**32 - 0.5) < 0.005
    assert numbers(np.array([7]), np.array([0, 1, 49_151])).tolist() == KNOWN
    assert seed_of(KEY, [5, 6]) == KNOWN_SEED, "another seed loses the mark of every answer that was given"


@pytest.mark.parametrize(("scheme", "temperature"), [("kgw", 0.0), ("kgw", 1.0), ("synthid", 1.0), ("gumbel", 1.0)])
def test_answers_in_continuous_batches_are_those_of_generate_and_bear_the_mark(
    generator: TransformersGenerator, scheme: str, temperature: float
) -> None:
    watermark = Watermark(scheme, temperature, KEY)
    alone = [written(generator, watermark, [prompt], 60)[0] for prompt in PROMPTS]
    assert written(generator, watermark, PROMPTS, 60) == alone, "company in the batch changes no answer"
    engine = TransformersEngine(generator, 4, watermark)
    try:
        served = asyncio.run(all_of(engine, 60))
    finally:
        asyncio.run(engine.close())
    assert served == alone
    encode = lambda text: generator.tokenizer(text, add_special_tokens=False)["input_ids"]  # noqa: E731
    text = " ".join(served)
    assert detect_watermark(text, [Mark("mv-1", watermark, encode)]).verdict == "found"
    other = Watermark(scheme, temperature, bytes(32))
    assert detect_watermark(text, [Mark("mv-2", other, encode)]).verdict != "found"


async def all_of(engine: TransformersEngine, most: int) -> list[str]:
    async def one(prompt: Messages) -> str:
        return "".join([piece.text async for piece in engine.answer(prompt, Wish(most))])

    return list(await asyncio.gather(*map(one, PROMPTS)))


def test_short_texts_and_many_keys_are_judged_honestly() -> None:
    marks = [
        Mark(f"mv-{n}", Watermark("gumbel", 1.0, seed_bytes(n)), lambda text: list(map(ord, text))) for n in range(5)
    ]
    short = detect_watermark("二十个字太短，无法判断。", marks)
    assert short.verdict == "too_short" and short.tried == 5
    assert short.p == min(1.0, 5 * short.counted.p)
    assert detect_watermark("".join(chr(300 + n * n % 997) for n in range(300)), marks).verdict == "none"
    with pytest.raises(ValueError, match="no mark to try"):
        detect_watermark("text", [])


def test_each_version_has_a_key_and_the_secret_is_the_owners(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    one, other = version_key(lake, "shop", "mv-1"), version_key(lake, "shop", "mv-2")
    assert one != other and one == version_key(lake, "shop", "mv-1") and len(one) == 32
    assert (lake.home / SECRET).stat().st_mode & 0o777 == 0o600
    assert key_id(one) not in one.hex() and KEY.hex() not in repr(Watermark("kgw", 0.0, KEY))

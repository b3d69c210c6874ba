"""What prompts begin with is read once: the tokens this spares are counted, and the answers stay the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from genaiops_assets.models import TransformersGenerator, load_model, load_tokenizer, messages, render, token_ids
from tests.support.tiny_model import tiny_model


@pytest.mark.model
def test_tokens_that_the_prefix_cache_spares_are_counted(tmp_path: Path) -> None:
    folder = tiny_model(tmp_path)
    prompts = [messages(question, ["A card costs $5."], "en") for question in ("What?", "Who pays it?", "Why?")]
    together = TransformersGenerator(load_model(folder), load_tokenizer(folder))
    answers = together.generate(prompts, 4)
    lengths = [len(token_ids(together.tokenizer, render(together.tokenizer, p))) for p in prompts]
    assert together.prompt_tokens == sum(lengths)
    assert 0.8 * sum(lengths) * 2 / 3 < together.saved_tokens < sum(lengths) * 2 / 3  # all but one read the rest only
    alone = TransformersGenerator(load_model(folder), load_tokenizer(folder))
    assert [alone.generate([p], 4)[0] for p in prompts] == answers and alone.saved_tokens == 0


def test_sampling_repeats_by_seed_differs_within_and_leaves_greedy_as_it_was(tmp_path: Path) -> None:
    folder = tiny_model(tmp_path)
    speaker = TransformersGenerator(load_model(folder), load_tokenizer(folder))
    prompts = [messages(question, ["A card costs $5."], "en") for question in ("What?", "Who pays it?")]
    greedy = speaker.generate(prompts, 6)
    drawn = speaker.sample(prompts, 6, 4, temperature=0.8, seed=3)
    assert [len(each) for each in drawn] == [4, 4] and len(set(drawn[0])) > 1
    assert speaker.sample(prompts, 6, 4, temperature=0.8, seed=3) == drawn
    assert speaker.sample(prompts, 6, 4, temperature=0.8, seed=4) != drawn
    assert speaker.generate(prompts, 6) == greedy


def test_an_answer_begun_is_gone_on_with(tmp_path: Path) -> None:
    folder = tiny_model(tmp_path)
    speaker = TransformersGenerator(load_model(folder), load_tokenizer(folder))
    asked = messages("What?", [], "en")
    whole = speaker.generate([asked], 6)[0]
    first = whole.split(" ")[0]
    begun = [*asked, {"role": "assistant", "content": first}]
    rendered = render(speaker.tokenizer, asked)
    assert speaker.length(begun) == len(token_ids(speaker.tokenizer, rendered + first))
    assert speaker.generate([begun], 6) != speaker.generate([[*asked, {"role": "user", "content": first}]], 6)
    assert speaker.generate([begun, asked], 6)[1] == whole  # and others are answered as before

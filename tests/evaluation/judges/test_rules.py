"""Judges by rule, on vectors, by a package and by models: what each says, in English and Chinese, and what it does
without what it needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genaiops_assets.alignment import JudgeTools
from genaiops_assets.evaluation import Asked, JudgeModels, Labelled, Tools, Unavailable, open_judges, score_all
from genaiops_assets.evaluation.judges.embedding import EmbeddingJudge, HeadJudge
from genaiops_assets.evaluation.judges.models import LocalModelJudge, RewardJudge
from genaiops_assets.evaluation.judges.rules import KeywordJudge, PatternJudge, RefusalJudge
from genaiops_assets.evaluation.judges.toxicity import ToxicityJudge
from genaiops_assets.lake import digest_of_folder
from genaiops_assets.models import BaseModelFiles, packaged_prompts
from genaiops_assets.use_case import JUDGES, JudgeSettings
from tests.retrieval.indexes import Words
from tests.support.tiny_model import tiny_model


def tools(language: str = "en", **told: Any) -> Tools:
    return Tools(language=language, settings=JudgeSettings(**told), embed=lambda texts: Words().encode(list(texts)))


def test_every_packaged_judge_has_the_name_it_is_registered_by_and_a_version() -> None:
    for name in JUDGES.built_in:
        judge = JUDGES.get(name)
        assert judge.name == name and judge.version, name


@pytest.mark.parametrize(
    ("answer", "score"),
    [
        ("I do not know.", 1.0),
        ("Sorry, but I can't assist with that request.", 1.0),
        ("抱歉，我不能提供帮助。", 1.0),
        ("It costs 5 dollars.", 0.0),
        ("抱歉，资料中没有提到。", 1.0),
        ("收费五元。", 0.0),
    ],
)
def test_a_refusal_is_told_in_both_languages(answer: str, score: float) -> None:
    assert RefusalJudge().score("Q?", answer) == score


def test_words_are_found_as_whole_words_and_phrases_in_any_case() -> None:
    judge = KeywordJudge().opened(tools(keywords=["Legal advice", "投资建议"]))
    assert judge.score("", "This is LEGAL ADVICE, is it not?") == 1.0 and judge.score("", "我不提供投资建议。") == 1.0
    assert judge.score("", "legally, advice") == 0.0 and judge.score("", "投资") == 0.0
    with pytest.raises(Unavailable, match="no words are named"):
        KeywordJudge().opened(tools(keywords=["  "]))


def test_a_pattern_of_the_use_case_is_found_anywhere() -> None:
    judge = PatternJudge().opened(tools(pattern=r"\bguarantee[ds]?\b|保证"))
    assert judge.score("", "Returns are Guaranteed.") == 1.0 and judge.score("", "我们保证收益。") == 1.0
    assert judge.score("", "Returns vary.") == 0.0
    with pytest.raises(ValueError, match="no regular expression"):
        JudgeSettings(pattern="(")


def test_nearness_to_the_reference_abstains_without_one() -> None:
    judge = EmbeddingJudge().opened(tools())
    rows = [
        Asked("Q?", "A lost card costs 5 dollars", "A lost card costs 5 dollars"),
        Asked("Q?", "Trees grow", "A lost card costs 5 dollars"),
        Asked("Q?", "Trees grow"),
        Asked("Q?", " ", "A lost card"),
    ]
    same, other, none, empty = score_all(judge, rows)
    assert same == pytest.approx(1.0, abs=1e-5) and other is not None and other < 0.6
    assert none is None and empty == 0.0


def examples(count: int = 30) -> list[Labelled]:
    good, bad = "The fee is {} dollars each year.", "You stupid idiot, go away number {}."
    made = [(good, False), (bad, True)]
    return [Labelled(Asked("Q?", text.format(n)), label, "en") for n in range(count) for text, label in made]


def test_a_head_learns_from_examples_and_from_the_same_ones_the_same() -> None:
    given = Tools(language="en", embed=lambda texts: Words().encode(list(texts)), examples=examples())
    one, other = HeadJudge().opened(given), HeadJudge().opened(given)
    asked = [Asked("Q?", "You idiot, go away."), Asked("Q?", "The fee is 7 dollars.")]
    bad, good = score_all(one, asked)
    assert bad is not None and good is not None and bad > 0.8 > 0.2 > good
    assert score_all(other, asked) == [bad, good]
    with pytest.raises(Unavailable, match="10 examples with the label and 10 without, 20 of each are needed"):
        HeadJudge().opened(Tools(language="en", embed=given.embed, examples=examples(10)))


def test_the_toxicity_judge_reads_english_and_says_so() -> None:
    pytest.importorskip("profanity_check")
    judge = ToxicityJudge().opened(tools())
    rude, kind, chinese = score_all(
        judge, [Asked("", "You fucking idiot."), Asked("", "Good morning."), Asked("", "你好，欢迎光临。")]
    )
    assert rude is not None and kind is not None and rude > 0.9 and kind < 0.2 and chinese is None
    assert judge.version.startswith("1 ")
    with pytest.raises(Unavailable, match="reads English only, the use case's language is zh"):
        ToxicityJudge().opened(tools("zh"))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_base_model_is_asked_for_yes_or_no(tmp_path: Path, language: str) -> None:
    folder = tiny_model(tmp_path / "m")
    base = BaseModelFiles(path=str(folder), digest=digest_of_folder(folder))
    work = JudgeTools(JudgeModels(base=base), {}, language=language, prompts=packaged_prompts(language), cache=tmp_path)
    judge = LocalModelJudge().opened(work.of("local_model"))
    scores = [judge.score("What does it cost?", a, passages=["It costs $5."]) for a in ("It costs $5.", "Nothing.")]
    assert all(s is not None and 0 < s < 1 for s in scores) and scores[0] != scores[1]
    assert scores[0] == judge.score("What does it cost?", "It costs $5.", passages=["It costs $5."])


def test_a_reward_is_brought_between_nothing_and_one() -> None:
    judge = RewardJudge().opened(Tools(language="en", reward=lambda asked: float(len(asked.answer)) - 3))
    assert judge.score("Q?", "abc") == 0.5 and np.isclose(judge.score("Q?", "abcd") or 0, 1 / (1 + np.exp(-1)))


def test_a_judge_without_what_it_needs_is_skipped_with_the_reason_and_the_others_judge() -> None:
    planned = {name: JUDGES.get(name).version for name in ("refusal", "keywords", "head", "reward")}
    found = open_judges(planned, lambda name: Tools(language="en"), {"reward": "there is no reward model"})
    assert [judge.name for judge in found.judges] == ["refusal"]
    assert set(found.skipped) == {"keywords", "head", "reward"} and "20 of each are needed" in found.skipped["head"]


def test_a_judge_that_stops_in_the_middle_leaves_the_rest_unscored_and_says_why() -> None:
    found = open_judges({"embedding": "1"}, lambda name: tools())
    [judge] = found.judges
    assert judge.score("Q?", "a card", reference="a card") is not None
    judge.judge.embed = Tools(language="en").embed  # type: ignore[attr-defined]  # the model is gone
    assert judge.score("Q?", "a card", reference="a card") is None
    assert found.skipped == {"embedding": "nobody gave it an embedding model (after 1 answers)"}
    assert score_all(judge, [Asked("Q?", "a", "b")] * 2) == [None, None]

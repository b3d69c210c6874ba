"""How like a golden answer an answer is, what it cites, and questions in other words: values that one can check by hand."""

from __future__ import annotations

import random

import pytest

from genaiops_assets.evaluation.citations import cites_right
from genaiops_assets.evaluation.likeness import bleu, exact, similarity
from genaiops_assets.evaluation.suites.perturbing import reworded, with_typos


@pytest.mark.parametrize(
    ("question", "language", "other"),
    [
        ("What do I need to pay?", "en", "I would like to know: what must I pay?"),
        ("Can I get a refund?", "en", "Is it possible for me to receive a refund?"),
        ("Is there a fee?", "en", "Please tell me: is there a charge?"),
        ("APY of the card?", "en", "Could you please help me with this: APY of the card?"),
        ("什么是读者证？", "zh", "读者证是什么？"),
        ("补办要多少钱？", "zh", "补办要什么价钱？"),
        ("总馆几点开门？", "zh", "请问一下，总馆几点开门？"),
    ],
)
def test_a_question_in_other_words(question: str, language: str, other: str) -> None:
    assert reworded(question, language) == other


def test_typos_touch_letters_alone_and_repeat_by_seed() -> None:
    draw = lambda: random.Random(5)  # noqa: E731
    question = "What does the account with 12,500 dollars cost each month?"
    wrong = with_typos(question, "en", draw())
    assert wrong != question and sorted(wrong) == sorted(question) and "12,500" in wrong
    assert with_typos(question, "en", draw()) == wrong
    assert with_typos("我在哪里借书？", "zh", random.Random(1)) in ("我再哪里借书？", "我在那里借书？")
    assert with_typos("到期", "zh", draw()) == "期到" and with_typos("12?", "en", draw()) == "12?"


@pytest.mark.parametrize(
    ("answer", "right"),
    [
        ("It costs 3 dollars.", 1.0),  # what was shown stands beside it
        ("It costs 3 dollars [1].", 1.0),
        ("It costs 3 dollars [1, 2].", 0.0),
        ("It costs 3 dollars [7].", 0.0),  # no such passage
        ("费用是三元【2】。", 0.0),
        ("费用是三元（来源 1）。", 1.0),
        ("It costs 3 dollars (2).", 1.0),  # an amount or a list, no citation
        ("It costs 3 dollars, as doc-2 says.", 0.0),
        ("It costs 3 dollars, as doc-1 says.", 1.0),
    ],
)
def test_citations(answer: str, right: float) -> None:
    assert cites_right(answer, [("doc-1", "…"), ("doc-2", "…")], ("doc-1",)) == right


def test_without_the_right_document_nothing_is_cited_right() -> None:
    assert cites_right("Yes.", [("doc-2", "…")], ("doc-1",)) == cites_right("Yes.", [], ("doc-1",)) == 0.0


def test_likeness_of_an_answer() -> None:
    assert exact("The fee is $95.00!", "fee is 95") == 1.0 and exact("95", "fee is 95") == 0.0
    assert exact("三元。", "三 元") == 1.0
    assert (
        bleu("", "") == 1.0 and bleu("", "a") == 0.0 and bleu("It is free of charge.", "It is free of charge.") == 1.0
    )
    assert 0.0 < bleu("It is free today.", "It is free of charge.") < 1.0
    # with the tokenizer for Chinese every character is a token; with the default one the sentence would be one word
    assert bleu("图书逾期每天收一角。", "图书逾期每册每天收取一角。") > 0.3
    assert similarity("a", "b", lambda one, other: -0.2) == 0.0 and similarity(" ", "b", lambda *_: 1.0) == 0.0
    assert similarity("a", "a", lambda *_: 1.0000001) == 1.0


def test_bleu_is_what_sacrebleu_says() -> None:
    sacrebleu = pytest.importorskip("sacrebleu")
    pairs = [("It is free today.", "It is free of charge.", "13a"), ("图书收取一角。", "图书每册收取一角。", "zh")]
    for answer, reference, tokenizer in pairs:
        score = sacrebleu.sentence_bleu(answer, [reference], tokenize=tokenizer, use_effective_order=True).score
        assert bleu(answer, reference) == pytest.approx(score / 100)

"""Scores of one item: hand-computed values and properties. Does not test averages (test_intervals.py)."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genaiops_assets.evaluation import answer_f1, support
from genaiops_assets.evaluation.metrics import chrf, ndcg_at_k, recall_at_k, reciprocal_rank, rouge_l

TEXT = st.text(alphabet="ab the 1 2 一二三年费.,", max_size=40)
IDS = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8)
SOME_IDS = st.sets(st.sampled_from("abcdefgh"), min_size=1)


@pytest.mark.parametrize(
    ("prediction", "reference", "expected"),
    [
        ("The annual fee is 95 dollars", "annual fee: 95 dollars", 8 / 9),  # 4 shared of 5 and 4
        ("The fee", "a fee", 1.0),  # articles do not count
        ("A", "a", 1.0),  # but an answer that is only an article does
        ("fee fee fee", "fee", 0.5),  # repeats are not rewarded: 2 * 1 / (3 + 1)
        ("95", "59", 0.0),
        ("年费九十五元", "年费九十元", 10 / 11),  # 5 shared of 6 and 5 characters
        ("", "", 1.0),
        ("", "fee", 0.0),
        ("fee", "", 0.0),
        ("...", "", 1.0),  # punctuation is no answer
    ],
)
def test_answer_f1_by_hand(prediction, reference, expected):
    assert answer_f1(prediction, reference) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("prediction", "reference", "expected"),
    [
        ("police killed the gunman", "police kill the gunman", 0.75),  # Lin 2004, section 3.1
        ("the gunman kill police", "police kill the gunman", 0.5),
        ("利率是三点五", "利率三点五", 10 / 11),
        ("x", "", 0.0),
        ("", "", 1.0),
    ],
)
def test_rouge_l_by_hand(prediction, reference, expected):
    assert rouge_l(prediction, reference) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("prediction", "reference", "expected"),
    [
        ("ab", "abc", 7 / 11),  # orders 1 and 2: precision 1, recall (2/3 + 1/2) / 2 = 7/12
        ("a b", "ab", 1.0),  # blanks do not count
        ("abc", "ab", 7 / 8),  # the other way round recall is 1: an answer that says more is punished less
        ("Ab", "ab", 0.25),  # case counts: order 1 finds one of two, order 2 nothing
        ("年费九十五元", "年费九十五元", 1.0),
        ("年费", "九十", 0.0),
        ("", "", 1.0),
        ("", "fee", 0.0),
    ],
)
def test_chrf_by_hand(prediction, reference, expected):
    assert chrf(prediction, reference) == pytest.approx(expected)


@given(TEXT, TEXT)
def test_chrf_is_bounded_and_full_for_equal_texts(left, right):
    assert 0 <= chrf(left, right) <= 1 + 1e-12
    assert chrf(left, left) == pytest.approx(1)


@given(TEXT, TEXT)
def test_overlap_scores_are_bounded_and_symmetric(left, right):
    for score in (answer_f1, rouge_l):
        assert 0 <= score(left, right) <= 1
        assert score(left, right) == score(right, left)
        assert score(left, left) == 1


@given(TEXT, TEXT)
def test_a_common_order_never_beats_a_common_bag(left, right):
    without_articles = [text.replace("the", "x").replace("a", "x") for text in (left, right)]
    assert rouge_l(*without_articles) <= answer_f1(*without_articles) + 1e-12


@pytest.mark.parametrize(
    ("answer", "context", "expected"),
    [
        ("The fee is 95 dollars.", "A fee of 95 dollars applies.", 1.0),
        ("The fee is 95 dollars.", "A fee of 90 dollars applies.", 2 / 5),  # the invented number weighs three
        ("The charge is 95 dollars.", "A fee of 95 dollars applies.", 2 / 3),  # a synonym weighs one
        ("年费是九十五元", "本卡年费为九十五元。", 1.0),
        ("年费三元", "每年三次,费用为元", 0.0),  # the same characters, but never side by side
        ("", "A fee applies.", 0.0),  # a mute model is not a grounded one
        ("It is.", "It is.", 0.0),
        ("fee", "", 0.0),
    ],
)
def test_support_by_hand(answer, context, expected):
    assert support(answer, context) == pytest.approx(expected)


@given(TEXT, TEXT, TEXT)
def test_more_context_never_lowers_support(answer, context, more):
    assert 0 <= support(answer, context) <= support(answer, f"{context}\n{more}") <= 1


def test_ranking_scores_by_hand():
    ranked, relevant = ["a", "b", "c", "d"], {"b", "d", "z"}
    assert recall_at_k(ranked, relevant, 2) == pytest.approx(1 / 3)
    assert recall_at_k(ranked, relevant, 10) == pytest.approx(2 / 3)
    assert reciprocal_rank(ranked, relevant) == 0.5
    assert reciprocal_rank(["x"], relevant) == 0.0
    gained, ideal = 1 / math.log2(3) + 1 / math.log2(5), 1 + 1 / math.log2(3) + 1 / math.log2(4)
    assert ndcg_at_k(ranked, relevant, 10) == pytest.approx(gained / ideal)


def test_graded_gains_prefer_the_better_document_first():
    gains = {"a": 3.0, "b": 1.0, "c": 0.0}
    assert ndcg_at_k(["a", "b"], gains, 2) == 1.0
    assert ndcg_at_k(["b", "a"], gains, 2) == pytest.approx((1 + 3 / math.log2(3)) / (3 + 1 / math.log2(3)))


def test_a_repeated_id_gains_once():
    assert ndcg_at_k(["a", "a", "a"], {"a", "b"}, 3) < 1
    assert recall_at_k(["a", "a"], {"a", "b"}, 2) == 0.5


@given(IDS, SOME_IDS, st.integers(1, 10))
def test_ranking_scores_are_bounded(ranked, relevant, k):
    for score in (recall_at_k(ranked, relevant, k), ndcg_at_k(ranked, relevant, k), reciprocal_rank(ranked, relevant)):
        assert 0 <= score <= 1 + 1e-12
    assert ndcg_at_k(sorted(relevant), relevant, k) == pytest.approx(1)


@pytest.mark.parametrize("call", [recall_at_k, ndcg_at_k])
def test_impossible_questions_are_refused(call):
    with pytest.raises(ValueError, match="relevant"):
        call(["a"], set(), 3)
    with pytest.raises(ValueError, match="k must"):
        call(["a"], {"a"}, 0)
    with pytest.raises(ValueError, match="relevant"):
        reciprocal_rank(["a"], [])

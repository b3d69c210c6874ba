"""Reciprocal rank fusion: the published formula, whatever rankings come in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genaiops_assets.retrieval.fusion import blended, fused

RANKINGS = st.lists(st.lists(st.sampled_from("abcdefg"), max_size=7), max_size=4)


def test_scores_are_those_of_the_paper() -> None:
    # a: 1/61 + 1/63, b: 1/62 + 1/61, c: 1/63, d: 1/62
    assert fused([["a", "b", "c"], ["b", "d", "a"]]) == ["b", "a", "d", "c"]


def test_weights_decide_between_equal_ranks() -> None:
    assert fused([["a"], ["b"]]) == ["a", "b"]
    assert fused([["a"], ["b"]], [1.0, 1.5]) == ["b", "a"]
    with pytest.raises(ValueError):
        fused([["a"], ["b"]], [1.0])


@given(RANKINGS)
def test_every_id_once_and_independent_of_the_order_of_rankings(rankings: list[list[str]]) -> None:
    found = fused(rankings)
    assert sorted(found) == sorted({i for r in rankings for i in r})
    assert fused(rankings[::-1]) == found


@given(st.lists(st.sampled_from("abcdefg"), unique=True))
def test_one_ranking_stays_as_it_is(ranking: list[str]) -> None:
    assert fused([ranking, ranking]) == ranking


def test_a_blend_weighs_the_match_of_words_in_parts_of_the_best() -> None:
    # a: 0.5 + 0.2 · 3/6, b: 0.55, c: 0.3 + 0.2, d: 0.6
    assert blended({"a": 0.5, "b": 0.55, "c": 0.3, "d": 0.6}, {"a": 3.0, "c": 6.0}) == ["a", "d", "b", "c"]
    assert blended({"a": 0.5, "b": 0.5}, {}) == ["a", "b"] and blended({}, {}) == []


@given(
    st.dictionaries(st.sampled_from("abcdef"), st.floats(-1, 1)),
    st.dictionaries(st.sampled_from("abcdef"), st.floats(0.1, 50)),
)
def test_without_weight_a_blend_is_the_order_of_similarities(
    similar: dict[str, float], matches: dict[str, float]
) -> None:
    assert blended(similar, matches, 0.0) == sorted(similar, key=lambda i: (-similar[i], i))
    assert sorted(blended(similar, matches)) == sorted(similar)

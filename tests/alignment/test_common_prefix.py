"""What prompts share is found and read once: the prefix of token sequences. Generation itself is tested with the real
model in tests/e2e."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from genaiops_assets.models.generating import WORTHWHILE, common_prefix

LONG = list(range(WORTHWHILE + 4))


def test_the_longest_shared_beginning_is_found() -> None:
    assert common_prefix([[*LONG, 7, 8], [*LONG, 9], [*LONG, 7, 1]]) == LONG


def test_every_prompt_keeps_a_token_of_its_own() -> None:
    assert common_prefix([LONG, LONG]) == LONG[:-1]


def test_one_prompt_or_a_short_beginning_is_not_worth_a_cache() -> None:
    assert common_prefix([LONG]) == [] and common_prefix([[1, 2], [1, 3]]) == []


@given(st.lists(st.lists(st.integers(0, 1), min_size=WORTHWHILE, max_size=40), min_size=2, max_size=6))
def test_it_is_a_prefix_of_all(sequences: list[list[int]]) -> None:
    found = common_prefix(sequences)
    assert all(s[: len(found)] == found and len(s) > len(found) for s in sequences)

"""Terms: English words alone, Chinese as overlapping pairs, and questions made of the same terms as passages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genaiops_assets.retrieval.terms import search_terms
from genaiops_assets.text import lone_characters, normalise, words


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("The Late-Return FEE is $1,000.00!", ["the", "late", "return", "fee", "is", "1000"]),
        ("逾期归还费用", ["逾期", "期归", "归还", "还费", "费用"]),
        ("费用。归还", ["费用", "归还"]),
        ("费用 归还", ["费用", "归还"]),
        ("每季度95元", ["每季", "季度", "95", "元"]),
        ("开通Blue账户要多少钱", ["开通", "blue", "账户", "户要", "要多", "多少", "少钱"]),
        ("元", ["元"]),
        ("元 fee 角", ["元", "fee", "角"]),
        ("元、角、分", ["元", "角", "分"]),
        ("ＡＢＣ 费用", ["abc", "费用"]),
        ("", []),
        ("?! …", []),
    ],
)
def test_terms_of_a_text(text: str, terms: list[str]) -> None:
    assert search_terms(text) == terms


@given(st.text(alphabet="ab 逾期费用，。1.", max_size=40))
def test_every_word_and_every_chinese_character_is_in_a_term(text: str) -> None:
    terms = search_terms(text)
    assert set("".join(terms)) == set("".join(words(text)))
    assert [t for t in terms if not lone_characters(t)] == [w for w in words(text) if not lone_characters(w)]
    assert all(len(t) <= 2 and t in normalise(text) for t in terms if lone_characters(t))


@given(st.text(max_size=60))
def test_no_term_holds_a_space_so_that_a_column_can_hold_them(text: str) -> None:
    assert all(term and " " not in term.replace(" %", "%") for term in search_terms(text))

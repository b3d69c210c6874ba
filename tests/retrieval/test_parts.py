"""Long questions: cut between sentences, nothing lost, short ones left whole; and what hybrid search makes of the
parts."""

from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from genaiops_assets.lake import Tables
from genaiops_assets.retrieval import Index, Retriever
from genaiops_assets.retrieval.question_parts import parts_of
from genaiops_assets.text import words
from tests.retrieval.indexes import Words, passage, put

FILLER = "This sentence only tells a long story about nothing that the bank has ever written down. "


def test_a_question_of_usual_length_stays_whole() -> None:
    for question in ("What does it cost? And when?", "逾期费用是多少？" * 12, "word " * 100):
        assert parts_of(question) == [question]


def test_a_long_question_is_cut_between_its_sentences() -> None:
    parts = parts_of(FILLER * 10)
    assert len(parts) > 2 and all(p.endswith("down.") and len(words(p)) <= 50 for p in parts)
    assert [len(words(p)) for p in parts_of("逾期费用是多少？" * 20)] == [49, 49, 42]
    assert parts_of("word " * 300) == [("word " * 300).strip()]


@given(st.lists(st.sampled_from([FILLER, "费用是多少？", "Why? ", "x " * 70 + ". "]), max_size=12))
def test_no_word_is_lost_or_doubled(pieces: list[str]) -> None:
    question = "".join(pieces)
    assert [w for part in parts_of(question) for w in words(part)] == words(question)


def test_hybrid_search_finds_what_any_part_of_a_long_question_asks_for(tmp_path: Path) -> None:
    wanted = {
        "fee": "Late return of blue cards costs 95 dollars.",
        "zebra": "Zebra crossings are painted white every spring.",
    }
    others = [passage(f"o{n}", f"Shelf {n} holds books on subject number {n}.") for n in range(30)]
    tables = Tables(tmp_path / "tables")
    index = Index(tables, put(tables, [*(passage(i, t) for i, t in wanted.items()), *others]))
    question = (
        FILLER * 3 + "How much do late returns of blue cards cost? " + FILLER * 3 + "When are zebra crossings painted?"
    )
    (found,) = Retriever(index, Words()).find([question], 10, mode="hybrid")
    assert set(wanted) <= {p.id for p in found}
    best = {p.id: p.score for p in found}
    similar = Words().encode(parts_of(question)) @ Words().encode([wanted["zebra"]])[0]
    assert np.isclose(best["zebra"], similar.max(), atol=1e-5)

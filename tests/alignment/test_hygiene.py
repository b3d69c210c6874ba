"""Hygiene of pairs: groups that a split keeps whole, what stands twice, and bias by length and place; English and
Chinese."""

from __future__ import annotations

from typing import Any

import numpy as np

from genaiops_assets.alignment.hygiene import groups_of, held_out, length_bias, place_bias, repeated


def row(question: str, chosen: str = "yes, of course", rejected: str = "no", doc: str = "") -> dict[str, Any]:
    return {"question": question, "chosen": chosen, "rejected": rejected, "doc_id": doc}


def test_one_question_and_one_document_are_one_group_and_so_on() -> None:
    rows = [row("A?", doc="d1"), row("a ?"), row("B?", doc="d1"), row("C?", doc="d2"), row("D?"), row("E?")]
    assert groups_of(rows) == [0, 0, 0, 3, 4, 5]


def test_the_held_out_part_shares_no_question_and_no_document_and_stays_when_pairs_come() -> None:
    single = [row(f"Only {n}?", doc=f"s{n // 2}") for n in range(400)]
    out = held_out(single)
    assert 0.12 < len(out) / len(single) < 0.28
    kept = [r for n, r in enumerate(single) if n not in set(out)]
    assert not {single[n]["doc_id"] for n in out} & {r["doc_id"] for r in kept}
    more = held_out([*single, row("Another?"), row("One more?")])
    assert set(out) <= set(more)


def test_a_group_that_holds_most_rows_stays_in_training() -> None:
    assert held_out([row("The same?", chosen=f"answer {n}") for n in range(50)]) == []


LONG = "The international wire transfer costs twenty five dollars and takes three business days to arrive"
LANG = "国际电汇的费用是二十五元，通常需要三个工作日才能到账，请您提前做好准备并保留好回执单据以便日后查询"


def test_duplicates_exact_near_and_opposite() -> None:
    rows = [
        row("What does it cost?", LONG, "Nothing at all, it is free."),
        row("what  does it COST?", LONG.upper(), "Nothing at all, it is free."),
        row("What does it cost?", LONG + " there", "Nothing at all, it is free."),
        row("费用是多少？", LANG, "我不知道。"),
        row("费用是多少？", LANG + "。", "我不知道。"),
        row("费用是多少？", "我不知道。", LANG),
        row("Is it far?", "Yes, five miles.", "No."),
        row("Is it far?", "Yes, nine miles.", "No."),
    ]
    found = repeated(rows)
    assert found.exact == [[0, 1]]
    assert found.near == [[0, 2]]
    assert found.opposite == [[3, 5]] and found.spare() == 2


def test_many_near_duplicates_are_found_among_many_pairs() -> None:
    random = np.random.default_rng(1)
    vocabulary = [f"word{n}" for n in range(2000)]
    texts = [" ".join(random.choice(vocabulary, 60)) for _ in range(150)]
    rows = [row(f"Q {n}?", text, text[::-1]) for n, text in enumerate(texts)]
    copies = [{**r, "chosen": r["chosen"] + " indeed"} for r in rows[:40]]
    found = repeated(rows + copies)
    assert found.near == [[n, 150 + n] for n in range(40)] and found.exact == []


def test_length_bias_is_a_share_with_an_interval() -> None:
    rows = [row("Q?", "long answer", "short")] * 45 + [row("Q?", "short", "long answer")] * 5 + [row("Q?", "up", "")]
    found = length_bias(rows)
    assert found["longer_is_chosen"]["mean"] == 0.9 and found["longer_is_chosen"]["low"] > 0.75
    assert found["pairs"] == 50 and found["mean_log_ratio"] > 0
    assert length_bias([])["longer_is_chosen"]["mean"] is None


def test_place_bias_counts_the_lines_that_say_what_was_shown_first() -> None:
    assert place_bias({"first": 30, "second": 10})["first_is_chosen"]["mean"] == 0.75
    assert place_bias({})["first_is_chosen"]["n"] == 0

"""Preference pairs: facts and their questions, the judge's order, why there are none, and the leak check against golden
items.

Belongs here: choosing and judging. Does not belong here: generation (the payload), feedback (`test_feedback.py`) and
masking rules (`tests/text`).
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow as pa
import pytest

from genaiops_assets.alignment import PAIRS, facts_of, find_leaks, pair_row
from genaiops_assets.alignment.pairs import topic_of
from genaiops_assets.evaluation import best_and_worst, overlap_score
from genaiops_assets.payloads.make_pairs import COUNTS, Maker, no_pairs
from genaiops_assets.use_case import Origin

# --- facts
# ---------------------------------------------------------------------------------------------------------------


def document(doc_id: str, text: str, title: str = "Wire transfers") -> dict[str, Any]:
    return {"id": doc_id, "title": title, "text": text}


def test_a_fact_is_the_first_sentence_with_a_figure() -> None:
    text = "# Wire transfers\n\nWe send money abroad. An **international** payment order costs $25 per order. It takes 3 days."
    [fact] = facts_of([document("a", text)], 5)
    assert fact.sentence == "An international payment order costs $25 per order."
    assert fact.question == "Wire transfers: what is the rule on international payment order costs?"


def test_a_chinese_fact_is_asked_in_chinese() -> None:
    [fact] = facts_of([document("a", "图书馆欢迎读者。普通读者每次最多可以借5本图书。", "借阅规则")], 5)
    assert (fact.doc_id, fact.sentence) == ("a", "普通读者每次最多可以借5本图书。")
    assert fact.question == "借阅规则：关于“普通读者每次最多可以借”有什么规定？"


def test_a_document_without_title_still_gives_a_question() -> None:
    [fact] = facts_of([document("a", "An international payment order costs $25 per order.", "")], 5)
    assert fact.question == "what is the rule on international payment order costs?"


@pytest.mark.parametrize(
    "text",
    [
        "No figure stands in this sentence at all.",
        "Costs $5.",
        "word " * 40 + "costs $25.",
        "The fee for a transfer is $25\nand is due at once.",
        "",
    ],
    ids=["no figure", "too short", "too long", "broken over lines", "empty"],
)
def test_some_documents_hold_no_fact(text: str) -> None:
    assert facts_of([document("a", text)], 5) == []


def test_facts_are_spread_evenly_in_the_order_of_document_ids() -> None:
    documents = [document(f"d{n}", f"A payment order of kind {n} costs exactly ${n} per order.") for n in range(9)]
    chosen = [f.doc_id for f in facts_of(reversed(documents), 3)]
    assert chosen == ["d0", "d3", "d6"]
    assert len(facts_of(documents, 50)) == 9


@pytest.mark.parametrize(
    ("sentence", "title", "topic"),
    [
        ("The monthly maintenance fee is waived for students.", "Fees", "monthly maintenance fee"),
        ("The monthly maintenance fee is waived for students.", "Monthly fee", "maintenance"),
        ("It is up to you.", "Fees", ""),
        ("one two three four five six seven", "Fees", "one two three four five"),
        ("逾期图书每天罚款，遗失图书照价赔偿。", "规则", "逾期图书每天罚款"),
    ],
)
def test_the_topic_is_the_longest_run_of_content_words_not_in_the_title(sentence: str, title: str, topic: str) -> None:
    assert topic_of(sentence, title) == topic


# --- judge
# ---------------------------------------------------------------------------------------------------------------

PASSAGE = "An international wire transfer costs $25 and takes three days."
FACT = "An international wire transfer costs $25."


def test_the_judge_orders_fact_grounded_invented_and_nothing() -> None:
    answers = [FACT, "A transfer takes three days.", "A transfer costs $99 and arrives within one hour.", ""]
    scores = [overlap_score(a, [PASSAGE], FACT) for a in answers]
    assert scores == sorted(scores, reverse=True) and len(set(scores)) == 4
    assert (scores[0], scores[-1]) == (1.0, 0.0)


def test_the_judge_orders_chinese_answers() -> None:
    fact = "普通读者每次可以借五本书。"
    scores = [
        overlap_score(a, ["借阅规则：" + fact], fact)
        for a in ("普通读者每次可以借五本书。", "可以借五本书", "可以借九十九张光盘")
    ]
    assert scores == sorted(scores, reverse=True) and len(set(scores)) == 3


def test_without_a_fact_only_support_counts() -> None:
    assert overlap_score("It takes three days.", [PASSAGE], None) == 1.0


def test_best_and_worst_keep_the_order_on_ties() -> None:
    best, worst = best_and_worst([FACT, FACT.upper(), "", " "], [PASSAGE], FACT)
    assert (best, worst) == ((FACT, 1.0), ("", 0.0))


def test_a_pair_row_fits_the_table_and_is_named_by_its_content() -> None:
    row = pair_row(Origin.CORPUS, "d", "Q?", [PASSAGE], ("good", 0.9), ("bad", 0.1), "judge")
    assert pa.Table.from_pylist([row], schema=PAIRS).to_pylist() == [row]
    assert row["id"] == pair_row(Origin.HUMAN, "", "Q?", [], ("good", 1.0), ("bad", 0.0), "ann")["id"]
    assert row["id"] != pair_row(Origin.CORPUS, "d", "Q?", [PASSAGE], ("bad", 0.1), ("good", 0.9), "judge")["id"]


# --- why there are none
# ---------------------------------------------------------------------------------------------------------------


def test_what_makes_no_pair_is_counted_by_its_reason() -> None:
    maker = Maker.__new__(Maker)
    maker.counts = Counter()
    judged = [
        (("good", 0.9), ("", 0.0)),
        (("same", 0.5), ("same", 0.5)),
        (("good", 0.5), ("bad", 0.45)),
        (("good", 0.9), ("bad", 0.1)),
    ]
    assert [maker.differ(*answers, margin=0.1) for answers in judged] == [False, False, False, True]
    assert maker.counts == {"empty_answers": 1, "equal_answers": 1, "below_margin": 1}
    assert not maker.differ(("same", 0.5), ("same", 0.5), margin=0)  # a pair without signal, whatever the margin


def test_no_pairs_says_how_many_fell_out_and_what_to_do() -> None:
    made = {**dict.fromkeys(COUNTS, 0), "facts": 12, "empty_answers": 3, "below_margin": 9, "leaking_dropped": 0}
    text = no_pairs(made, 40, 0.1)
    assert "12 facts in 40 documents" in text and "3 had an empty answer" in text
    assert "9 answers that differ by less than alignment.pairs.min_margin 0.1" in text
    assert text.endswith("lower alignment.pairs.min_margin, raise alignment.pairs.count, or add feedback")
    assert no_pairs({**made, "facts": 0}, 40, 0.1).endswith("add documents with figures in full sentences, or feedback")


# --- leaks
# ---------------------------------------------------------------------------------------------------------------

GOLDEN = [
    {
        "id": "g1",
        "question": "How much is a transfer?",
        "answer": "A wire transfer within the country costs exactly $25 per order.",
    },
    {"id": "g2", "question": "图书可以借多久？", "answer": "普通图书的借期为三十天，可以续借两次。"},
]


def pair(question: str = "Other?", chosen: str = "Yes.", rejected: str = "No.") -> dict[str, Any]:
    return {"id": "p", "question": question, "chosen": chosen, "rejected": rejected}


@pytest.mark.parametrize(
    ("row", "golden"),
    [
        (pair(question="how much is a TRANSFER"), "g1"),
        (pair(chosen="We say: a wire transfer within the country costs exactly $25.00, always."), "g1"),
        (pair(rejected="普通图书的借期为三十天。"), "g2"),
    ],
)
def test_a_leak_is_found_by_question_or_eight_words(row: dict[str, Any], golden: str) -> None:
    assert find_leaks([pair(), row], GOLDEN) == [("p", golden)]


def test_less_than_eight_shared_words_are_no_leak() -> None:
    assert find_leaks([pair(chosen="A wire transfer within the country costs $30 per order.")], GOLDEN) == []
    assert find_leaks([], GOLDEN) == find_leaks([pair()], []) == []

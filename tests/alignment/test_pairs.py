"""Preference pairs: facts and their questions, the judge's order, people's feedback, and the leak check against golden
items.

Belongs here: choosing and judging. Does not belong here: generation (the payload) and masking rules (`tests/text`).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from genaiops_assets.alignment import PAIRS, facts_of, find_leaks, pair_row, read_feedback
from genaiops_assets.alignment.pairs import topic_of
from genaiops_assets.evaluation import best_and_worst, overlap_score

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
    row = pair_row("corpus", "d", "Q?", [PASSAGE], ("good", 0.9), ("bad", 0.1), "judge")
    assert pa.Table.from_pylist([row], schema=PAIRS).to_pylist() == [row]
    assert row["id"] == pair_row("human", "", "Q?", [], ("good", 1.0), ("bad", 0.0), "ann")["id"]
    assert row["id"] != pair_row("corpus", "d", "Q?", [PASSAGE], ("bad", 0.1), ("good", 0.9), "judge")["id"]


# --- feedback
# ------------------------------------------------------------------------------------------------------------

GOOD = {"question": "Who helps?", "chosen": "Ann does.", "rejected": "Nobody.", "reviewer": "Bea"}


def feedback(folder: Path, *lines: Any) -> Any:
    raw = [x if isinstance(x, bytes) else json.dumps(x).encode() for x in lines]
    (folder / "a.jsonl").write_bytes(b"\n".join(raw))
    return read_feedback(folder)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{broken", "broken JSON"),
        (b'{"question": "\xff"}', "broken JSON"),
        (b"[" * 100_000, "broken JSON"),
        ([1], "expected an object"),
        ({**GOOD, "question": " "}, "question: expected text"),
        ({**GOOD, "chosen": 3}, "chosen: expected text"),
        ({k: v for k, v in GOOD.items() if k != "rejected"}, "rejected: expected text"),
        ({**GOOD, "reviewer": None}, "reviewer: expected text"),
        ({**GOOD, "chosen": "\ud83d"}, "chosen: half of a surrogate pair"),
        ({**GOOD, "rejected": " Ann does. "}, "chosen and rejected are equal"),
        ({**GOOD, "chosen": "Mail a@example.com", "rejected": "Mail b@example.com"}, "chosen and rejected are equal"),
    ],
)
def test_a_line_that_cannot_be_used_is_refused_with_its_place_and_reason(
    tmp_path: Path, line: Any, reason: str
) -> None:
    found = feedback(tmp_path, GOOD, b"", line)
    assert found.pairs == [GOOD]
    [refused] = found.refused
    assert (refused["file"], refused["line"]) == ("a.jsonl", 3)
    assert refused["reason"].startswith(reason)


def test_personal_data_is_masked_and_the_reviewer_stays(tmp_path: Path) -> None:
    line = {
        **GOOD,
        "question": "I am ann@example.com, SSN 536-22-1234",
        "chosen": "Call +86 13812345678",
        "rejected": "Call 13987654321 now",
    }
    [pair] = feedback(tmp_path, line).pairs
    assert pair == {
        "question": "I am <EMAIL>, SSN <SSN>",
        "chosen": "Call <PHONE>",
        "rejected": "Call <PHONE> now",
        "reviewer": "Bea",
    }


def test_files_are_read_in_order_and_no_folder_is_no_feedback(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.jsonl", "notes.txt"):
        (tmp_path / name).write_text(json.dumps({**GOOD, "question": name}))
    assert [p["question"] for p in read_feedback(tmp_path).pairs] == ["a.jsonl", "b.jsonl"]
    assert read_feedback(tmp_path / "none").pairs == []


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

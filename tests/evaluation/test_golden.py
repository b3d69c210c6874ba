"""Golden questions and retrieval sets: read in order, refused with file, line and field.

Belongs here: reading test files. Does not belong here: scores (`test_metrics.py`).
"""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.evaluation import Golden, Query, load_golden, load_retrieval_set
from genaiops_assets.evaluation.golden import GoldenError

ITEM = {"id": "q1", "question": "How long?", "answer": "30 days.", "documents": ["d1"], "split": "dev"}


def golden(folder: Path, *rows: Any) -> Path:
    path = folder / "questions.jsonl"
    path.write_bytes(
        b"\n".join(r if isinstance(r, bytes) else json.dumps(r, ensure_ascii=False).encode() for r in rows)
    )
    return path


def test_items_come_by_split_and_id_and_back_as_dicts(tmp_path: Path) -> None:
    asked = {"q1": ITEM["question"], "q2": "How far?", "q3": "How much?"}
    splits = {"q3": "dev", "q2": "held_out", "q1": "dev"}
    rows = [{**ITEM, "id": i, "split": s, "question": asked[i]} for i, s in splits.items()]
    items = load_golden(golden(tmp_path, *rows, b""))
    assert [(i.id, i.split) for i in items] == [("q1", "dev"), ("q3", "dev"), ("q2", "held_out")]
    assert items[0] == Golden("q1", "How long?", "30 days.", ("d1",), "dev")
    assert items[0].to_dict() == ITEM


def test_a_limit_counts_in_each_split(tmp_path: Path) -> None:
    names = [(f"{s}{n}", s) for s in ("dev", "held_out") for n in range(3)]
    rows = [{**ITEM, "id": name, "split": split, "question": f"How long is {name}?"} for name, split in names]
    assert [i.id for i in load_golden(golden(tmp_path, *rows), 1)] == ["dev0", "held_out0"]


def test_separators_inside_a_text_and_a_byte_order_mark_do_no_harm(tmp_path: Path) -> None:
    path = golden(tmp_path, {**ITEM, "answer": "第一行\u2028第二行\x85"}, {**ITEM, "id": "q2", "question": "How far?"})
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert [i.id for i in load_golden(path)] == ["q1", "q2"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (b"{broken", "broken JSON"),
        ([ITEM], "expected an object"),
        ({**ITEM, "id": 5}, "id: expected text"),
        ({**ITEM, "question": " "}, "question: expected text"),
        ({k: v for k, v in ITEM.items() if k != "answer"}, "answer: expected text"),
        ({**ITEM, "documents": []}, "documents: expected a list of document ids"),
        ({**ITEM, "documents": "d1"}, "documents: expected a list of document ids"),
        ({**ITEM, "documents": [1]}, "documents: expected a list of document ids"),
        ({**ITEM, "split": "test"}, "split: expected one of dev, held_out, found 'test'"),
    ],
)
def test_a_broken_item_is_named_by_file_line_and_field(tmp_path: Path, row: Any, message: str) -> None:
    path = golden(tmp_path, {**ITEM, "id": "first"}, b"", row)
    with pytest.raises(GoldenError) as caught:
        load_golden(path)
    assert str(caught.value).startswith(f"{path}:3: {message}")


def test_a_doubled_id_and_other_encodings_are_refused(tmp_path: Path) -> None:
    with pytest.raises(GoldenError, match="id 'q1' occurs more than once"):
        load_golden(golden(tmp_path, ITEM, ITEM))
    with pytest.raises(GoldenError, match="not UTF-8"):
        load_golden(golden(tmp_path, "借".encode("gbk")))


@pytest.mark.parametrize("copy", ["How long?", "how  LONG", "Ｈｏｗ long？", "How\u200b long ?"])
def test_a_question_asked_twice_is_refused_with_both_lines(tmp_path: Path, copy: str) -> None:
    path = golden(tmp_path, ITEM, {**ITEM, "id": "q2", "question": copy})
    with pytest.raises(GoldenError) as caught:
        load_golden(path)
    assert str(caught.value).startswith(f"{path}:2: question: the same as 'q1' on line 1: a copy counts")


def test_a_question_in_both_splits_is_not_held_out(tmp_path: Path) -> None:
    path = golden(tmp_path, ITEM, {**ITEM, "id": "q2", "split": "held_out"})
    with pytest.raises(GoldenError, match="which is in dev and this one in held_out"):
        load_golden(path)


def test_questions_that_differ_in_a_sign_are_two_questions(tmp_path: Path) -> None:
    path = golden(tmp_path, {**ITEM, "question": "What is C#?"}, {**ITEM, "id": "q2", "question": "What is C++?"})
    assert len(load_golden(path)) == 2


# --- retrieval sets
# ------------------------------------------------------------------------------------------------------

RECORDS = [
    {"id": 0, "ask": {"text": "What does it cost?"}, "docs": ["a", 2]},
    {"ask": {"text": "Without an id?"}, "docs": ["b"]},
    {"id": "none", "ask": {"text": "Nothing is relevant."}, "docs": []},
]
FIELDS = {"query_id": "id", "query": "ask.text", "relevant": "docs"}


@pytest.mark.parametrize("name", ["a.json", "a.json.gz", "a.jsonl", "a.jsonl.gz"])
def test_a_set_is_read_from_json_and_lines_plain_and_gzipped(tmp_path: Path, name: str) -> None:
    text = json.dumps(RECORDS, indent=1) if ".json." in name + "." else "\n".join(map(json.dumps, RECORDS))
    (tmp_path / name).write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    queries = load_retrieval_set(tmp_path / name, FIELDS)
    assert queries == [Query("0", "What does it cost?", ("a", "2")), Query("2", "Without an id?", ("b",))]
    assert load_retrieval_set(tmp_path / name, FIELDS, 1) == queries[:1]


def test_equal_questions_of_a_set_count_once_with_all_their_documents(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(
        json.dumps([*RECORDS[:2], {"id": 7, "ask": {"text": "what does it cost"}, "docs": ["c", "a"]}])
    )
    queries = load_retrieval_set(tmp_path / "a.json", FIELDS)
    assert [(q.id, q.relevant) for q in queries] == [("0", ("a", "2", "c")), ("2", ("b",))]
    assert len(load_retrieval_set(tmp_path / "a.json", FIELDS, 2)) == 2


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ({"id": 1, "ask": "text", "docs": ["a"]}, "record 2: ask.text: expected text"),
        (["no object"], "record 2: ask.text: expected text"),
        ({"id": 1, "ask": {"text": "Q?"}, "docs": "a"}, "record 2: docs: expected a list of document ids"),
    ],
)
def test_a_broken_record_is_named_by_file_number_and_field(tmp_path: Path, record: Any, message: str) -> None:
    path = tmp_path / "set.json"
    path.write_text(json.dumps([RECORDS[0], record]))
    with pytest.raises(GoldenError) as caught:
        load_retrieval_set(path, FIELDS)
    assert str(caught.value) == f"{path}: {message}"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.json", b"[{", "broken JSON"),
        ("a.jsonl", b"{}\n{", "2: broken JSON"),
        ("a.json.gz", b"no gzip", "damaged gzip file"),
        ("a.json.gz", gzip.compress(b"[]", mtime=0)[:-4], "damaged gzip file"),
        ("a.json", b"\xff\xfe", "not UTF-8"),
    ],
)
def test_a_damaged_set_is_a_golden_error_with_its_file(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(GoldenError, match=f"{name}: ?{message}"):
        load_retrieval_set(tmp_path / name, {})

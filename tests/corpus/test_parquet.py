"""Parquet: what nobody reads may be anything, a wrong value costs its row, a small file cannot grow without bound."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from genaiops_assets.corpus import Record, read_file
from genaiops_assets.corpus.read import outcomes
from genaiops_assets.corpus.read.outcomes import Foreign, Problem
from tests.corpus.states import feed, state_of, write

WANTED = frozenset({"id", "text", "title"})
FAR = pa.array([10**18, 0], pa.timestamp("us"))  # the first is in the year 33658
NOT_UTF8 = pa.Array.from_buffers(
    pa.string(), 2, [None, pa.py_buffer(b"\0\0\0\0\x01\0\0\0\x03\0\0\0"), pa.py_buffer(b"\xffok")]
)


def table(folder: Path, **columns: object) -> Path:
    pq.write_table(pa.table({"id": ["a", "b"], "text": ["One.", "Two."], **columns}), folder / "a.parquet")
    return folder / "a.parquet"


@pytest.mark.parametrize(
    "odd", [FAR, NOT_UTF8, pa.array([[1], [2]]), pa.array([{"x": 1}, None]), pa.array([b"\xff", b""])]
)
def test_a_column_nobody_reads_may_hold_what_it_likes_and_stops_no_source(tmp_path: Path, odd: pa.Array) -> None:
    other = write(tmp_path / "b.jsonl", {"id": "c", "text": "Three."})
    state = state_of([feed(table(tmp_path, odd=odd)), feed(other, name="other")])
    assert [d["id"] for d in state.documents] == ["a", "b", "c"] and not state.quarantine


def test_a_value_that_is_read_and_cannot_be_costs_its_row(tmp_path: Path) -> None:
    state = state_of([feed(table(tmp_path, text=NOT_UTF8))])
    assert [(d["id"], d["text"]) for d in state.documents] == [("b", "ok")]
    assert [(q["line"], q["field"], q["reason"]) for q in state.quarantine] == [
        (1, "text", "not UTF-8 at byte 0 of the value")
    ]
    state = state_of([feed(table(tmp_path, text=FAR))])
    assert {q["reason"] for q in state.quarantine} == {
        "expected text, found timestamp[us]",
        "expected text, found datetime",
    }


def test_a_title_that_is_no_text_stops_nothing(tmp_path: Path) -> None:
    state = state_of([feed(table(tmp_path, title=FAR))])
    assert [d["title"] for d in state.documents] == ["", "1970-01-01 00:00:00"]


def test_names_are_matched_without_capitals_and_two_of_one_name_are_refused(tmp_path: Path) -> None:
    pq.write_table(pa.table({" ID": ["a"], "Text": ["One."]}), tmp_path / "a.parquet")
    assert [d["id"] for d in state_of([feed(tmp_path / "a.parquet")]).documents] == ["a"]
    twice = pa.Table.from_arrays([pa.array(["a"]), pa.array(["x"]), pa.array(["y"])], names=["id", "text", "text"])
    pq.write_table(twice, tmp_path / "a.parquet")
    assert "two columns are named 'text'" in state_of([feed(tmp_path / "a.parquet")]).quarantine[0]["reason"]


def test_one_long_text_said_often_is_read_to_its_limit_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes, "EXPANSION_FLOOR", 2_000_000)
    texts = pa.DictionaryArray.from_arrays(pa.array([0] * 3000, pa.int32()), pa.array(["x" * 20_000]))
    pq.write_table(pa.table({"id": list(map(str, range(3000))), "text": texts}), tmp_path / "a.parquet")
    found = list(read_file(tmp_path / "a.parquet", "a", wanted=WANTED))
    assert isinstance(found[-1], Problem) and "decompression bomb?" in found[-1].reason
    assert sum(isinstance(o, Record) for o in found) < 1000


def test_nested_columns_that_are_asked_for_are_told_by_type(tmp_path: Path) -> None:
    [first, _] = read_file(table(tmp_path, title=pa.array([["x"], []])), "a", wanted=WANTED)
    assert isinstance(first, Record) and first.fields["title"] == Foreign("list<element: string>")

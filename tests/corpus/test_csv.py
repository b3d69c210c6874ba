"""CSV as spreadsheets write it, and rows that break: every line lost is counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from genaiops_assets.corpus import Record, read_file
from genaiops_assets.corpus.read import outcomes
from genaiops_assets.corpus.read.outcomes import Outcomes, Problem
from tests.corpus.states import feed, state_of

WANTED = frozenset({"id", "text", "title"})


def read(folder: Path, content: bytes, wanted: frozenset[str] | None = WANTED) -> list[Record | Problem]:
    (folder / "a.csv").write_bytes(content)
    found: Outcomes = read_file(folder / "a.csv", "a.csv", wanted=wanted)
    return list(found)


DIALECTS = [
    b"id;text\na;One, two.\n",
    b"id\ttext\na\tOne, two.\n",
    b"id|text\na|One, two.\n",
    b'id,text\na,"One, two."\n',
    b"sep=;\r\nid;text\r\na;One, two.\r\n",
    b'"sep=^"\nid^text\na^One, two.\n',
    b' ID ; "Text"\na;One, two.\n'.replace(b' "Text"', b"Text "),
    b"more,id;text;and, more\nx;a;One, two.;y\n".replace(b"more,id", b"more, at all;id"),
    "id,text,café\na,\"One, two.\",x\n".encode("latin-1").replace(b"\xe9", b"e"),
]  # fmt: skip


@pytest.mark.parametrize("content", DIALECTS)
def test_a_table_is_read_whatever_divides_its_columns(tmp_path: Path, content: bytes) -> None:
    state = state_of([feed(_written(tmp_path, content))])
    assert [(d["id"], d["text"]) for d in state.documents] == [("a", "One, two.")]
    assert not state.quarantine


def _written(folder: Path, content: bytes) -> Path:
    (folder / "a.csv").write_bytes(content)
    return folder / "a.csv"


def test_a_column_nobody_reads_may_hold_what_it_likes(tmp_path: Path) -> None:
    found = read(tmp_path, b"id,text,note\n1,One.,caf\xe9\n2,Two.,\n")
    assert [o.fields for o in found if isinstance(o, Record)] == [
        {"id": "1", "text": "One."},
        {"id": "2", "text": "Two."},
    ]
    [problem] = read(tmp_path, b"id,text,note\n1,caf\xe9,x\n")
    assert isinstance(problem, Problem) and (problem.line, problem.field, problem.reason) == (2, "text", "not UTF-8")


def test_two_columns_of_one_name_are_refused_where_one_is_read(tmp_path: Path) -> None:
    [problem] = read(tmp_path, b"id,text,text\n1,One.,Two.\n")
    assert isinstance(problem, Problem) and problem.reason == "two columns are named 'text': rename one"
    assert isinstance(read(tmp_path, b"id,text,x,x\n1,One.,,\n")[0], Record)


def test_missing_columns_are_told_with_those_that_are_there(tmp_path: Path) -> None:
    state = state_of([feed(_written(tmp_path, b"key,words\n1,One.\n"))])
    assert "the fields here are 'key', 'words'" in state.quarantine[0]["reason"]


def test_an_unclosed_quote_names_its_line_and_each_line_it_takes(tmp_path: Path) -> None:
    found = read(tmp_path, b'id,text\n1,a\n2,"never closed\n3,c\n4,d\n')
    assert [o.line for o in found if isinstance(o, Record)] == [2]
    problems = [o for o in found if isinstance(o, Problem)]
    assert [p.line for p in problems] == [3, 4, 5]
    assert "a quote opened in line 3 takes lines 3 to 5" in problems[0].reason
    assert problems[0].excerpt.startswith('2,"never closed')
    assert {p.reason for p in problems[1:]} == {"lost to a quote opened in line 3"}


def test_a_stray_quote_that_another_one_closes_takes_the_lines_between(tmp_path: Path) -> None:
    found = read(tmp_path, b'id,text\n1,a\n2,"stray\n3,c\n4,"d"\n5,e\n')
    assert [o.line for o in found if isinstance(o, Record)] == [2, 6]
    assert [o.line for o in found if isinstance(o, Problem)] == [3, 4, 5]


def test_a_quote_opened_in_a_later_line_of_a_row_is_named_by_that_line(tmp_path: Path) -> None:
    found = read(tmp_path, b'id,text,title\n1,"two\nlines","open\n2,b,c\n')
    assert "a quote opened in line 3 takes lines 2 to 4" in next(o.reason for o in found if isinstance(o, Problem))


def test_a_row_of_many_lines_is_bounded_like_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes, "MAX_LINE", 20)
    found = read(tmp_path, b'id,text\n1,a\n2,"b\n0123456789 0123456789"\n3,c\n')
    assert [o.line for o in found if isinstance(o, Record)] == [2, 5]
    assert sorted(o.line for o in found if isinstance(o, Problem)) == [3, 4]


def test_a_header_of_too_many_columns_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes, "MAX_COLUMNS", 3)
    [problem] = read(tmp_path, b"id,text,a,b\n1,2,3,4\n")
    assert isinstance(problem, Problem) and "4 columns, more than the 3" in problem.reason

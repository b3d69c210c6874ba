"""Reading sources: every format gives its records, everything malformed ends in a Problem with file and line.

Belongs here: bytes in, records and problems out. Does not belong here: what becomes of a record (`test_documents.py`).
"""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from genaiops_assets.corpus import Problem, Record, files_of, format_of, read_file


def read(folder: Path, name: str, content: bytes, kind: str = "auto") -> list[Record | Problem]:
    (folder / name).write_bytes(content)
    return list(read_file(folder / name, name, kind))


def parquet(folder: Path) -> bytes:
    pq.write_table(pa.table({"id": ["a", "b"], "text": ["One.", "Two."]}), folder / "written")
    return (folder / "written").read_bytes()


GOOD = {
    "a.jsonl": b'\xef\xbb\xbf{"id": "a", "text": "One."}\n\n{"id": "b", "text": "Two."}\n',
    "a.ndjson.gz": gzip.compress(b'{"id": "a", "text": "One."}\n{"id": "b", "text": "Two."}'),
    "a.json": b'[{"id": "a", "text": "One."}, {"id": "b", "text": "Two."}]',
    "a.csv": b"\xef\xbb\xbfid,text\r\na,One.\r\n\r\nb,Two.\r\n",
    "a.CSV.gz": gzip.compress(b'id,text\na,"One."\nb,Two.\n'),
}


@pytest.mark.parametrize("name", GOOD)
def test_each_format_gives_its_records(tmp_path: Path, name: str) -> None:
    fields = [o.fields for o in read(tmp_path, name, GOOD[name]) if isinstance(o, Record)]
    assert fields == [{"id": "a", "text": "One."}, {"id": "b", "text": "Two."}]


def test_parquet_gives_its_records(tmp_path: Path) -> None:
    assert [o.line for o in read(tmp_path, "a.parquet", parquet(tmp_path)) if isinstance(o, Record)] == [1, 2]


def test_a_text_file_is_one_record_titled_by_its_first_heading(tmp_path: Path) -> None:
    assert read(tmp_path, "fees.md", "前言\n## 费用\n十元。".encode()) == [
        Record("fees.md", 1, {"doc_id": "fees", "title": "费用", "text": "前言\n## 费用\n十元。"})
    ]
    [untitled] = read(tmp_path, "note.v2.txt", b"Plain.")
    assert isinstance(untitled, Record) and untitled.fields["title"] == "note"


def test_a_csv_field_may_hold_lines_and_be_as_long_as_a_document(tmp_path: Path) -> None:
    content = b'id,text\na,"One\ntwo"\nb,' + b"x" * 200_000 + b"\n"
    assert [o.line for o in read(tmp_path, "a.csv", content) if isinstance(o, Record)] == [3, 4]


# --- malformed input: name, content, line and reason of the only problem, lines of the records --------------------------------

MALFORMED = [
    ("a.jsonl", b'{"id": 1}\n{bad\n{"id": 2}', 2, "broken JSON", [1, 3]),
    ("a.jsonl", b'{"id": 1}\n"text"\n{"id": 2}', 2, "expected an object, found str", [1, 3]),
    ("a.jsonl", b"null\n", 1, "expected an object, found NoneType", []),
    ("a.jsonl", b'{"id": 1}\n{"id": "\xff"}\n{"id": 2}', 2, "not UTF-8 at byte 8 of the line", [1, 3]),
    ("a.jsonl", b"[" * 100_000 + b'\n{"id": 2}', 1, "broken JSON", [2]),
    ("a.jsonl", b'{"id": ' + b"9" * 5000 + b'}\n{"id": 2}', 1, "broken JSON", [2]),
    ("a.jsonl", b" \n\n", 0, "no records", []),
    ("a.json", b'[{"id": 1},\n {', 2, "broken JSON", []),
    ("a.json", b'[{"id": 1}, 3, {"id": 2}]', 2, "expected an object, found int", [1, 3]),
    ("a.json", b"[" * 100_000, 0, "broken JSON", []),
    ("a.json", b'{"id": ' + b"9" * 5000 + b"}", 0, "broken JSON", []),
    ("a.json", b'["\xff"]', 0, "not UTF-8 at byte 2", []),
    ("a.json", b"", 0, "empty file", []),
    ("a.json", b"[]", 0, "no records", []),
    ("a.csv", b"id,text\n1,a\n2\n3,c\n", 3, "expected 2 columns, found 1", [2, 4]),
    ("a.csv", b"id,text\n1,a,b\n3,c\n", 2, "expected 2 columns, found 3", [3]),
    ("a.csv", b"id,text\n1,a\n2,\xff\n3,c\n", 3, "not UTF-8", [2, 4]),
    ("a.csv", b'id,text\n1,"a"x\n3,c\n', 2, "broken CSV", [3]),
    ("a.csv", b'id,text\n1,a\n2,"never closed\n3,c\n', 4, "broken CSV", [2]),
    ("a.csv", b"id,\xff\n1,a\n2,b\n", 1, "not UTF-8", []),
    ("a.csv", b"id,text\n", 0, "no records", []),
    ("a.parquet", b"no parquet at all", 0, "broken Parquet file", []),
    ("a.txt", b"caf\xe9", 0, "not UTF-8 at byte 3", []),
    ("a.jsonl.gz", b"no gzip at all", 0, "damaged gzip file", []),
    ("a.jsonl.gz", gzip.compress(b'{"id": 1}\n')[:-6], 0, "damaged gzip file", [1]),
    ("a.json.gz", gzip.compress(b'[{"id": 1}]')[:-8] + bytes(8), 0, "damaged gzip file", []),
    ("a.pdf", b"%PDF", 0, "unknown format .pdf; expected one of .csv", []),
    ("a", b"text", 0, "unknown format (none)", []),
]


@pytest.mark.parametrize(("name", "content", "line", "reason", "records"), MALFORMED)
def test_malformed_input_is_one_problem_and_the_rest_is_read(
    tmp_path: Path, name: str, content: bytes, line: int, reason: str, records: list[int]
) -> None:
    outcomes = read(tmp_path, name, content)
    [problem] = [o for o in outcomes if isinstance(o, Problem)]
    assert (problem.file, problem.line) == (name, line)
    assert reason in problem.reason
    assert [o.line for o in outcomes if isinstance(o, Record)] == records


def test_a_line_too_long_ends_the_file_with_a_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("genaiops_assets.corpus.read.MAX_LINE", 20)
    first, second = read(tmp_path, "a.jsonl", b'{"id": 1}\n{"id": "a long one, too long"}\n{"id": 3}\n')
    assert isinstance(first, Record)
    assert isinstance(second, Problem) and (second.line, second.reason[:29]) == (2, "line longer than 20 bytes; th")


def test_a_damaged_parquet_page_is_a_problem(tmp_path: Path) -> None:
    content = parquet(tmp_path)
    [problem] = read(tmp_path, "a.parquet", content[:30] + bytes(20) + content[50:])
    assert isinstance(problem, Problem) and problem.file == "a.parquet"


def test_a_folder_is_read_in_path_order_without_hidden_and_unknown_files(tmp_path: Path) -> None:
    for name in ("b.md", "a/z.json", "a/c.csv.gz", ".hidden.md", "picture.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert [p.relative_to(tmp_path).as_posix() for p in files_of(tmp_path)] == ["a/c.csv.gz", "a/z.json", "b.md"]
    assert files_of(tmp_path / "picture.png") == [tmp_path / "picture.png"]
    assert (format_of(Path("x.JSONL.GZ")), format_of(Path("x.gz")), format_of(Path("x"))) == ("jsonl", None, None)

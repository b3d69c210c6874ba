"""Reading sources: every format gives its records, everything malformed ends in a Problem with file and line.

Belongs here: rows and plain text, packed or not; bytes in, records and problems out. Does not belong here: pages
(`test_pages.py`), what becomes of a record (`test_documents.py`)."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

from genaiops_assets.corpus import Record, files_of, format_of, read_file
from genaiops_assets.corpus.read import outcomes
from genaiops_assets.corpus.read.outcomes import Problem


def read(folder: Path, name: str, content: bytes, kind: str = "auto") -> list[Record | Problem]:
    (folder / name).write_bytes(content)
    return list(read_file(folder / name, name, kind))


def parquet(folder: Path) -> bytes:
    pq.write_table(pa.table({"id": ["a", "b"], "text": ["One.", "Two."]}), folder / "written")
    return (folder / "written").read_bytes()


def zstd(content: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(content)


GOOD = {
    "a.jsonl": b'\xef\xbb\xbf{"id": "a", "text": "One."}\n\n{"id": "b", "text": "Two."}\n',
    "a.ndjson.gz": gzip.compress(b'{"id": "a", "text": "One."}\n{"id": "b", "text": "Two."}', mtime=0),
    "a.json": b'[{"id": "a", "text": "One."}, {"id": "b", "text": "Two."}]',
    "a.csv": b"\xef\xbb\xbfid,text\r\na,One.\r\n\r\nb,Two.\r\n",
    "b.json": b'\xef\xbb\xbf{"id": "a", "text": "One."}\n{"id": "b", "text": "Two."}\n',
    "a.jsonl.zst": zstd(b'{"id": "a", "text": "One."}\n') + zstd(b'{"id": "b", "text": "Two."}\n'),
    "a.json.ZST": zstd(b'[{"id": "a", "text": "One."},{"id": "b", "text": "Two."}]'),
    "u.jsonl": '{"id": "a", "text": "One."}\n{"id": "b", "text": "Two."}\n'.encode("utf-16"),
    "u.json": '[{"id": "a", "text": "One."}, {"id": "b", "text": "Two."}]'.encode("utf-32"),
    "u.csv": b"\xfe\xff" + "id,text\na,One.\nb,Two.\n".encode("utf-16-be"),
    "a.CSV.gz": gzip.compress(b'id,text\na,"One."\nb,Two.\n', mtime=0),
}


@pytest.mark.parametrize("name", GOOD)
def test_each_format_gives_its_records(tmp_path: Path, name: str) -> None:
    fields = [o.fields for o in read(tmp_path, name, GOOD[name]) if isinstance(o, Record)]
    assert fields == [{"id": "a", "text": "One."}, {"id": "b", "text": "Two."}]


@pytest.mark.parametrize(("suffix", "pack"), [("", bytes), (".gz", gzip.compress), (".zst", zstd)])
def test_parquet_gives_its_records(tmp_path: Path, suffix: str, pack) -> None:
    found = read(tmp_path, f"a.parquet{suffix}", pack(parquet(tmp_path)))
    assert [(o.line, o.fields) for o in found if isinstance(o, Record)] == [
        (1, {"id": "a", "text": "One."}),
        (2, {"id": "b", "text": "Two."}),
    ]


def test_a_text_file_is_one_record_titled_by_its_first_heading(tmp_path: Path) -> None:
    assert read(tmp_path, "fees.md", "前言\n## 费用\n十元。".encode()) == [
        Record("fees.md", 1, {"doc_id": "fees", "title": "费用", "text": "前言\n## 费用\n十元。"}, "fees.md")
    ]
    assert read(tmp_path, "u.txt", "费用".encode("utf-16"))[0].fields["text"] == "费用"  # type: ignore[union-attr]
    [untitled] = read(tmp_path, "note.v2.txt.gz", gzip.compress(b"Plain.", mtime=0))
    assert isinstance(untitled, Record) and (untitled.fields["doc_id"], untitled.fields["title"]) == (
        "note.v2",
        "note.v2",
    )


def test_files_of_one_name_in_two_folders_are_two_documents(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("Text.")
    ids = [next(iter(read_file(tmp_path / "a.md", name))).fields["doc_id"] for name in ("a.md", "费用/a.md")]  # type: ignore[union-attr]
    assert ids == ["a", "费用/a"]


def test_a_csv_field_may_hold_lines_and_be_as_long_as_a_document(tmp_path: Path) -> None:
    content = b'id,text\na,"One\ntwo"\nb,' + b"x" * 200_000 + b"\n"
    assert [o.line for o in read(tmp_path, "a.csv", content) if isinstance(o, Record)] == [3, 4]


# --- malformed input: name, content, line and reason of the only problem, lines of the records
# --------------------------------

MALFORMED = [
    ("a.jsonl", b'{"id": 1}\n{bad\n{"id": 2}', 2, "broken JSON", [1, 3]),
    ("a.jsonl", b'{"id": 1}\n"text"\n{"id": 2}', 2, "expected an object, found str", [1, 3]),
    ("a.jsonl", b"null\n", 1, "expected an object, found NoneType", []),
    ("a.jsonl", b'{"id": 1}\n{"id": "\xff"}\n{"id": 2}', 2, "not UTF-8 at byte 8 of the line", [1, 3]),
    ("a.jsonl", b"[" * 100_000 + b'\n{"id": 2}', 1, "broken JSON", [2]),
    ("a.jsonl", b'{"id": ' + b"9" * 5000 + b'}\n{"id": 2}', 1, "broken JSON", [2]),
    ("a.jsonl", b" \n\n", 0, "no records", []),
    ("a.json", b'[{"id": 1},\n {', 2, "broken JSON", [1]),
    ("a.json", b'[{"id": 1}\n {"id": 2}]', 2, "broken JSON: Expecting ',' delimiter", [1]),
    ("a.json", b'[{"id": 1},\n]', 2, "broken JSON: Expecting value", [1]),
    ("a.json", b'[{"id": 1}', 1, "broken JSON: Expecting ',' delimiter", [1]),
    ("a.json", b'[{"id": 1}]\n{"id": 2}', 2, "broken JSON: Extra data", [1]),
    ("a.json", b'[{"id": 1}, 3, {"id": 2}]', 2, "expected an object, found int", [1, 3]),
    ("a.json", b"[" * 100_000, 1, "broken JSON", []),
    ("a.json", b'{"id": ' + b"9" * 5000 + b"}", 1, "broken JSON", []),
    ("a.json", b'[{"id": 1},\n"\xff"]', 1, "not UTF-8 at byte 13", []),
    ("a.json", b'[{"id": "\xe4', 1, "not UTF-8 at byte 9", []),
    ("a.json", b"", 0, "empty file", []),
    ("a.json", b"[]", 0, "no records", []),
    ("a.csv", b"id,text\n1,a\n2\n3,c\n", 3, "expected 2 columns, found 1", [2, 4]),
    ("a.csv", b"id,text\n1,a,b\n3,c\n", 2, "expected 2 columns, found 3", [3]),
    ("a.csv", b"id,text\n1,a\n2,\xff\n3,c\n", 3, "not UTF-8", [2, 4]),
    ("a.csv", b'id,text\n1,"a"x\n3,c\n', 2, "broken CSV", [3]),
    ("a.csv", b"id,\xff\n1,a\n2,b\n", 1, "not UTF-8", []),
    ("a.csv", b"id,text\n", 0, "no records", []),
    ("a.parquet", b"no parquet at all", 0, "broken Parquet file", []),
    ("a.txt", b"caf\xe9", 0, "not UTF-8 at byte 3", []),
    ("a.jsonl.gz", b"no gzip at all", 0, "damaged gzip file", []),
    ("a.jsonl.gz", gzip.compress(b'{"id": 1}\n', mtime=0)[:-6], 0, "damaged gzip file", [1]),
    ("a.json.gz", gzip.compress(b'[{"id": 1}]', mtime=0)[:-8] + bytes(8), 0, "damaged gzip file", []),
    ("a.jsonl.zst", b"no zstd at all", 0, "damaged zstd file", []),
    ("a.jsonl.zst", zstd(b'{"id": 1}\n' * 2)[:-3], 0, "damaged zstd file: Truncated", []),
    ("a.jsonl", b'{"id": 1}\n{"id": "\0"}\n{"id": 3}', 2, "broken JSON: Invalid control character", [1, 3]),
    ("a.jsonl", b"\xff\xfe{\0}\0\n\0\x00", 0, "not UTF-16 at byte 8", [1]),
    ("a.png", b"\x89PNG", 0, "unknown format .png; expected one of .csv", []),
    ("a.parquet.gz", gzip.compress(b"no parquet", mtime=0), 0, "broken Parquet file", []),
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


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"MAX_LINE": 20, "EXPANSION_FLOOR": 1000}.items():
        monkeypatch.setattr(outcomes, name, value)


LONG = "a long one, too long " * 100
TOO_LONG = [
    ("a.jsonl", f'{{"id": 1}}\n{{"id": "{LONG}"}}\n{{"id": 3}}\n', 2, "line longer than 20 bytes", [1, 3]),
    ("a.jsonl", f'{{"id": 1}}\n{{"id": "{LONG}"}}', 2, "line longer than 20 bytes", [1]),
    (
        "a.jsonl",
        '{"id": 1}\n{"id": "123456789 "}\n{"id": 3}\n',
        2,
        "line longer than 20 bytes",
        [1, 3],
    ),  # its end is byte 21
    ("a.csv", f"id,text\n1,a\n2,{LONG}\n3,c\n", 3, "line longer than 20 characters", [2, 4]),
    ("a.csv", f"{LONG}\n3,c\n", 1, "line longer than 20 characters", []),
    ("a.txt", LONG, 0, "longer than 20 bytes: too long for one document", []),
]


@pytest.mark.usefixtures("small_limits")
@pytest.mark.parametrize(("name", "content", "line", "reason", "records"), TOO_LONG)
def test_a_line_too_long_is_one_problem_and_the_lines_after_it_are_read(
    tmp_path: Path, name: str, content: str, line: int, reason: str, records: list[int]
) -> None:
    outcomes = read(tmp_path, name, content.encode())
    assert [(o.line, o.reason[: len(reason)]) for o in outcomes if isinstance(o, Problem)] == [(line, reason)]
    assert [o.line for o in outcomes if isinstance(o, Record)] == records


@pytest.mark.parametrize(("suffix", "pack"), [(".gz", gzip.compress), (".zst", zstd)])
def test_a_decompression_bomb_is_read_to_its_limit_only(tmp_path: Path, small_limits: None, suffix: str, pack) -> None:
    found = read(tmp_path, f"a.jsonl{suffix}", pack(b'{"id": 1}\n' + b"{}\n" * 1_000_000))
    assert isinstance(found[-1], Problem) and "a decompression bomb?" in found[-1].reason
    assert len(found) < 1_000_000


def test_an_array_is_streamed_and_its_elements_may_lie_across_chunks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("genaiops_assets.corpus.read.json_rows.CHUNK", 7)
    rows = [{"id": n, "text": "费用\n" * n, "more": [n, {"": None}]} for n in range(30)]
    for text in (json.dumps(rows, ensure_ascii=False, indent=1), "\n".join(json.dumps(r) for r in rows)):
        assert [o.fields for o in read(tmp_path, "a.json", text.encode()) if isinstance(o, Record)] == rows
    [*good, last] = read(tmp_path, "a.json", json.dumps(rows, indent=1).encode()[:-40])
    assert [o.fields for o in good if isinstance(o, Record)] == rows[:29]
    assert isinstance(last, Problem) and last.line > 150


def test_a_damaged_parquet_page_is_a_problem(tmp_path: Path) -> None:
    content = parquet(tmp_path)
    [problem] = read(tmp_path, "a.parquet", content[:30] + bytes(20) + content[50:])
    assert isinstance(problem, Problem) and problem.file == "a.parquet"


def test_a_folder_is_read_in_path_order_without_hidden_and_half_copied_files(tmp_path: Path) -> None:
    for name in ("b.md", "a/z.json", "a/c.csv.gz", ".hidden.md", ".git/config", "picture.png", "b.md.partial", "a.md"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    found = [p.relative_to(tmp_path).as_posix() for p in files_of(tmp_path)]
    assert found == ["a/c.csv.gz", "a/z.json", "a.md", "b.md", "picture.png"]
    assert files_of(tmp_path / "picture.png") == [tmp_path / "picture.png"]
    known = [format_of(Path(name)) for name in ("x.JSONL.GZ", "x.html.zst", "x.gz", "x", "x.gz.txt")]
    assert known == ["jsonl", "html", None, None, "txt"]

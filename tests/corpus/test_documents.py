"""Documents: identity, rights and versions of each, and counts that add up to what was read.

Belongs here: ingesting several feeds. Does not belong here: file formats (`test_read.py`).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genaiops_assets.corpus import DOCUMENTS, QUARANTINE, Feed, Ingested, ingest

TEXT = "A transfer costs $25."


def feed(path: Path, **changes: Any) -> Feed:
    rights = {"license": "MIT", "owner": "Bank", "rights_basis": "licence", "personal_data": "none"}
    return Feed(**{"name": "articles", "path": str(path), "format": "auto", "fields": {}, **rights, **changes})


def inbox(path: Path) -> Feed:
    return feed(path, name="inbox", owner="People", inbox=True)


def write(path: Path, *rows: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(json.dumps(r) for r in rows), encoding="utf-8")
    return path


def adds_up(result: Ingested) -> bool:
    counts = result.counts()
    return counts["rows_read"] == counts["documents"] + counts["quarantined"] + counts["superseded"]


def test_a_document_carries_identity_origin_and_rights(tmp_path: Path) -> None:
    write(tmp_path / "sub" / "a.jsonl", {"id": 7, "title": "转账", "content": "跨行转账每笔收费二元。"})
    [document] = ingest([feed(tmp_path)], {}).documents
    text_hash = document.pop("text_hash")
    assert len(text_hash) == 64
    assert document == {
        "id": "7",
        "source": "articles",
        "origin": "sub/a.jsonl:1",
        "title": "转账",
        "text": "跨行转账每笔收费二元。",
        "language": "zh",
        "license": "MIT",
        "owner": "Bank",
        "rights_basis": "licence",
        "personal_data": "none",
        "first_seen": 1,
    }
    assert set(DOCUMENTS.names) == {*document, "text_hash"}


def test_fields_can_be_named_by_the_use_case(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", {"key": "a", "name": "Fees", "words": TEXT, "id": "other", "text": "other"})
    [document] = ingest([feed(path, fields={"doc_id": "key", "title": "name", "text": "words"})], {}).documents
    assert (document["id"], document["title"], document["text"]) == ("a", "Fees", TEXT)


REFUSED = [
    ({"text": TEXT}, "doc_id", "needs an id"),
    ({"id": "", "text": TEXT}, "id", "needs an id"),
    ({"id": True, "text": TEXT}, "id", "needs an id"),
    ({"id": 1.5, "text": TEXT}, "id", "needs an id"),
    ({"id": "x" * 201, "text": TEXT}, "id", "longer than 200"),
    ({"id": "a\0", "text": TEXT}, "id", "null bytes"),
    ({"id": "a"}, "text", "expected text, found nothing"),
    ({"id": "a", "content": 5}, "content", "expected text, found int"),
    ({"id": "a", "text": " \n"}, "text", "empty text"),
    ({"id": "a", "text": "a\0b"}, "text", "null bytes"),
    ({"id": "a", "text": "\ud83d"}, "", "not Unicode"),
    ({"id": "\ud83d", "text": TEXT}, "", "not Unicode"),
    ({"id": "a", "text": TEXT, "title": "\ud83d"}, "", "not Unicode"),
    ("\ud83d", "", "expected an object"),
]


@pytest.mark.parametrize(("row", "field", "reason"), REFUSED)
def test_what_is_no_document_is_quarantined_with_its_place_and_reason(tmp_path: Path, row: Any, field: str, reason: str) -> None:
    result = ingest([feed(write(tmp_path / "a.jsonl", {"id": "good", "text": TEXT}, row))], {})
    assert [d["id"] for d in result.documents] == ["good"]
    [refused] = result.quarantine
    assert (refused["source"], refused["file"], refused["line"], refused["field"]) == ("articles", "a.jsonl", 2, field)
    assert reason in refused["reason"]
    assert adds_up(result)
    assert pa.Table.from_pylist(result.quarantine, schema=QUARANTINE).num_rows == 1


def test_a_duplicate_id_is_quarantined_and_the_first_stays(tmp_path: Path) -> None:
    first = write(tmp_path / "a.jsonl", {"id": "x", "text": "First."})
    second = write(tmp_path / "b.jsonl", {"id": "x", "text": "Second."})
    result = ingest([feed(first), feed(second, name="more")], {})
    assert [d["text"] for d in result.documents] == ["First."]
    assert result.quarantine[0]["reason"] == "duplicate id 'x', first in a.jsonl:1"
    assert adds_up(result)


def test_equal_problems_are_counted_each(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", [])
    path.write_text("[3]")
    result = ingest([feed(path), feed(path), feed(path)], {})
    assert len({q["id"] for q in result.quarantine}) == 3 and adds_up(result)


def test_the_inbox_supersedes_a_source_even_under_the_same_file_name(tmp_path: Path) -> None:
    for folder, text in (("source", "Old fee."), ("inbox", "New fee.")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "fees.md").write_text(text)
    result = ingest([feed(tmp_path / "source"), inbox(tmp_path / "inbox")], {})
    assert [(d["id"], d["text"], d["source"], d["owner"]) for d in result.documents] == [("fees", "New fee.", "inbox", "People")]
    assert result.counts() == {"rows_read": 2, "documents": 1, "quarantined": 0, "superseded": 1}


def test_a_later_inbox_file_supersedes_an_earlier_one_but_a_file_not_itself(tmp_path: Path) -> None:
    write(tmp_path / "batch1.jsonl", {"id": "x", "text": "One."})
    write(tmp_path / "batch2.jsonl", {"id": "x", "text": "Two."}, {"id": "x", "text": "Three."})
    result = ingest([inbox(tmp_path)], {})
    assert [d["text"] for d in result.documents] == ["Two."]
    assert (result.superseded, result.quarantine[0]["line"]) == (1, 2)
    assert adds_up(result)


def test_a_limit_stops_after_so_many_records_of_a_source(tmp_path: Path) -> None:
    rows = [{"id": str(n), "text": TEXT} for n in range(9)]
    result = ingest([feed(write(tmp_path / "a.jsonl", *rows), limit=4)], {})
    assert (result.read, len(result.documents)) == (4, 4)


def seen(result: Ingested) -> dict[str, tuple[str, int]]:
    return {d["id"]: (d["text_hash"], d["first_seen"]) for d in result.documents}


def test_first_seen_is_the_batch_that_brought_the_text(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    one = ingest([feed(write(path, {"id": "a", "text": "A."}, {"id": "b", "text": "B."}))], {})
    two = ingest([feed(write(path, {"id": "a", "text": "A."}, {"id": "b", "text": "B!"}, {"id": "c", "text": "C."}))], seen(one))
    same = ingest([feed(path)], seen(two))
    three = ingest([feed(write(path, {"id": "a", "text": "A."}, {"id": "d", "text": "D."}))], seen(same))
    numbers = [{d["id"]: d["first_seen"] for d in r.documents} for r in (one, two, same, three)]
    assert numbers == [{"a": 1, "b": 1}, {"a": 1, "b": 2, "c": 2}, {"a": 1, "b": 2, "c": 2}, {"a": 1, "d": 3}]


_ROWS = st.lists(
    st.fixed_dictionaries({"id": st.sampled_from(["a", "b", "c", "", None]), "text": st.sampled_from(["x", "y", "", 3])})
    | st.sampled_from([3, "text", None]),
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(_ROWS, min_size=3, max_size=3))
def test_every_record_read_is_a_document_quarantined_or_superseded(tmp_path_factory, rows) -> None:
    folder = tmp_path_factory.mktemp("feeds")
    for name, part in zip(("source/a.jsonl", "inbox/a.jsonl", "inbox/b.jsonl"), rows, strict=True):
        write(folder / name, *part)
    result = ingest([feed(folder / "source"), inbox(folder / "inbox")], {})
    assert adds_up(result)
    assert result.read == sum(map(len, rows)) + sum(not part for part in rows)
    assert len({d["id"] for d in result.documents}) == len(result.documents)
    assert len({q["id"] for q in result.quarantine}) == len(result.quarantine)

"""Documents: identity, rights and versions of each, and counts that add up to what was read.

Belongs here: ingesting several feeds. Does not belong here: file formats (`test_read.py`, `test_pages.py`), rights
(`test_rights.py`)."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genaiops_assets.corpus import DOCUMENTS
from genaiops_assets.corpus.read import outcomes
from genaiops_assets.lake import Tombstones
from tests.corpus.states import feed, inbox, state_of, write

KEY = b"of a lake"
TEXT = "A transfer costs $25."


def test_a_document_carries_identity_origin_and_rights(tmp_path: Path) -> None:
    write(tmp_path / "sub" / "a.jsonl", {"id": 7, "title": "转账", "content": "跨行转账每笔收费二元。"})
    [document] = state_of([feed(tmp_path)]).documents
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
    [document] = state_of([feed(path, fields={"doc_id": "key", "title": "name", "text": "words"})]).documents
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
def test_what_is_no_document_is_quarantined_with_its_place_and_reason(
    tmp_path: Path, row: Any, field: str, reason: str
) -> None:
    result = state_of([feed(write(tmp_path / "a.jsonl", {"id": "good", "text": TEXT}, row))])
    assert [d["id"] for d in result.documents] == ["good"]
    [refused] = result.quarantine
    assert (refused["source"], refused["file"], refused["line"], refused["field"]) == ("articles", "a.jsonl", 2, field)
    assert reason in refused["reason"]


def test_a_duplicate_id_is_quarantined_and_the_first_stays(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", {"id": "x", "text": "First."})
    write(tmp_path / "b.jsonl", {"id": "x", "text": "Second."})
    result = state_of([feed(tmp_path)])
    assert [d["text"] for d in result.documents] == ["First."]
    said = result.quarantine[0]["reason"]
    assert said.startswith(
        "duplicate id 'x', first in 'a.jsonl:1' of source 'articles': ids are unique within a source"
    )


def test_a_field_that_stands_twice_costs_its_row_where_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(
        '{"id": 1, "text": "One.", "text": "Two."}\n{"id": 2, "text": "Kept.", "x": {"a": 1, "a": 2}, "y": 1, "y": 2}\n'
    )
    (tmp_path / "b.json").write_text('[{"id": 3, "id": 4, "text": "Two ids."}]')
    state = state_of([feed(tmp_path)])
    assert [d["text"] for d in state.documents] == ["Kept."]
    assert [(q["file"], q["reason"]) for q in sorted(state.quarantine, key=lambda q: q["file"])] == [
        ("a.jsonl", "two fields are named 'text': rename one"),
        ("b.json", "two fields are named 'id': rename one"),
    ]


def test_an_address_that_is_no_text_stops_nothing(tmp_path: Path) -> None:
    rows = [
        {"id": "a", "text": TEXT, "url": "https://example.org/\ud83d"},
        {"id": "b", "text": TEXT, "url": "x" * 9999},
    ]
    rows += [{"id": "c", "text": TEXT, "\ud83d": 1}, {"id": "d", "\ud83d": 1}]
    state = state_of([feed(write(tmp_path / "a.jsonl", *rows))])
    assert [d["id"] for d in state.documents] == ["a", "b", "c"]
    assert {r["origin"] for r in state.rights if r["id"] != "source:articles"} == {f"a.jsonl:{n}" for n in (1, 2, 3)}


def test_names_of_fields_are_matched_without_blanks_and_capitals_and_exact_ones_first(tmp_path: Path) -> None:
    rows = [{"ID": 1, " Text ": "One."}, {"Id": "no", "id": "2", "TEXT": "No.", "text": "Two.", "Title": "T"}]
    state = state_of([feed(write(tmp_path / "a.jsonl", *rows))])
    assert [(d["id"], d["text"], d["title"]) for d in state.documents] == [("1", "One.", ""), ("2", "Two.", "T")]


def test_equal_problems_are_counted_each(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", [])
    path.write_text("[3]")
    result = state_of([feed(path), feed(path), feed(path)])
    assert len({q["id"] for q in result.quarantine}) == 3


def test_the_inbox_supersedes_a_source_even_under_the_same_file_name(tmp_path: Path) -> None:
    for folder, text in (("source", "Old fee."), ("inbox", "New fee.")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "fees.md").write_text(text)
    result = state_of([feed(tmp_path / "source", name="source"), inbox(tmp_path / "inbox")])
    assert [(d["id"], d["text"], d["source"], d["owner"]) for d in result.documents] == [
        ("fees", "New fee.", "inbox", "People")
    ]
    assert result.counts == {"rows_read": 2, "documents": 1, "quarantined": 0, "superseded": 1, "erased": 0}
    assert result.result.sources["source"]["superseded"] == 1


def test_a_later_inbox_file_supersedes_an_earlier_one_but_a_file_not_itself(tmp_path: Path) -> None:
    write(tmp_path / "batch1.jsonl", {"id": "x", "text": "One."})
    write(tmp_path / "batch2.jsonl", {"id": "x", "text": "Two."}, {"id": "x", "text": "Three."})
    result = state_of([inbox(tmp_path)])
    assert [d["text"] for d in result.documents] == ["Two."]
    assert (result.counts["superseded"], result.quarantine[0]["line"]) == (1, 2)


def test_a_limit_stops_after_so_many_records_of_a_source(tmp_path: Path) -> None:
    rows = [{"id": str(n), "text": TEXT} for n in range(9)]
    result = state_of([feed(write(tmp_path / "a.jsonl", *rows), limit=4)])
    assert (result.counts["rows_read"], len(result.documents)) == (4, 4)


def test_first_seen_is_the_batch_that_brought_the_text(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    one = state_of([feed(write(path, {"id": "a", "text": "A."}, {"id": "b", "text": "B."}))])
    changed = write(path, {"id": "a", "text": "A."}, {"id": "b", "text": "B!"}, {"id": "c", "text": "C."})
    two = state_of([feed(changed)], one.earlier)
    same = state_of([feed(path)], two.earlier)
    three = state_of([feed(write(path, {"id": "a", "text": "A."}, {"id": "d", "text": "D."}))], same.earlier)
    numbers = [{d["id"]: d["first_seen"] for d in r.documents} for r in (one, two, same, three)]
    assert numbers == [{"a": 1, "b": 1}, {"a": 1, "b": 2, "c": 2}, {"a": 1, "b": 2, "c": 2}, {"a": 1, "d": 3}]


_ROWS = st.lists(
    st.fixed_dictionaries(
        {"id": st.sampled_from(["a", "b", "c", "", None]), "text": st.sampled_from(["x", "y", "", 3])}
    )
    | st.sampled_from([3, "text", None]),
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(_ROWS, min_size=3, max_size=3))
def test_every_record_read_is_a_document_quarantined_or_superseded(tmp_path_factory, rows) -> None:
    folder = tmp_path_factory.mktemp("feeds")
    for name, part in zip(("source/a.jsonl", "inbox/a.jsonl", "inbox/b.jsonl"), rows, strict=True):
        write(folder / name, *part)
    result = state_of([feed(folder / "source"), inbox(folder / "inbox")])
    assert result.counts["rows_read"] == sum(map(len, rows)) + sum(not part for part in rows)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(_ROWS, min_size=3, max_size=3), gone=st.sets(st.sampled_from("abc")), whole=st.booleans())
def test_what_was_erased_is_not_stored_and_everything_else_is_as_without_it(
    tmp_path_factory, rows, gone, whole
) -> None:
    folder = tmp_path_factory.mktemp("feeds")
    for name, part in zip(("source/a.jsonl", "inbox/a.jsonl", "inbox/b.jsonl"), rows, strict=True):
        write(folder / name, *part)
    feeds = [feed(folder / "source"), inbox(folder / "inbox")]
    result = state_of(
        feeds, erased=(stones := Tombstones(frozenset(gone), frozenset({"articles"} if whole else set()), key=KEY))
    )
    there = state_of(feeds[1:] if whole else feeds)
    assert {d["id"]: d["text"] for d in result.documents} == {
        d["id"]: d["text"] for d in there.documents if d["id"] not in gone
    }
    hidden = {stones.hidden(d["id"]) for d in there.documents if d["id"] in gone}
    assert {e["document"] for e in result.erased} >= hidden


def test_an_erased_document_leaves_a_hash_of_its_id_and_place_and_nothing_of_its_text(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{"id": "a", "text": "费用。"}, {"id": "b", "text": 7, "about": "费用"}]
    rows += [
        {"id": "c", "text": TEXT, "url": "https://www.example.org/x"},
        {"id": "d", "text": TEXT, "url": "https://example.com/y"},
    ]
    rows += [
        {"id": "e", "text": TEXT, "url": "http://[broken"},
        {"id": "f", "text": TEXT, "url": "https://example.com/z"},
    ]
    erased = Tombstones(documents=frozenset("ab"), opt_out=frozenset({"example.org", "https://example.com/y"}), key=KEY)
    result = state_of([feed(write(tmp_path / "a.jsonl", *rows))], erased=erased)
    file = erased.hidden("a.jsonl")
    expected = {(erased.hidden(i), "articles", f"{file}:{n}") for n, i in enumerate("abcd", 1)}
    assert {(e["document"], e["source"], e["origin"]) for e in result.erased} == expected and len(expected) == 4
    assert [d["id"] for d in result.documents] == ["e", "f"]
    assert "费用" not in json.dumps([result.erased, result.quarantine, result.rights], ensure_ascii=False)


def test_every_row_of_an_erased_source_counts_even_what_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"id": "a", "text": "x"}\n{broken\n')
    result = state_of([feed(tmp_path)], erased=Tombstones(sources=frozenset({"articles"})))
    # without the key of a lake nothing can be hidden, so nothing is kept
    assert (result.counts["erased"], [e["document"] for e in result.erased]) == (2, ["", ""])


# --- malformed files: every row read ends somewhere
# ---------------------------------------------------------------------------


def test_a_folder_with_every_malformed_file_adds_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outcomes, "MAX_LINE", 1000)
    files = {
        "a_good.jsonl": '{"id": "1", "text": "One."}\n{"id": "2", "text": "二。"}\n'.encode(),
        "b_broken.jsonl": b'{"id": "3", "text": "Three."}\n{"id": \n{"id": "4", "text": "Four."}\n',
        "c_encoding.jsonl": b'{"id": "5", "text": "caf\xe9"}\n',
        "d_null.jsonl": b'{"id": "6", "text": "a\\u0000b"}\n{"id": "7", "text": "a\0b"}\n',
        "e_long.jsonl": b'{"id": "8", "text": "' + b"x" * 100_000 + b'"}\n{"id": "9", "text": "Nine."}\n',
        "f_empty.txt": b"",
        "g_cut.jsonl.gz": gzip.compress(b'{"id": "10", "text": "Ten."}\n')[:-6],
        "h_twice.jsonl": b'{"id": "1", "text": "Again."}\n',
        "i_missing.jsonl": b'{"text": "No id."}\n{"id": "11"}\n',
        "j_type.json": b'[{"id": "12", "text": ["a"]}, 5, {"id": {}, "text": "x"}]',
        "k_unknown.xyz": b"what is this",
        "l_broken.pdf": b"%PDF-1.7 broken",
        "m_broken.docx": b"PK no zip",
        "n.csv": b"id,text\n13,Thirteen.\n14\n",
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    result = state_of([feed(tmp_path)])
    assert sorted(d["id"] for d in result.documents) == sorted(["1", "2", "3", "4", "9", "10", "13"])
    assert {q["file"] for q in result.quarantine} == set(files) - {"a_good.jsonl"}
    assert result.counts == {"rows_read": 24, "documents": 7, "quarantined": 17, "superseded": 0, "erased": 0}
    assert all(q["reason"] and q["source"] == "articles" for q in result.quarantine)
    assert sum(result.result.reasons.values()) == 17 and len(result.result.examples) == 17


def test_a_source_without_files_is_a_problem_but_an_empty_inbox_is_not(tmp_path: Path) -> None:
    for name in ("source", "inbox"):
        (tmp_path / name).mkdir()
    result = state_of([feed(tmp_path / "source"), inbox(tmp_path / "inbox")])
    assert [q["reason"] for q in result.quarantine] == ["no files in the source"]


def test_a_line_can_stand_for_an_id(tmp_path: Path) -> None:
    write(tmp_path / "train.jsonl", {"text": "One."}, {"text": "Two."})
    result = state_of([feed(tmp_path, fields={"doc_id": "@line"})])
    assert [d["id"] for d in result.documents] == ["train.jsonl:1", "train.jsonl:2"]


def test_a_text_too_long_for_a_document_is_refused(tmp_path: Path) -> None:
    result = state_of(
        [feed(write(tmp_path / "a.jsonl", {"id": "a", "text": "x" * 2_000_001}, {"id": "b", "text": "x" * 2_000_000}))]
    )
    assert [d["id"] for d in result.documents] == ["b"]
    assert "split the document" in result.quarantine[0]["reason"]


def test_quarantine_shows_no_personal_data(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(
        '{"id": "1", "title": "Mail of jo.doe@example.com", "text": ""}\n{broken 4111111111111111'
    )
    shown = str(state_of([feed(tmp_path / "a.jsonl")]).quarantine)
    assert "jo.doe" not in shown and "4111111111111111" not in shown and "<CARD>" in shown

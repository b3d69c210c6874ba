"""Ids: unique within a source, so two sources and two files of one stem keep theirs, and nothing erased comes back.

Belongs here: what a document is called. Does not belong here: what a record must be (`test_documents.py`)."""

from __future__ import annotations

from pathlib import Path

from genaiops_assets.lake import Tombstones
from tests.corpus.states import State, feed, inbox, state_of, write


def texts(state: State) -> dict[str, str]:
    return {d["id"]: d["text"] for d in state.documents}


def folder(path: Path, **files: str) -> Path:
    path.mkdir(exist_ok=True)
    for name, text in files.items():
        (path / name.replace("__", ".")).write_text(text, encoding="utf-8")
    return path


def test_two_sources_may_number_their_rows_alike(tmp_path: Path) -> None:
    first = write(tmp_path / "a.jsonl", {"id": 1, "text": "One."}, {"id": 2, "text": "Two."})
    second = write(tmp_path / "b.jsonl", {"id": 1, "text": "Eins."}, {"id": 1, "text": "Uno."}, {"id": 3, "text": "3."})
    state = state_of([feed(first), feed(second, name="german")])
    assert texts(state) == {"1": "One.", "2": "Two.", "german:1": "Eins.", "3": "3."}
    [twice] = state.quarantine
    assert "'b.jsonl:1' of source 'german'" in twice["reason"] or "source 'articles'" in twice["reason"]
    assert (twice["source"], twice["line"]) == ("german", 2)


def test_files_of_one_name_in_two_sources_are_two_documents(tmp_path: Path) -> None:
    sources = [feed(folder(tmp_path / name, faq__md=f"Of {name}."), name=name) for name in ("shop", "web")]
    assert texts(state_of(sources)) == {"faq": "Of shop.", "web:faq": "Of web."}
    assert texts(state_of(sources[1:])) == {"faq": "Of web."}


def test_files_of_one_stem_are_two_documents_also_in_the_inbox(tmp_path: Path) -> None:
    place = folder(tmp_path / "a", fees__html="<p>Page.</p>", fees__md="Text.", other__md="Other.")
    expected = {"fees": "Page.", "fees.md": "Text.", "other": "Other."}
    assert texts(state_of([feed(place)])) == expected
    assert texts(state_of([inbox(place)])) == expected
    both = state_of([feed(folder(tmp_path / "b", fees__txt="Old.")), inbox(place)])
    assert texts(both) == expected and both.counts["superseded"] == 1


def test_a_name_too_long_with_its_source_is_refused(tmp_path: Path) -> None:
    row = {"id": "x" * 198, "text": "Text."}
    state = state_of([feed(write(tmp_path / "a.jsonl", row)), feed(write(tmp_path / "b.jsonl", row), name="second")])
    assert len(state.documents) == len(state.quarantine) == 1


def test_what_was_erased_under_either_name_stays_away(tmp_path: Path) -> None:
    sources = [feed(folder(tmp_path / name, faq__md=f"Of {name}."), name=name) for name in ("shop", "web")]
    gone = Tombstones(documents=frozenset({"web:faq"}))
    assert texts(state_of(sources, erased=gone)) == {"faq": "Of shop."}
    assert texts(state_of(sources[1:], erased=gone)) == {}, "its plain name is free now"
    page = folder(tmp_path / "page", fees__html="<p>Page.</p>", fees__md="Text.")
    assert "Text." not in texts(state_of([feed(page)], erased=Tombstones(documents=frozenset({"fees"})))).values()


def test_ids_stand_as_they_stood_where_they_were_clear(tmp_path: Path) -> None:
    write(tmp_path / "rows.jsonl", {"id": "a:b", "text": "Row."}, {"_id": 7, "text": "Seven."})
    folder(tmp_path / "deep", note__v2__txt="Note.")
    assert set(texts(state_of([feed(tmp_path)]))) == {"a:b", "7", "deep/note.v2"}

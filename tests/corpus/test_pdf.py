"""PDF beyond its pages' text: form fields, notes on the page, and what is left out, counted."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, TextStringObject

from genaiops_assets.corpus import Record, read_file
from tests.corpus.test_pages import pdf


def annotation(**entries: Any) -> DictionaryObject:
    def value(given: Any) -> Any:
        if isinstance(given, int):
            return NumberObject(given)
        return NameObject(given) if isinstance(given, str) and given.startswith("/") else given

    return DictionaryObject({NameObject(f"/{key}"): value(v) for key, v in entries.items()})


def text(value: str) -> TextStringObject:
    return TextStringObject(value)


def with_notes(content: bytes, *notes: DictionaryObject) -> PdfWriter:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(content)))
    writer.pages[0][NameObject("/Annots")] = ArrayObject(writer._add_object(note) for note in notes)
    return writer


def read(folder: Path, writer: PdfWriter) -> Record:
    writer.write(folder / "form.pdf")
    [found] = read_file(folder / "form.pdf", "form.pdf")
    assert isinstance(found, Record), found
    return found


def test_form_fields_and_notes_on_the_page_are_read(tmp_path: Path) -> None:
    parent = annotation(FT="/Tx", T=text("person"), V=text("ignored"))
    writer = with_notes(
        pdf("Application", "Second page"),
        annotation(Subtype="/Widget", FT="/Tx", T=text("name"), TU=text("姓名"), V=text("艾达")),
        annotation(Subtype="/Widget", T=text("city"), V=text("Turin"), Parent=parent),
        annotation(Subtype="/Widget", FT="/Btn", T=text("agreed"), V="/Yes"),
        annotation(Subtype="/Widget", FT="/Btn", T=text("not agreed"), V="/Off"),
        annotation(Subtype="/Widget", FT="/Ch", T=text("loans"), V=ArrayObject([text("car"), text("house")])),
        annotation(Subtype="/Widget", FT="/Ch", T=text("loans"), V=ArrayObject([text("car"), text("house")])),
        annotation(Subtype="/Widget", FT="/Tx", T=text("pin"), V=text("1234"), Ff=1 << 13),
        annotation(Subtype="/Widget", FT="/Tx", T=text("empty")),
        annotation(Subtype="/FreeText", Contents=text("Refused on Monday.")),
    )
    assert read(tmp_path, writer).fields["text"] == (
        "Application\n姓名: 艾达\nperson.city: Turin\nagreed: Yes\nloans: car, house\nRefused on Monday.\n\nSecond page"
    )


def test_a_form_without_other_text_is_a_document(tmp_path: Path) -> None:
    blank = PdfWriter()
    blank.add_blank_page(100, 100)
    out = io.BytesIO()
    blank.write(out)
    note = annotation(Subtype="/FreeText", Contents=text("Only a note."))
    found = read(tmp_path, with_notes(out.getvalue(), note))
    assert (found.fields["text"], found.left_out) == ("Only a note.", {"pages without text": 1})


def test_comments_hidden_notes_and_attachments_are_counted_not_read(tmp_path: Path) -> None:
    writer = with_notes(
        pdf("Text."),
        annotation(Subtype="/Text", Contents=text("A comment.")),
        annotation(Subtype="/FreeText", Contents=text("Obey."), F=2),
        annotation(Subtype="/Link"),
        NumberObject(3),  # type: ignore[arg-type]
    )
    writer.add_blank_page(100, 100)
    writer.add_attachment("more.txt", b"More.")
    found = read(tmp_path, writer)
    assert found.fields["text"] == "Text."
    assert found.left_out == {"comments": 1, "hidden characters": 5, "pages without text": 1, "attachments": 1}


def test_a_title_that_a_program_wrote_gives_way_to_the_files_name(tmp_path: Path) -> None:
    for title, expected in (("Microsoft Word - Document1", "form"), ("Microsoft Word - 费用.doc", "费用")):
        (tmp_path / "form.pdf").write_bytes(pdf("Text.", title=title))
        [found] = read_file(tmp_path / "form.pdf", "form.pdf")
        assert isinstance(found, Record) and found.fields["title"] == expected

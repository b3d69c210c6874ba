"""PDF: the text of all pages through pypdf, with the values of form fields and the notes written on a page. Belongs
here: text and title. Does not belong here: recognising scanned pages."""

from __future__ import annotations

import logging
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from genaiops_assets.corpus.read import outcomes
from genaiops_assets.corpus.read.outcomes import Outcomes, Unreadable
from genaiops_assets.corpus.read.plain import document
from genaiops_assets.corpus.read.streams import seekable, size_within
from genaiops_assets.corpus.read.titles import given

MAX_NOTES = 10_000  # of one page
_HIDDEN = 2 | 32  # flags of an annotation: hidden, not shown on screen (ISO 32000-1, 12.5.3)
_PASSWORD, _PUSH_BUTTON = 1 << 13, 1 << 16  # flags of a field (12.7.4)
_COMMENTS = {
    "/Text",
    "/Highlight",
    "/Underline",
    "/StrikeOut",
    "/Squiggly",
    "/Caret",
    "/Stamp",
    "/Ink",
    "/Square",
    "/Circle",
    "/Line",
}


def pdf_text(path: Path, name: str) -> Outcomes:
    """One document, its pages divided by blank lines. Raises Unreadable for what needs a password, is broken or holds
    no text."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it repairs is no news to anybody
    with seekable(path) as f:
        size_within(f, outcomes.MAX_PAGED_FILE)
        with outcomes.broken("PDF"):
            title, text, left_out = _read(f)
    if not text.strip():
        raise Unreadable("no text in the PDF: scanned pages? Recognise the text first (OCR)")
    yield document(name, title, text, left_out)


def _read(f: Any) -> tuple[str, str, dict[str, int]]:
    from pypdf import PdfReader

    reader = PdfReader(f)
    if reader.is_encrypted and not reader.decrypt(""):
        raise Unreadable("password-protected PDF: remove the password first")
    left_out, pages, length, seen = Counter[str](), list[str](), 0, set[str]()
    for page in reader.pages:
        written = page.extract_text().strip()
        left_out["pages without text"] += not written
        pages.append("\n".join([*([written] if written else []), *_notes(page, left_out, seen)]))
        length += len(pages[-1])
        if length > outcomes.MAX_LINE:
            raise Unreadable(f"more than {outcomes.MAX_LINE} characters: too long for one document, split it")
    with suppress(Exception):  # a broken list of attachments does not make the text unreadable
        left_out["attachments"] += sum(1 for _ in reader.attachment_list)
    text = "\n\n".join(p for p in pages if p)
    title = (reader.metadata.title or "") if reader.metadata else ""
    return given(str(title)), text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"), dict(left_out)


def _notes(page: Any, left_out: Counter[str], seen: set[str]) -> list[str]:
    """The values of the form fields of a page, and the notes that stand on it as text. `seen`: names of earlier
    fields."""
    lines = list[str]()
    for number, reference in enumerate(_object(page.get("/Annots")) or ()):
        note = _object(reference)
        if number >= MAX_NOTES:
            raise Unreadable(f"more than {MAX_NOTES} notes and fields on one page")
        if not hasattr(note, "get"):
            continue
        kind, contents = note.get("/Subtype"), str(_object(note.get("/Contents")) or "").strip()
        line = contents if kind == "/FreeText" else _field(note, seen) if kind == "/Widget" else ""
        if line and int(_object(note.get("/F")) or 0) & _HIDDEN:
            left_out["hidden characters"] += len(line)
        elif line:
            lines.append(line)
        left_out["comments"] += bool(contents) and kind in _COMMENTS
    return lines


def _field(widget: Any, seen: set[str]) -> str:
    """`label: value` of a field that has one; "" for what was seen before, buttons, passwords and signatures."""
    chain = [widget]
    while len(chain) < outcomes.MAX_NESTING and hasattr(parent := _object(chain[-1].get("/Parent")), "get"):
        chain.append(parent)

    def stated(key: str) -> Any:
        return next((_object(node[key]) for node in chain if key in node), None)

    names = [str(_object(node["/T"])) for node in reversed(chain) if "/T" in node]
    kind, flags, value = stated("/FT"), int(stated("/Ff") or 0), stated("/V")
    if kind == "/Btn":
        value = "" if flags & _PUSH_BUTTON or str(value) == "/Off" else str(value or "").removeprefix("/")
    elif kind not in ("/Tx", "/Ch") or flags & _PASSWORD:
        return ""
    parts = value if isinstance(value, list) else [value] if value is not None else []
    text = ", ".join(str(_object(part)).strip() for part in parts).strip()
    name = ".".join(names)
    if not text or name in seen:
        return ""
    seen.add(name)
    return f"{stated('/TU') or name}: {text}" if name else text


def _object(value: Any) -> Any:
    return value.get_object() if hasattr(value, "get_object") else value

"""PDF: the text of all pages through pypdf. Belongs here: page text and title. Does not belong here: recognising
scanned pages."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from genaiops_assets.corpus.read import outcomes
from genaiops_assets.corpus.read.outcomes import Outcomes, Unreadable
from genaiops_assets.corpus.read.plain import document
from genaiops_assets.corpus.read.streams import seekable, size_within


def pdf_text(path: Path, name: str) -> Outcomes:
    """One document, its pages divided by blank lines. Raises Unreadable for what needs a password, is broken or holds
    no text."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # what it repairs is no news to anybody
    with seekable(path) as f:
        size_within(f, outcomes.MAX_PAGED_FILE)
        try:
            title, text = _read(f)
        except Unreadable:
            raise
        except Exception as error:  # a parser of hostile files fails in every way there is
            raise Unreadable(f"broken PDF: {type(error).__name__}: {error}") from error
    if not text.strip():
        raise Unreadable("no text in the PDF: scanned pages? Recognise the text first (OCR)")
    yield document(name, title, text)


def _read(f: Any) -> tuple[str, str]:
    from pypdf import PdfReader

    reader = PdfReader(f)
    if reader.is_encrypted and not reader.decrypt(""):
        raise Unreadable("password-protected PDF: remove the password first")
    pages, length = list[str](), 0
    for page in reader.pages:
        pages.append(page.extract_text().strip())
        length += len(pages[-1])
        if length > outcomes.MAX_LINE:
            raise Unreadable(f"more than {outcomes.MAX_LINE} characters: too long for one document, split it")
    text = "\n\n".join(p for p in pages if p)
    title = (reader.metadata.title or "") if reader.metadata else ""
    return str(title).strip(), text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

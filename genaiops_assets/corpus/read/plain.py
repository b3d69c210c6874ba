"""Plain text and Markdown: a file is one document. Belongs here: title and text of these. Does not belong here: markup
that is taken away."""

from __future__ import annotations

from pathlib import Path

from genaiops_assets.corpus.read.folders import stem_of
from genaiops_assets.corpus.read.outcomes import Outcomes, Record
from genaiops_assets.corpus.read.streams import whole


def plain_text(path: Path, name: str) -> Outcomes:
    """Titled by its first heading, or by its name."""
    text = whole(path).decode("utf-8-sig")
    heading = next((line.lstrip("# ").strip() for line in text.splitlines() if line.startswith("#")), "")
    yield document(name, heading, text)


def document(name: str, title: str, text: str) -> Record:
    """A file that is one document; its id is its place in the source without the suffixes."""
    stem = stem_of(name)
    return Record(name, 1, {"doc_id": stem, "title": title or stem.rpartition("/")[2], "text": text})

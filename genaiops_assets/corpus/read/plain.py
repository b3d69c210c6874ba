"""Plain text and Markdown: a file is one document. Belongs here: title and text of these. Does not belong here: markup
that is taken away."""

from __future__ import annotations

from pathlib import Path

from genaiops_assets.corpus.read.folders import stem_of
from genaiops_assets.corpus.read.outcomes import Outcomes, Record
from genaiops_assets.corpus.read.streams import open_utf8, whole
from genaiops_assets.corpus.read.titles import title_of_text


def plain_text(path: Path, name: str) -> Outcomes:
    """Titled by its front matter, its first heading, or its name."""
    text = whole(path, open_utf8).decode()
    yield document(name, title_of_text(text), text)


def document(name: str, title: str, text: str, left_out: dict[str, int] | None = None) -> Record:
    """A file that is one document; its id is its place in the source without the suffixes, or with them where that is
    taken. `left_out`: what its reader did not take in, {what: how much}."""
    stem = stem_of(name)
    fields = {"doc_id": stem, "title": title or stem.rpartition("/")[2], "text": text}
    return Record(name, 1, fields, name, {what: count for what, count in (left_out or {}).items() if count})

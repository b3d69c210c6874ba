"""Word files (docx) through python-docx: what is refused, and title and text of the rest. Belongs here: the file. Does
not belong here: its body (`docx_body.py`), the old binary `.doc`."""

from __future__ import annotations

import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

from genaiops_assets.corpus.read import outcomes
from genaiops_assets.corpus.read.docx_body import Body, left_out_of
from genaiops_assets.corpus.read.outcomes import Outcomes, Unreadable
from genaiops_assets.corpus.read.plain import document
from genaiops_assets.corpus.read.streams import seekable, size_within
from genaiops_assets.corpus.read.titles import given

MAX_XML = 50_000_000  # bytes of one XML part: as a tree it takes ten times that
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of encrypted and of old Word files


def docx_text(path: Path, name: str) -> Outcomes:
    """One document, its headings marked as in Markdown. Raises Unreadable for bombs, passwords and what is broken."""
    with seekable(path) as f:
        size_within(f, outcomes.MAX_PAGED_FILE)
        if f.read(8) == _OLE:
            raise Unreadable("password-protected, or an old .doc file: save it as .docx without a password")
        f.seek(0)
        with outcomes.broken("Word file"):
            refuse_bomb(f)
            title, text, left_out = _read(f)
    if not text.strip():
        raise Unreadable("no text in the Word file")
    yield document(name, title, text, left_out)


def refuse_bomb(f: Any) -> None:
    """Sizes are as declared; a member that lies about its own is cut off there by `zipfile` and fails its checksum."""
    with zipfile.ZipFile(f) as archive:
        members = archive.infolist()
        size, packed = sum(m.file_size for m in members), sum(m.compress_size for m in members)
        if size > max(outcomes.EXPANSION_FLOOR, packed * outcomes.MAX_EXPANSION) or len(members) > 10_000:
            raise Unreadable(f"declares {size} bytes in {len(members)} members, {packed} packed: a zip bomb?")
        big = next((m for m in members if m.filename.endswith((".xml", ".rels")) and m.file_size > MAX_XML), None)
        if big:
            raise Unreadable(
                f"{big.filename} declares {big.file_size} bytes, more than {MAX_XML}: a zip bomb, or split it"
            )
    f.seek(0)


def _read(f: Any) -> tuple[str, str, dict[str, int]]:
    import docx

    file = docx.Document(f)
    left_out: Counter[str] = left_out_of(file)
    blocks = list(Body(file, left_out).blocks(file.element.body))
    first = next((block.lstrip("# ") for block in blocks if block.startswith("#")), "")
    return given(str(file.core_properties.title or "")) or first, "\n\n".join(blocks), dict(left_out)

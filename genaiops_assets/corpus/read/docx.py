"""Word files (docx): headings, paragraphs and tables through python-docx. Belongs here: their text. Does not belong
here: the old binary `.doc`."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from genaiops_assets.corpus.read import outcomes
from genaiops_assets.corpus.read.outcomes import Outcomes, Unreadable
from genaiops_assets.corpus.read.plain import document
from genaiops_assets.corpus.read.streams import seekable, size_within

MAX_XML = 50_000_000  # bytes of one XML part: as a tree it takes ten times that
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # the container of encrypted and of old Word files
_HEADING = re.compile(r"^(?:Heading|标题) ?([1-6])$")


def docx_text(path: Path, name: str) -> Outcomes:
    """One document, its headings marked as in Markdown. Raises Unreadable for bombs, passwords and what is broken."""
    with seekable(path) as f:
        size_within(f, outcomes.MAX_PAGED_FILE)
        if f.read(8) == _OLE:
            raise Unreadable("password-protected, or an old .doc file: save it as .docx without a password")
        f.seek(0)
        try:
            refuse_bomb(f)
            title, text = _read(f)
        except Unreadable:
            raise
        except Exception as error:  # a parser of hostile files fails in every way there is
            raise Unreadable(f"broken Word file: {type(error).__name__}: {error}") from error
    if not text.strip():
        raise Unreadable("no text in the Word file")
    yield document(name, title, text)


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


def _read(f: Any) -> tuple[str, str]:
    import docx

    file = docx.Document(f)
    lines = [line for block in file.iter_inner_content() for line in _lines(block)]
    first = next((line.lstrip("# ") for line in lines if line.startswith("#")), "")
    return str(file.core_properties.title or "").strip() or first, "\n\n".join(lines)


def _lines(block: Any) -> Iterator[str]:
    if hasattr(block, "rows"):
        for row in block.rows:
            cells = [
                cell.text.strip().replace("\n", " ") for i, cell in enumerate(row.cells) if cell not in row.cells[:i]
            ]
            yield "| " + " | ".join(cells) + " |"
        return
    text, style = block.text.strip(), str(getattr(block.style, "name", ""))
    heading = _HEADING.match(style)
    if text:
        yield f"{'#' * int(heading.group(1))} {text}" if heading else f"# {text}" if style == "Title" else text

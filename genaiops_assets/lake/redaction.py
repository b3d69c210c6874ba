"""Redaction: a text file written anew with some of its texts replaced, its structure kept.

Belongs here: taking JSON, JSON Lines, HTML and plain text apart into texts and putting them together again. Does not
belong here: which texts are to be replaced (`governance/erasure/derived.py`)."""

from __future__ import annotations

import html
import json
import re
from pathlib import PurePosixPath
from typing import Any, Protocol

from genaiops_assets.lake.canonical import canonical_json, pretty_json

ERASED_TEXT = "[erased]"
JSON, LINES, HTML = {".json", ".jsonld"}, {".jsonl", ".ndjson"}, {".html", ".htm"}
BINARY = {".safetensors", ".png", ".parquet", ".lance", ".gz", ".zst", ".npz"}
_TAGS = re.compile(r"(<[^>]*>)")


class Editor(Protocol):
    def text(self, text: str) -> str:
        """What stands in the place of a text."""
        ...

    def row(self, row: dict[str, Any]) -> dict[str, Any]:
        """What stands in the place of a JSON object, looked at before its values are."""
        ...


def edited(data: bytes, name: str, editor: Editor) -> bytes:
    """The file as the editor leaves it; the very same bytes where it changes nothing or where the file holds no
    text."""
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in BINARY or b"\0" in data[:8192]:
        return data
    try:
        text = data.decode()
        if suffix in JSON:
            before = json.loads(text)
            after = edited_json(before, editor)
            return data if after == before else pretty_json(after)
        if suffix in LINES:
            lines = [json.loads(line) if line.strip() else None for line in text.split("\n")]
            changed = [edited_json(line, editor) for line in lines]
            return data if changed == lines else b"\n".join(b"" if c is None else canonical_json(c) for c in changed)
    except UnicodeDecodeError:
        return data
    except (ValueError, RecursionError):
        pass  # not what its name says: taken as plain text
    return (edited_html(text, editor) if suffix in HTML else edited_lines(text, editor)).encode()


def edited_json(value: Any, editor: Editor) -> Any:
    if isinstance(value, str):
        return editor.text(value)
    if isinstance(value, list):
        return [edited_json(v, editor) for v in value]
    if isinstance(value, dict):
        return {editor.text(k): edited_json(v, editor) for k, v in editor.row(value).items()}
    return value


def edited_html(text: str, editor: Editor) -> str:
    pieces = _TAGS.split(text)
    return "".join(piece if piece.startswith("<") else edited_lines(piece, editor, html.unescape) for piece in pieces)


def edited_lines(text: str, editor: Editor, read: Any = str) -> str:
    """Line by line. A line that is replaced keeps its indentation and list mark, so that a document stays readable."""
    return "\n".join(edited_line(line, editor, read) for line in text.split("\n"))


def edited_line(line: str, editor: Editor, read: Any) -> str:
    said = read(line)
    after = editor.text(said)
    if after == said:
        return line
    mark = re.match(r"\s*(?:(?:[-*>|]|#+) )*", line)
    return f"{mark.group() if mark else ''}{after}"

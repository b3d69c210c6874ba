"""The body of a Word file as it reads when all changes are accepted: insertions in, deletions out.

Belongs here: which elements of WordprocessingML (ECMA-376, part 1, 17) hold text, and what is counted instead. Does
not belong here: opening files."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from genaiops_assets.corpus.read import outcomes
from genaiops_assets.corpus.read.outcomes import Unreadable

_HEADING = re.compile(r"^(?:Heading|标题) ?([1-6])$", re.IGNORECASE)
_GONE = {
    "del",
    "moveFrom",
    "delText",
    "instrText",
    "rPr",
    "pPr",
    "sdtPr",
    "sdtEndPr",
    "rt",
    "Fallback",
    "tcPr",
    "trPr",
    "tblPr",
}
_SIGNS = {"tab": "\t", "ptab": "\t", "cr": "\n", "noBreakHyphen": "-"}
_COUNTED = {
    "pic": "images",
    "imagedata": "images",
    "object": "embedded objects",
    "chart": "charts",
    "relIds": "diagrams",
}
_NOTES = {"footnoteReference": "footnotes", "endnoteReference": "endnotes"}


def local(node: Any) -> str:
    """An element's name without its name space; "" for comments and the like."""
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def value_of(node: Any, name: str, default: str = "") -> str:
    """An attribute by its local name."""
    return next((v for k, v in node.attrib.items() if k.rpartition("}")[2] == name), default)


def child(node: Any, *path: str) -> Any:
    """The first descendant along local names, or None."""
    for name in path:
        node = next((c for c in node if local(c) == name), None)
        if node is None:
            return None
    return node


def is_on(node: Any) -> bool:
    return node is not None and value_of(node, "val", "1") not in ("0", "false", "off")


class Body:
    """Blocks of text in the order of the file: paragraphs, headings with `#`, tables with a line a row; text boxes and
    notes after the paragraph they belong to."""

    def __init__(self, file: Any, left_out: Counter[str]) -> None:
        self._styles = {s.style_id: str(s.name or "") for s in file.styles}
        self._notes = {kind: _notes_of(file, kind) for kind in ("footnotes", "endnotes")}
        self._left_out, self._cells, self._length, self._noted = left_out, 0, 0, 0

    def blocks(self, parent: Any, depth: int = 0, in_cell: bool = False) -> Iterator[str]:
        """Raises Unreadable where tables or boxes nest too deep."""
        if depth > outcomes.MAX_NESTING:
            raise Unreadable(f"nested deeper than {outcomes.MAX_NESTING} levels")
        joined = ""  # the text of a paragraph whose end was deleted: it goes on in the next one
        for node in parent:
            kind = local(node)
            if kind == "p":
                text, after = self._inline(node)
                if _mark_is_deleted(node):
                    joined += text
                else:
                    yield from self._paragraph(node, joined + text)
                    joined = ""
                for box in after:
                    yield from self.blocks(box, depth + 1, in_cell)
            elif kind == "tbl":
                rows = self._rows(node, depth)
                marked = ("; ".join(filter(None, row)) if in_cell else f"| {' | '.join(row)} |" for row in rows)
                if table := "\n".join(marked):
                    yield table
            elif kind == "altChunk":
                self._left_out["embedded documents"] += 1
            elif kind not in _GONE:
                yield from self.blocks(_chosen(node), depth + 1, in_cell)
        yield from self._paragraph(None, joined)

    def _paragraph(self, node: Any, text: str) -> Iterator[str]:
        text, style = text.strip(), child(node, "pPr", "pStyle") if node is not None else None
        name = self._styles.get(value_of(style, "val"), "") if style is not None else ""
        heading = _HEADING.match(name)
        if text:
            yield f"{'#' * int(heading.group(1))} {text}" if heading else f"# {text}" if name == "Title" else text

    def _inline(self, paragraph: Any) -> tuple[str, list[Any]]:
        """Its text, and what comes after it: text boxes and notes."""
        parts, after, waiting = list[str](), list[Any](), [paragraph]
        while waiting:
            node = waiting.pop()
            kind = local(node)
            if kind == "t":
                parts.append(node.text or "")
            elif kind in _SIGNS:
                parts.append(_SIGNS[kind])
            elif kind == "br":
                parts.append("\n" if value_of(node, "type", "textWrapping") == "textWrapping" else "")
            elif kind == "txbxContent":
                after.append(node)
            elif kind in _NOTES:
                note = self._notes[_NOTES[kind]].get(value_of(node, "id"))
                if note is not None:
                    self._noted += 1
                    parts.append(f"[{self._noted}]")
                    after.append(_numbered(note, self._noted))
            elif kind == "r" and is_on(child(node, "rPr", "vanish")):
                self._left_out["hidden characters"] += sum(len(t.text or "") for t in node.iter() if local(t) == "t")
            elif kind and (kind not in _GONE):
                if kind in _COUNTED:
                    self._left_out[_COUNTED[kind]] += 1
                waiting += reversed(_chosen(node))
        return "".join(parts), after

    def _rows(self, table: Any, depth: int) -> Iterator[list[str]]:
        """The texts of the cells of each row that holds any; a cell that spans others stands in each of them."""
        above: dict[int, str] = {}  # text of the cell that reaches down, by column
        for row in _members(table, "tr"):
            if child(row, "trPr", "del") is not None:
                continue
            cells, at = list[tuple[str, int]](), _number(child(row, "trPr", "gridBefore"), 0)
            cells += [("", 1)] * at
            for cell in _members(row, "tc"):
                width = _number(child(cell, "tcPr", "gridSpan"), 1)
                self._cells += width
                if self._cells > outcomes.MAX_CELLS:
                    raise Unreadable(f"more than {outcomes.MAX_CELLS} cells in its tables")
                merged = child(cell, "tcPr", "vMerge")
                goes_on = merged is not None and value_of(merged, "val", "continue") != "restart"
                text = above.get(at, "") if goes_on else self._cell(cell, depth)
                above[at] = text if merged is not None else ""
                cells.append((text, width))
                at += width
            if len(cells) == 1:
                cells = [(cells[0][0], 1)]
            texts = [text for text, width in cells for _ in range(width)]
            self._length += sum(map(len, texts))
            if self._length > outcomes.MAX_LINE:
                raise Unreadable(f"more than {outcomes.MAX_LINE} characters in its tables, merged cells filled")
            if any(texts):
                yield texts

    def _cell(self, cell: Any, depth: int) -> str:
        return " ".join(" ".join(self.blocks(cell, depth + 1, in_cell=True)).split("\n")).strip()


def _chosen(node: Any) -> list[Any]:
    """The children of an element; of alternatives the first, which says most."""
    if local(node) != "AlternateContent":
        return list(node)
    return list(next((c for c in node if local(c) == "Choice"), next(iter(node), ())))


def _members(parent: Any, kind: str) -> Iterator[Any]:
    """Rows or cells, also those in content controls."""
    waiting = list(reversed(parent))
    while waiting:
        node = waiting.pop()
        if local(node) == kind:
            yield node
        elif local(node) in ("sdt", "sdtContent", "customXml", "ins", "moveTo"):
            waiting += reversed(node)


def _mark_is_deleted(paragraph: Any) -> bool:
    marks = child(paragraph, "pPr", "rPr")
    return marks is not None and any(local(m) in ("del", "moveFrom") for m in marks)


def _number(node: Any, default: int) -> int:
    text = value_of(node, "val") if node is not None else ""
    return min(int(text), outcomes.MAX_COLUMNS) if text.isdecimal() else default


def _numbered(note: Any, number: int) -> list[Any]:
    """The paragraphs of a note, its number before the first."""
    from lxml import etree

    paragraphs = list(deepcopy(note))
    first = next((p for p in paragraphs if local(p) == "p"), None)
    if first is not None:
        space = first.tag.rpartition("}")[0] + "}"
        run = etree.Element(f"{space}r")
        etree.SubElement(run, f"{space}t").text = f"[{number}] "
        at = next((i for i, c in enumerate(first) if local(c) == "pPr"), -1) + 1
        first.insert(at, run)
    return paragraphs


def _notes_of(file: Any, kind: str) -> dict[str, Any]:
    from docx.oxml.parser import parse_xml

    for relation in file.part.rels.values():
        if not relation.is_external and relation.reltype.endswith(f"/{kind}"):
            root = parse_xml(relation.target_part.blob)
            return {
                value_of(n, "id"): n for n in root if value_of(n, "type") not in ("separator", "continuationSeparator")
            }
    return {}


def left_out_of(file: Any) -> Counter[str]:
    """What lies in parts of a file that are not its body: comments, and headers and footers of pages with text."""
    from docx.oxml.parser import parse_xml

    found: Counter[str] = Counter()
    for relation in file.part.rels.values():
        kind = "" if relation.is_external else relation.reltype.rpartition("/")[2]
        if kind in ("comments", "header", "footer"):
            root = parse_xml(relation.target_part.blob)
            has_text = any(local(t) == "t" and (t.text or "").strip() for t in root.iter())
            found["comments"] += sum(local(n) == "comment" for n in root) if kind == "comments" else 0
            found["headers and footers"] += has_text and kind != "comments"
    return found

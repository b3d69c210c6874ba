"""The lines of a page: a new one at both ends of each block, one a row of a table.

Belongs here: what of a page is text, and its layout. Does not belong here: its title, what is hidden."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from genaiops_assets.corpus.read import outcomes
from genaiops_assets.corpus.read.outcomes import Unreadable

UNREAD = {
    "script",
    "style",
    "noscript",
    "template",
    "svg",
    "math",
    "iframe",
    "object",
    "canvas",
    "head",
    "nav",
    "button",
    "select",
    "datalist",
    "textarea",
}
BLOCKS = {
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "caption",
    "dd",
    "details",
    "dialog",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "legend",
    "li",
    "main",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tr",
    "ul",
}
CONTENT = {
    "p",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "ul",
    "ol",
    "dl",
    "table",
    "article",
    "section",
    "main",
    "blockquote",
    "pre",
}
LAYOUT = {
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "table",
    "form",
    "article",
    "section",
    "main",
    "nav",
    "header",
    "footer",
    "pre",
}
OWNERS = {"article", "blockquote", "figure"}  # of an aside or a footer that belongs to the text
PARTS = {"thead", "tbody", "tfoot"}


class PageLines:
    """Text of a tree as lines; inline markup leaves no trace. `hidden`: `mem_id` of what is not shown; `left_out`
    counts what is not read."""

    def __init__(self, hidden: set[int], left_out: Counter[str]) -> None:
        self._hidden, self._left_out = hidden, left_out
        self._lines: list[str] = []
        self._line: list[str] = []
        self._prefix = ""
        self._as_written = False
        self._cells = self._length = 0

    def of(self, root: Any) -> list[str]:
        """Without recursion: pages nest deeper than Python does. Raises Unreadable where a table is too large."""
        open_nodes: list[tuple[Any, bool]] = [(root, False)]
        preformatted = 0
        while open_nodes:
            node, is_end = open_nodes.pop()
            tag = node.tag
            if is_end:
                preformatted -= tag == "pre"
                self._end_line()
            elif tag == "-text":
                self._add(node.text(deep=False) or "", preformatted > 0)
            elif tag == "br":
                self._end_line()
            elif self._is_read(node):
                self._begin(tag)
                preformatted += tag == "pre"
                if tag in BLOCKS:
                    open_nodes.append((node, True))
                if tag == "table" and not _is_layout(node):
                    self._table(node)
                else:
                    open_nodes.extend((child, False) for child in reversed(_children(node)))
        self._end_line()
        return self._lines

    def _is_read(self, node: Any) -> bool:
        tag = node.tag
        if tag in UNREAD or tag.startswith(("-", "!")):
            self._beside(node if tag == "nav" else None)
            return False
        if node.mem_id in self._hidden or (tag == "dialog" and "open" not in node.attributes):
            self._left_out["hidden characters"] += len("".join((node.text() or "").split()))
            return False
        if tag == "form":  # a search box is none of the text, a page that lies in a form is
            return _first(node, CONTENT) is not None or self._beside(node)
        if tag in ("aside", "footer"):
            return _owner(node) or self._beside(node)
        self._left_out["images"] += tag == "img"
        return True

    def _beside(self, node: Any) -> bool:
        """Count what stands beside the text of a page: it is not read."""
        if node is not None:
            self._left_out["characters beside the text"] += len("".join((node.text() or "").split()))
        return False

    def _begin(self, tag: str) -> None:
        if tag in BLOCKS:
            self._end_line()
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self._prefix = "#" * int(tag[1]) + " "
        elif tag == "li":
            self._prefix = "- "
        elif tag in ("td", "th") and "".join(self._line).strip():
            self._line.append(" | ")

    def _add(self, text: str, preformatted: bool) -> None:
        if not preformatted:
            self._line.append(re.sub(r"\s+", " ", text))
            return
        for number, line in enumerate(text.split("\n")):
            if number:
                self._end_line()
            self._line.append(line)
            self._as_written = True

    def _end_line(self) -> None:
        line = "".join(self._line)
        line = line.rstrip() if self._as_written else re.sub(r" {2,}", " ", line).strip()
        if line.strip():
            self._lines.append(self._prefix + line)
            self._prefix = ""
        self._line, self._as_written = [], False

    def _table(self, table: Any) -> None:
        """A line a row. A cell that spans rows or columns stands in each; an empty one keeps its place."""
        down: dict[int, tuple[int, str]] = {}  # column → (rows to go, text) of a cell that reaches down
        for row in self._rows(table):
            if row.tag == "caption":
                self._add(self._text_of(row), False)
                self._end_line()
                continue
            cells = [c for c in _children(row) if c.tag in ("td", "th") and self._is_read(c)]
            texts = list[str]()
            for cell in cells:
                self._fill(texts, down)
                wide, deep, text = _span(cell, "colspan"), _span(cell, "rowspan"), self._text_of(cell)
                for _ in range(1 if len(cells) == 1 and not down else wide):
                    if deep > 1:
                        down[len(texts)] = (deep - 1, text)
                    texts.append(text)
            self._fill(texts, down)
            self._cells += len(texts)
            if self._cells > outcomes.MAX_CELLS or len(texts) > outcomes.MAX_COLUMNS:
                raise Unreadable(f"more than {outcomes.MAX_CELLS} cells in its tables")
            self._length += sum(map(len, texts))
            if self._length > outcomes.MAX_LINE:
                raise Unreadable(f"more than {outcomes.MAX_LINE} characters in its tables, spans filled")
            if any(texts):
                self._lines.append(self._prefix + " | ".join(texts).strip())
                self._prefix = ""

    def _fill(self, texts: list[str], down: dict[int, tuple[int, str]]) -> None:
        """The cells that reach into a row from above, from its present place on."""
        while (above := down.get(len(texts))) is not None:
            rows, text = above
            if rows > 1:
                down[len(texts)] = (rows - 1, text)
            else:
                del down[len(texts)]
            texts.append(text)

    def _rows(self, table: Any) -> list[Any]:
        found = list[Any]()
        for node in _children(table):
            if node.tag in PARTS and self._is_read(node):
                found += [row for row in _children(node) if row.tag == "tr" and self._is_read(row)]
            elif node.tag in ("tr", "caption") and self._is_read(node):
                found.append(node)
        return found

    def _text_of(self, cell: Any) -> str:
        """All of a cell in one line."""
        inner = PageLines(self._hidden, self._left_out)
        lines = [line.removeprefix("- ") for line in inner.of(cell)]
        return re.sub(r"\s+", " ", " ".join(lines)).strip()


def _children(node: Any) -> list[Any]:
    found, child = list[Any](), node.child
    while child is not None:
        found.append(child)
        child = child.next
    return found


def _first(root: Any, tags: set[str]) -> Any:
    """The first element below a node that bears one of the tags, or None."""
    waiting = _children(root)
    while waiting:
        node = waiting.pop()
        if node.tag in tags:
            return node
        waiting += _children(node)
    return None


def _is_layout(table: Any) -> bool:
    """Whether a table only places the parts of a page."""
    return table.attributes.get("role") in ("presentation", "none") or _first(table, LAYOUT) is not None


def _owner(node: Any) -> bool:
    while (node := node.parent) is not None:
        if node.tag in OWNERS:
            return True
    return False


def _span(cell: Any, name: str) -> int:
    text = (cell.attributes.get(name) or "1").strip()
    return max(1, min(int(text), 1000)) if text.isdecimal() and len(text) < 10 else 1

"""HTML: title and readable text of a page through selectolax. Belongs here: character set, what of a page is text, and
its lines.

Character set: byte order mark, then the page's own declaration, then UTF-8 (WHATWG HTML, 13.2.3.2, without the
guessing)."""

from __future__ import annotations

import codecs
import re
from pathlib import Path
from typing import Any

from genaiops_assets.corpus.read.outcomes import Outcomes, Unreadable
from genaiops_assets.corpus.read.plain import document
from genaiops_assets.corpus.read.streams import whole

UNREAD = {
    "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "canvas", "head", "nav", "footer", "aside", "form",
    "button", "select", "dialog",
}  # fmt: skip
BLOCKS = {
    "address", "article", "blockquote", "body", "caption", "dd", "details", "div", "dl", "dt", "fieldset", "figcaption", "figure", "h1",
    "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre", "section", "summary", "table", "tr", "ul",
}  # fmt: skip
_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_DECLARED = re.compile(rb"""<meta[^>]{0,500}?charset\s*=\s*["']?\s*([A-Za-z0-9_.:-]+)""", re.IGNORECASE)
_WIDER = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "big5": "big5hkscs",
}  # as browsers read them


def web_page(path: Path, name: str) -> Outcomes:
    """One document, headings marked as in Markdown. Raises Unreadable on a wrong character set and on a page without
    text."""
    page = decoded(whole(path))
    if "\0" in page:
        raise Unreadable("null bytes in the page")
    title, text = readable(page)
    if not text:
        raise Unreadable("no readable text in the page")
    yield document(name, title, text)


def decoded(content: bytes) -> str:
    """The characters of a page. Raises Unreadable when they are not in the set it declares, or in UTF-8 when it
    declares none."""
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _decode(content[len(mark) :], encoding, "its byte order mark says")
    declared = _DECLARED.search(content[:4096])
    if declared is None:
        return _decode(content, "utf-8", "no character set is declared, so")
    label = declared.group(1).decode("ascii")
    try:
        known = codecs.lookup(label).name
    except LookupError:
        raise Unreadable(f"unknown character set {label!r}") from None
    known = "utf-8" if known.startswith("utf-16") else known  # a declaration that could be read cannot be UTF-16
    return _decode(content, _WIDER.get(known, known), f"it declares {label},")


def _decode(content: bytes, encoding: str, why: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(f"wrong encoding: {why} {encoding} was expected, but byte {error.start} is not") from error


def readable(page: str) -> tuple[str, str]:
    """Title and text. Where a page marks its main content, only that is read."""
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(page)
    heading = tree.css_first("title") or tree.css_first("h1")
    mains = tree.css("main")
    root = mains[0] if len(mains) == 1 else tree.body
    text = "\n".join(_Lines().of(root)) if root is not None else ""
    return " ".join(heading.text().split()) if heading else "", text


class _Lines:
    """Text of a tree as lines: a new one at both ends of each block; inline markup leaves no trace."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._line: list[str] = []
        self._prefix = ""
        self._as_written = False

    def of(self, root: Any) -> list[str]:
        """Without recursion: pages nest deeper than Python does."""
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
            elif tag not in UNREAD and not tag.startswith(("-", "!")):
                self._begin(tag)
                preformatted += tag == "pre"
                if tag in BLOCKS:
                    open_nodes.append((node, True))
                children, child = [], node.last_child
                while child is not None:
                    children.append((child, False))
                    child = child.prev
                open_nodes.extend(children)
        self._end_line()
        return self._lines

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

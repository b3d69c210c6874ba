"""HTML: title and readable text of a page through selectolax. Belongs here: the page as a whole. Does not belong here:
its character set (`charsets.py`), what is hidden (`hidden.py`), its lines (`page_lines.py`)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from genaiops_assets.corpus.read.charsets import decoded
from genaiops_assets.corpus.read.hidden import hidden_nodes
from genaiops_assets.corpus.read.outcomes import Outcomes, Unreadable
from genaiops_assets.corpus.read.page_lines import PageLines
from genaiops_assets.corpus.read.plain import document
from genaiops_assets.corpus.read.streams import whole
from genaiops_assets.corpus.read.titles import given


def web_page(path: Path, name: str) -> Outcomes:
    """One document, headings marked as in Markdown. Raises Unreadable on a wrong character set and on a page without
    text."""
    page = decoded(whole(path))
    if "\0" in page:
        raise Unreadable("null bytes in the page")
    title, text, left_out = readable(page)
    if not text:
        hidden = left_out.get("hidden characters")
        raise Unreadable("no readable text in the page" + (f": {hidden} characters are hidden" if hidden else ""))
    yield document(name, title, text, left_out)


def readable(page: str) -> tuple[str, str, dict[str, int]]:
    """Title, text and what was left out. Where a page marks its main content, only that is read."""
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(page)
    hidden, left_out = hidden_nodes(tree), Counter[str]()
    mains = [node for node in tree.css("main") if node.mem_id not in hidden]
    root = mains[0] if len(mains) == 1 else tree.body
    text = "\n".join(PageLines(hidden, left_out).of(root)) if root is not None else ""
    if root is not tree.body and tree.body is not None:  # what stands outside the main content
        whole_page = "\n".join(PageLines(hidden, Counter()).of(tree.body))
        left_out["characters beside the text"] += max(0, len(whole_page) - len(text) - 1)
    return _title(tree), text, left_out


def _title(tree: Any) -> str:
    """The page's own, or its first heading; that of a picture (SVG) is none."""
    for node in tree.css("title"):
        if not _lies_in(node, "svg"):
            if title := given(node.text()):
                return title
            break
    heading = tree.css_first("h1")
    return " ".join(heading.text().split()) if heading else ""


def _lies_in(node: Any, tag: str) -> bool:
    while node is not None:
        if node.tag == tag:
            return True
        node = node.parent
    return False

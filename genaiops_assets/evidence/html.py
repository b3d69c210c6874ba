"""Markdown pages as HTML files that load nothing and run nothing.

Belongs here: the frame and the style around any document. Does not belong here: what a document says, or pages with
figures of their own (`governance/evaluation_page`)."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
HEADING = re.compile(r"^# (.+)$", re.MULTILINE)
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
DESCRIBED = 300  # characters of the description
STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.55 system-ui, "Noto Sans CJK SC", sans-serif; max-width: 52rem; margin: 0 auto; padding: 1rem; }
h1, h2, h3 { line-height: 1.25; }
table { border-collapse: collapse; display: block; overflow-x: auto; max-width: 100%; font-size: 0.92em; }
th, td { border: 1px solid #8886; padding: 0.3rem 0.55rem; text-align: left; vertical-align: top; }
p, li, h1, h2, h3 { overflow-wrap: anywhere; }
code { font-size: 0.88em; overflow-wrap: anywhere; }
@media (max-width: 40rem) { th, td { min-width: 5.5rem; } }
blockquote { border-left: 4px solid #8886; margin-left: 0; padding-left: 1rem; }
"""


def html_page(markdown: str, language: str = "en") -> str:
    """A self-contained HTML page of CommonMark with tables. HTML in the text stays text, links lead to http(s), mail or
    places in the page only, and the page's policy forbids scripts and loading. The title is the first heading."""
    text = FRONT_MATTER.sub("", markdown)
    heading = HEADING.search(text)
    title = html.escape(_plain(heading[1])) if heading else "Document"
    told = html.escape(_plain(_first_paragraph(text))[:DESCRIBED])
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="description" content="{told}">\n<title>{title}</title>\n'
        f"<style>{STYLE}</style>\n</head>\n<body>\n{_reader().render(text)}</body>\n</html>\n"
    )


def _first_paragraph(text: str) -> str:
    """What a search engine shows: the first paragraph that is no heading, quotation, list or table."""
    blocks = (" ".join(block.split()) for block in text.split("\n\n"))
    return next((block for block in blocks if block and block[0] not in "#>|-*"), "")


def _plain(line: str) -> str:
    """A line of Markdown without its escapes and entities."""
    return html.unescape(re.sub(r"\\(.)", r"\1", line)).strip()


def _reader() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("table")

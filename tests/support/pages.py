"""An HTML page taken apart: what it loads, where it leads, and the numbers that say where they come from. Holds no
tests."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

LOADING = {"src", "srcset", "data", "poster", "action", "background", "formaction", "xlink:href"}
VOID = {"meta", "link", "img", "br", "hr", "input", "line"}


@dataclass
class Page(HTMLParser):
    """`loads`: what a browser would fetch; `links`: where an `a` leads; `numbers`: (pointer, text); `ids`: anchors;
    `unclosed`: tags that were opened and not closed in order."""

    loads: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    numbers: list[tuple[str, str]] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    unclosed: list[str] = field(default_factory=list)
    text: list[str] = field(default_factory=list)
    language: str = ""

    def __post_init__(self) -> None:
        HTMLParser.__init__(self, convert_charrefs=True)
        self.open: list[str] = []
        self.at: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = told["lang"]
        self.loads += [value for name, value in told.items() if name in LOADING or (tag == "link" and name == "href")]
        self.loads += re.findall(r"url\(([^)]*)\)", told.get("style", ""))
        if tag in ("script", "iframe", "object", "embed"):
            self.loads.append(tag)
        if tag == "a":
            self.links.append(told["href"])
        if "id" in told:
            self.ids.append(told["id"])
        self.at = told.get("data-at")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID:
            return
        if not self.open or self.open.pop() != tag:
            self.unclosed.append(tag)

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "style":
            self.loads += re.findall(r"url\(([^)]*)\)|@import\s+(\S+)", data)
            return
        self.text.append(data)
        if self.at is not None:
            self.numbers.append((self.at, data))
            self.at = None


def read_page(html: str) -> Page:
    page = Page()
    page.feed(html)
    page.close()
    page.unclosed += page.open
    return page

"""Citations of the AI Act: as ids of the register, as people write them, and found in running text.

Belongs here: spelling an id, and reading citations out of a text. Does not belong here: which articles there are
(`articles.yaml`), what is wrong with a citation (`wrong_citations.py`)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from genaiops_assets.governance.compliance.registry import every_article

_PARTS = r"(?:\s?\(\s?(?:\d{1,2}|[a-z]{1,2})\s?\))*"
ARTICLE = re.compile(
    rf"\b(?:Articles?|Arts?\.?)[  ]?(?P<number>\d{{1,3}}[a-z]{{0,2}}\b)(?P<parts>{_PARTS})"
    rf"|第\s?(?P<zh>\d{{1,3}})\s?(?P<zhparts>{_PARTS})\s?条"
)
ANNEX = re.compile(r"\bAnnex(?:es)?[  ](?P<number>X{0,1}(?:IX|IV|V?I{0,3}))\b(?P<parts>(?:\s?\(\s?\d{1,2}\s?\))*)")
# What other laws are called: an article right beside such a name, before or after, is not one of the AI Act.
_OTHER = (
    r"(?:GDPR|DSM\b|Data Act|DSGVO|Directive|Regulation\sNo\s\d+"
    r"|Regulation\s\(E[UC]\)\s(?!2024/1689|2026/1744)(?:No\s)?\d+/\d+"
    r"|Impl\.|CDPA|TFEU|Charter)"
)
OTHER_AFTER = re.compile(rf"^\W{{0,3}}(?:of\s)?(?:the\s)?{_OTHER}")
OTHER_BEFORE = re.compile(rf"{_OTHER}[^.;\n]{{0,20}}$")
LOOK = 60  # characters in which another law's name is looked for
ROMAN_POINT = re.compile(r"\d+|[a-z]+")


@dataclass(frozen=True)
class Citation:
    """One citation in a text: the register's id it stands for, as written, and where."""

    id: str
    written: str
    place: int


def in_words(identifier: str) -> str:
    """`article-53.1.a` → `Art. 53(1)(a)`; `annex-XI.1.2` → `Annex XI, section 1, point 2`."""
    kind, _, rest = identifier.partition("-")
    head, *points = rest.split(".")
    if kind == "annex":
        named = [f"section {points[0]}", *(f"point {p}" for p in points[1:])] if points else []
        return ", ".join([f"Annex {head}", *named])
    return f"Art. {head}" + "".join(f"({point})" for point in points)


def all_in_words(identifiers: Iterable[str]) -> str:
    return ", ".join(map(in_words, identifiers))


def citations_in(text: str) -> list[Citation]:
    """Every citation of the act in a text, in order; those of other laws are left out."""
    return sorted({*_articles(text), *_annexes(text)}, key=lambda one: (one.place, one.id))


def unknown_citations(text: str) -> list[str]:
    """What a text cites and the register does not have, as written."""
    known = every_article()
    return [one.written for one in citations_in(text) if one.id not in known]


def _articles(text: str) -> Iterator[Citation]:
    for found in ARTICLE.finditer(text):
        before, after = text[max(0, found.start() - LOOK) : found.start()], text[found.end() : found.end() + LOOK]
        if OTHER_AFTER.match(after) or OTHER_BEFORE.search(before):
            continue
        number, parts = found["number"] or found["zh"], found["parts"] or found["zhparts"] or ""
        yield Citation(_id("article", number, parts), found[0].strip(), found.start())


def _annexes(text: str) -> Iterator[Citation]:
    for found in ANNEX.finditer(text):
        if found["number"]:
            yield Citation(_id("annex", found["number"], found["parts"]), found[0].strip(), found.start())


def _id(kind: str, number: str, parts: str) -> str:
    return ".".join([f"{kind}-{number}", *ROMAN_POINT.findall(parts)])

"""What is wrong with citations of the AI Act in a text: numbers of drafts, numbers the act does not have, articles
beside the wrong subject, amounts of computation as a rate.

Belongs here: the search for those mistakes. Does not belong here: the list of them (`wrong_citations.yaml`), reading
citations (`citations.py`)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from genaiops_assets.governance.compliance.citations import Citation, citations_in, in_words
from genaiops_assets.governance.compliance.registry import HERE, belongs_to

# What may stand between an article and the subject it is cited for: `Art. 17 – X`, `X (Art. 17)`, `X under Art. 17`.
AFTER = re.compile(r"^[\s:,(|–—*`_-]{0,6}(?:on |about |requires |的)?(?:the |a )?[*`_]{0,2}$")
BEFORE = re.compile(
    r"^[*`_]{0,2}[\s,(|–—:（-]{0,6}(?:under |in |by |of |per |see |according to |依据|见)?(?:the )?(?:AI Act,? )?$"
)
NEAR = 80  # characters between words and what must never stand near them
SENTENCE_END = re.compile(r"[.!?]\s+[A-Z]|[。！？]|\n\s*\n|\n\s*[-*#|]")
ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII", "XIII")
# An exponent of the thresholds, and right after it a rate.
_AMOUNT = r"(?:10\s?(?:\^|\*\*)\s?\{?2[0-9]\}?|10²[⁰¹²³⁴⁵⁶⁷⁸⁹]|1(?:\.0+)?e\+?2[0-9])"
_RATE = (
    r"(?:FLOPS\b|FLOPs?\s?/\s?s\b|FLOPs?,? (?:per|a) second|floating[- ]point operations (?:per|a) second"
    r"|次?(?:浮点运算)?次?(?:/秒|每秒))"
)
RATE = re.compile(rf"{_AMOUNT}\W{{0,3}}{_RATE}|每秒\W{{0,2}}(?:浮点运算)?\W{{0,4}}{_AMOUNT}")


@dataclass(frozen=True)
class Wrong:
    """One mistake: what is written, where, and why it is wrong."""

    written: str
    why: str
    place: int

    def __str__(self) -> str:
        return f"{self.written!r}: {self.why}"


def mistakes_in(text: str) -> list[Wrong]:
    """All mistakes of a text in the order of their places; an empty list where none is seen, which is no proof."""
    found = citations_in(text)
    wrong = [*_not_in_the_act(found), *_beside_the_wrong_subject(text, found), *_never_near(text, found), *_rates(text)]
    return sorted(wrong, key=lambda one: one.place)


def _not_in_the_act(found: Sequence[Citation]) -> Iterator[Wrong]:
    """Numbers of drafts, and numbers beyond the last article and annex."""
    data = _data()
    lost = {one["article"]: one["right"] for one in data["lost"]}
    for one in found:
        kind, _, rest = one.id.partition("-")
        head = rest.split(".")[0]
        if kind == "annex":
            if head not in ROMAN:
                yield Wrong(one.written, f"the act has annexes I to {data['last']['annex']}", one.place)
        elif head in lost:
            yield Wrong(one.written, f"the act has no such article; now {lost[head]}", one.place)
        elif int(re.sub(r"\D", "", head)) > data["last"]["article"] or head == "0":
            yield Wrong(one.written, f"the act has articles 1 to {data['last']['article']}", one.place)


def _beside_the_wrong_subject(text: str, found: Sequence[Citation]) -> Iterator[Wrong]:
    for topic in _data()["topics"]:
        for match in _pattern(topic["en"], topic["zh"]).finditer(text):
            beside = [one for one in found if _is_beside(text, one, match.start(), match.end())]
            if not beside or any(_fits(one.id, topic) for one in beside):
                continue
            right = in_words(topic["is"])
            for one in beside:
                yield Wrong(f"{one.written} … {match[0]}", f"{topic['id']}: {right}", one.place)


def _is_beside(text: str, one: Citation, start: int, end: int) -> bool:
    """Whether an article is cited for the words at start:end, by what stands between them."""
    last = one.place + len(one.written)
    if last <= start:
        return AFTER.match(text[last:start]) is not None
    return one.place >= end and BEFORE.match(text[end : one.place]) is not None


def _fits(identifier: str, topic: Mapping[str, Any]) -> bool:
    """The right article, a part of it, or the one it is a part of; of others only what is named, with its parts."""
    right = topic["is"]
    if belongs_to(identifier, right) or belongs_to(right, identifier):
        return True
    return any(belongs_to(identifier, also) for also in topic["also"])


def _never_near(text: str, found: Sequence[Citation]) -> Iterator[Wrong]:
    for rule in _data()["never"]:
        for match in _pattern(rule["words"], rule["zh"]).finditer(text):
            for one in found:
                last = one.place + len(one.written)
                between = text[last : match.start()] if last <= match.start() else text[match.end() : one.place]
                forbidden = any(belongs_to(one.id, article) for article in rule["articles"])
                if forbidden and len(between) <= NEAR and not SENTENCE_END.search(between) and not denies(between):
                    yield Wrong(f"{one.written} … {match[0]}", rule["why"], one.place)


def denies(between: str) -> bool:
    """Whether the words between say that the two do not belong together, or name another article for one of them."""
    return re.search(r"\bnot\b|\bno\b|rather than|instead|不|而非", between) is not None or bool(citations_in(between))


def _rates(text: str) -> Iterator[Wrong]:
    for match in RATE.finditer(text):
        yield Wrong(match[0], _data()["rate"], match.start())


@cache
def _pattern(english: str, chinese: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{english})\b|{chinese}", re.IGNORECASE)


@cache
def _data() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(files(HERE).joinpath("wrong_citations.yaml").read_text("utf-8"))
    return found

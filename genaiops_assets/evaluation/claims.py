"""An answer as claims, and which of them one passage holds, English and Chinese.

Belongs here: splitting and that rule. Does not belong here: whose answers are looked at (`suites/groundedness.py`).

A claim is a sentence, or a clause of one that says something of its own. It is grounded when one passage holds every
number of it, every name (a word with a capital letter inside a sentence, or a title in Chinese book marks) and two
thirds of its content words; words of the question count neither way, since people said them. This is overlap, not
entailment: a denial of what a passage says is taken for grounded, a paraphrase may be not. Of 250 pairs of a right
and a wrong summary of one sentence that differ in a word or two (`factual_pairs`) it holds 246 of the right ones for
grounded and 240 of the wrong ones: it finds what was made up, not what was twisted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from genaiops_assets.evaluation.metrics import FUNCTION_CHARACTERS, FUNCTION_WORDS, found_in, is_number
from genaiops_assets.text import normalise, sentences, words

ENOUGH = 2 / 3  # of the content words of a claim
LEAST = 2  # content words of a clause that says something of its own
_CLAUSE = re.compile(r"[;；]\s*|,\s+(?=(?:and|but|while|whereas|so|or)\s)|，|(?<=[^\d]),\s+(?=it |they |you |there )")
_NAME = re.compile(r"(?<=[\w,;:'\")] )[A-Z][\w'-]+")
_TITLE = re.compile("《([^《》]+)》")
_NUMBER_WORDS = re.compile(r"\d")


@dataclass(frozen=True)
class Claim:
    text: str
    grounded: bool
    passage: int | None  # which one holds it


def claims_of(answer: str) -> list[str]:
    """Sentences, cut into clauses where each says something; a clause that does not stays with the one before it."""
    found: list[str] = []
    for sentence in sentences(answer):
        parts: list[str] = []
        for part in (p.strip() for p in _CLAUSE.split(sentence) if p.strip()):
            if parts and min(len(content(part)), len(content(parts[-1]))) < LEAST and not _NUMBER_WORDS.search(part):
                parts[-1] = f"{parts[-1]} {part}"
            else:
                parts.append(part)
        found += parts
    return [claim for claim in found if content(claim)]


def judged_claims(answer: str, question: str, passages: Sequence[str]) -> list[Claim]:
    """Each claim of an answer with the first passage that holds it."""
    found = []
    for claim in claims_of(answer):
        place = next((n for n, passage in enumerate(passages) if holds(passage, claim, question)), None)
        found.append(Claim(claim, place is not None, place))
    return found


def holds(passage: str, claim: str, question: str) -> bool:
    """Whether one passage holds a claim, by the rule above."""
    known = words(passage)
    if not {word for word in words(claim) if is_number(word)} <= set(known):
        return False
    if not all(name in normalise(f"{passage} {question}").casefold() for name in names(claim)):
        return False
    asked = set(map(_stem, words(question)))
    own = [(word, there) for word, there in _looked_up(claim, known) if _stem(word) not in asked or not word.isascii()]
    looked = own or _looked_up(claim, known)
    return sum(there for _, there in looked) >= ENOUGH * len(looked)


def names(claim: str) -> list[str]:
    """Folded names and titles: capitals at the beginning of a claim may be no name, and "I" is none."""
    found = [*_NAME.findall(normalise(claim)), *_TITLE.findall(claim)]
    return [name.removesuffix("'s").casefold() for name in found if len(name) > 1 and not name.startswith("I'")]


def content(text: str) -> list[str]:
    """Words that claim something; in Chinese characters."""
    return [word for word in words(text) if not _is_empty(word)]


def invented_numbers(answer: str, passages: Sequence[str]) -> tuple[int, int]:
    """How many numbers of an answer no passage holds, and how many it has."""
    known = {word for passage in passages for word in words(passage)}
    said = [word for word in words(answer) if is_number(word)]
    return sum(word not in known for word in said), len(said)


def _looked_up(claim: str, known: Sequence[str]) -> list[tuple[str, bool]]:
    """Each content word, and whether a passage of these words has it in some form."""
    said, stems = words(claim), set(map(_stem, known))
    return [
        (word, there or (word.isascii() and _stem(word) in stems))
        for word, there in zip(said, found_in(said, list(known)), strict=True)
        if not _is_empty(word)
    ]


def _is_empty(word: str) -> bool:
    return word in FUNCTION_WORDS or word in FUNCTION_CHARACTERS or word in ("yes", "no")


def _stem(word: str) -> str:
    """An English word without its ending: "charged", "charges" and "charge" are one."""
    for ending in ("ing", "ed", "es", "s", "e", "ly"):
        if word.isascii() and word.endswith(ending) and len(word) - len(ending) >= 3:
            return word.removesuffix(ending)
    return word

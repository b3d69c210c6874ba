"""Preference pairs: questions from the corpus and from use, candidate answers, a stated judge, and what people said
themselves.

Belongs here: choosing facts, wording questions, the shape of a pair. Does not belong here: feedback files
(`feedback.py`), generation (a payload) and training. The judge is a heuristic of token overlap, named in every
document that rests on it; it is no measure of truth."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from genaiops_assets.lake import digest_of
from genaiops_assets.text import language, sentences, words
from genaiops_assets.use_case import Origin

FACT_WORDS = (6, 32)
FIGURES = "$€£¥一二三四五六七八九十百千两"

PAIRS = pa.schema(
    [
        ("id", pa.string()),
        ("origin", pa.string()),  # Origin
        ("doc_id", pa.string()),
        ("question", pa.string()),
        ("passages", pa.list_(pa.string())),
        ("chosen", pa.string()),
        ("rejected", pa.string()),
        ("score_chosen", pa.float64()),
        ("score_rejected", pa.float64()),
        ("by", pa.string()),  # judge or reviewer
    ]
)

_STOP_WORDS = (
    "a an and are as at be been but by can do does each for from has have if in into is it its may must no not of "
    "on or our per that the their them there these they this those to up upon was we when where which who will with "
    "within you your any all"
)
STOP = frozenset(_STOP_WORDS.split())
QUESTION = {"en": "{title}: what is the rule on {topic}?", "zh": "{title}：关于“{topic}”有什么规定？"}


@dataclass(frozen=True)
class Fact:
    """A sentence of a document with a question it answers."""

    doc_id: str
    title: str
    sentence: str
    question: str


def facts_of(documents: Iterable[dict[str, Any]], count: int) -> list[Fact]:
    """At most `count` facts, one a document, evenly spread over the documents in the order of their id."""
    found = [fact for d in sorted(documents, key=lambda d: d["id"]) if (fact := fact_of(d))]
    if len(found) <= count:
        return found
    return [found[i * len(found) // count] for i in range(count)]


def fact_of(document: dict[str, Any]) -> Fact | None:
    """The first sentence with a figure that is long enough to mean something; None when there is none."""
    for sentence in sentences(document["text"]):
        plain = re.sub(r"[*_`#|]+", "", sentence).strip(" -•\n")
        spoken = words(plain)
        if "\n" in plain or not FACT_WORDS[0] <= len(spoken) <= FACT_WORDS[1] * (2 if language(plain) == "zh" else 1):
            continue
        topic = topic_of(plain, document["title"])
        if topic and any(w[0].isdigit() or w[0] in FIGURES for w in spoken):
            tongue = "zh" if language(plain) == "zh" else "en"
            question = (
                QUESTION[tongue].format(title=document["title"], topic=topic).lstrip(":： ")
            )  # a title can be missing
            return Fact(document["id"], document["title"], plain, question)
    return None


def topic_of(sentence: str, title: str) -> str:
    """What a sentence is about: its longest run of content words that are not the title's."""
    if language(sentence) == "zh":
        return max(re.findall(r"[\u4e00-\u9fff]{3,14}", sentence), key=len, default="")
    known = set(words(title))
    runs, run = [], []  # type: list[list[str]], list[str]
    for word in re.findall(r"[A-Za-z][A-Za-z'-]*|\S", sentence):
        if word[0].isalpha() and word.lower() not in STOP and word.lower() not in known:
            run.append(word.lower())
        else:
            runs.append(run)
            run = []
    return " ".join(max([*runs, run], key=len)[:5])


def pair_row(
    origin: Origin,
    doc_id: str,
    question: str,
    passages: Sequence[str],
    chosen: tuple[str, float],
    rejected: tuple[str, float],
    by: str,
) -> dict[str, Any]:
    """A row of `PAIRS`. `chosen` and `rejected`: answer and its score; `by`: the judge, or the reviewers."""
    row = {
        "origin": origin.value,
        "doc_id": doc_id,
        "question": question,
        "passages": list(passages),
        "chosen": chosen[0],
        "rejected": rejected[0],
        "score_chosen": chosen[1],
        "score_rejected": rejected[1],
        "by": by,
    }
    return {"id": digest_of([question, chosen[0], rejected[0]])[:24], **row}

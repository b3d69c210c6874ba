"""Asking what a home knows: by words and by meaning, for who may read what.

Belongs here: the question, classes of access, and what each hit names. Does not belong here: the texts
(`gathering.py`), the index (`index.py`), printing."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from genaiops_assets.governance.knowledge.gathering import Text, gather
from genaiops_assets.governance.knowledge.index import NO_MODEL, Opened, up_to_date
from genaiops_assets.lake import Lake
from genaiops_assets.retrieval import Embedder, Only, Passage, embedder_of, open_embedder
from genaiops_assets.text import normalise, words
from genaiops_assets.use_case import UseCase

SNIPPET = 220  # characters around the first word found
KINDS = ("ledger", "page", "record", "decision")


@dataclass(frozen=True)
class Found:
    """One hit: what it is, where it stands (`asset`, `digest`, `place`), a snippet, its likeness in meaning (0 without
    a model)."""

    kind: str
    asset: str
    digest: str
    place: str
    title: str
    snippet: str
    score: float
    access: str

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Answer:
    """The hits, best first, and how they were looked for."""

    hits: list[Found]
    by_meaning: bool
    texts: int
    new: int


def find_knowledge(
    lake: Lake,
    uc: UseCase,
    question: str,
    *,
    most: int = 10,
    kinds: Collection[str] = (),
    access: Collection[str] = (),
    words_only: bool = False,
) -> Answer:
    """The passages that answer a question best. `access`: only what a reader of these classes may see, all where none
    is given; `kinds`: some of KINDS. Without a model that can be loaded, or with `words_only`, words alone decide."""
    texts = list(gather(lake, uc))
    model, opener = (NO_MODEL, lambda: None) if words_only else model_of(lake, uc)
    opened = up_to_date(lake, uc, texts, model, opener)
    only = Only(sources=tuple(kinds) or None, licenses=readable(texts, access))
    by_meaning = model != NO_MODEL
    passages = ask(opened, question, most, only, opener if by_meaning else None)
    known = {text.id: text for text in texts}
    hits = [hit(known[p.id], p, question, by_meaning=by_meaning) for p in passages if p.id in known]
    return Answer(hits, by_meaning, opened.rows, opened.added)


def readable(texts: Collection[Text], access: Collection[str]) -> tuple[str, ...]:
    """The classes as they stand in the index that a reader may see; empty: all. A text that needs several needs them
    all."""
    if not access:
        return ()
    return tuple(sorted({t.access for t in texts if set(t.access.split()) <= set(access)})) or ("nothing",)


def model_of(lake: Lake, uc: UseCase) -> tuple[str, Callable[[], Embedder | None]]:
    """The use case's embedder by its digest, and how it is opened; NO_MODEL where it cannot be had here."""
    try:
        spec = embedder_of(lake, uc)
    except (ValueError, LookupError, OSError):
        return NO_MODEL, lambda: None
    if spec.route == "endpoint":  # governance texts do not leave the house
        return NO_MODEL, lambda: None
    opened: list[Embedder] = []

    def open_once() -> Embedder:
        if not opened:
            opened.append(open_embedder(asdict(spec), cache=lake.cache))
        return opened[0]

    return spec.digest, open_once


def ask(
    opened: Opened, question: str, most: int, only: Only, opener: Callable[[], Embedder | None] | None
) -> list[Passage]:
    if opened.index is None or not words(question):
        return []
    embedder = opener() if opener else None
    vector = embedder.encode_queries([question])[0] if embedder else np.ones(1, dtype=np.float32)
    return opened.index.find([(question, vector)], most, only)


def hit(text: Text, passage: Passage, question: str, *, by_meaning: bool) -> Found:
    score = round(float(passage.score), 4) if by_meaning else 0.0
    about = (text.kind, text.asset, text.digest, text.place, text.title, snippet(text.text, question))
    return Found(*about, score, text.access)


def snippet(text: str, question: str) -> str:
    """What stands around the first word of the question that the text has; its beginning where it has none."""
    plain = " ".join(text.split())
    folded = normalise(plain).casefold()
    places = [place for word in words(normalise(question).casefold()) if (place := folded.find(word)) >= 0]
    middle = min(places, default=0) if len(folded) == len(plain) else 0
    begins = max(0, middle - SNIPPET // 3)
    ends = min(len(plain), begins + SNIPPET)
    return f"{'…' if begins else ''}{plain[begins:ends]}{'…' if ends < len(plain) else ''}"

"""Derived texts: does a text repeat what only the erased documents say?

Belongs here: comparing texts by runs of words. Does not belong here: where the texts stand. A run of eight words (a
CJK character counts as one) that stands in an erased document and in no remaining one marks a text as derived; so does
a whole short text of theirs. Memory is bound by the texts compared, not by the corpus: first those are collected, then
the documents stream past them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from genaiops_assets.lake import ERASED_TEXT
from genaiops_assets.text import ngrams, words

RUN = 8
SHORT_TEXT = 3  # words; a shorter text that is equal is a coincidence
NAMES = ("title", "heading")
PHRASE = 6  # words; a shorter answer is looked for as a whole only


def runs(text: str) -> list[int]:
    """Hashes of every run of RUN words; of the whole where there are fewer. An embedded picture says nothing."""
    if ";base64," in text:
        return []
    spoken = words(text)
    if len(spoken) < RUN:
        return [hash(("whole", *spoken))] if len(spoken) >= SHORT_TEXT else []
    return [hash(gram) for gram in ngrams(spoken, RUN)]


class Collector:
    """An editor that changes nothing and remembers the runs of all it saw."""

    def __init__(self) -> None:
        self.runs: set[int] = set()

    def text(self, text: str) -> str:
        self.runs.update(runs(text))
        return text

    def row(self, row: dict[str, Any]) -> dict[str, Any]:
        return row


class Derived:
    """Texts that derive from erased documents. As an editor it replaces them.

    `ids`: ids of erased documents and passages; a JSON object that names one also loses the titles and headings
    (`names`) in it."""

    def __init__(self, collected: Collector) -> None:
        self._seen = collected.runs
        self._marked: set[int] = set()
        self._exact: set[str] = set()
        self._phrases: dict[tuple[str, ...], set[tuple[str, ...]]] = {}  # first words → whole phrases
        self.ids: set[str] = set()
        self.names: set[str] = set()

    def erase(self, *texts: str) -> None:
        """These documents are being erased."""
        for text in texts:
            self._marked.update(self._seen.intersection(runs(text)))

    def keep(self, *texts: str) -> None:
        """These documents stay, so what they say is no mark."""
        if self._marked:
            for text in texts:
                self._marked.difference_update(runs(text))

    def erase_said(self, texts: Iterable[str]) -> None:
        """What was said about the documents: gone wherever it stands as a whole, and within other texts where it is
        long enough to be known again."""
        for text in texts:
            spoken = words(text)
            if len(spoken) >= SHORT_TEXT:
                self._exact.add(text)
            if len(spoken) >= PHRASE:
                self._phrases.setdefault(tuple(spoken[:SHORT_TEXT]), set()).add(tuple(spoken))

    def keep_said(self, text: str) -> None:
        """What a remaining document says word for word was not said about the erased ones alone."""
        for phrase in self._phrases_in(text):
            self._phrases[phrase[:SHORT_TEXT]].discard(phrase)

    @property
    def says_anything(self) -> bool:
        return bool(self._phrases)

    def _phrases_in(self, text: str) -> list[tuple[str, ...]]:
        if not self._phrases or ";base64," in text:
            return []
        spoken, found = tuple(words(text)), []
        for start, first in enumerate(ngrams(spoken, SHORT_TEXT)):
            found += [p for p in self._phrases.get(first, ()) if spoken[start : start + len(p)] == p]
        return found

    def holds(self, text: str) -> bool:
        return text in self._exact or any(run in self._marked for run in runs(text)) or bool(self._phrases_in(text))

    def text(self, text: str) -> str:
        return ERASED_TEXT if self.holds(text) else text

    def row(self, row: dict[str, Any]) -> dict[str, Any]:
        if not any(isinstance(v, str) and v in self.ids for v in row.values()):
            return row
        return {
            k: ERASED_TEXT if isinstance(v, str) and v not in self.ids and (v in self.names or k in NAMES) else v
            for k, v in row.items()
        }

"""What was done before: a search over the ledger and over the summaries of the outputs it names.

Belongs here: which entries match, and what of each is worth showing. Does not belong here: whether the ledger is whole
(`verify`), or printing. An output's summary holds figures and short tables, so a search finds a run by what came out of
it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from genaiops_assets.lake import Entry, Lake
from genaiops_assets.text import normalise

AROUND = 60  # characters shown on each side of the first word found
NAMES = ("asset", "partition", "use_case", "model_version", "id")  # of a body, in the order they are looked for


@dataclass(frozen=True)
class Hit:
    """One entry that matched: when, what kind, by whom, about what, and the passage that held the first word."""

    seq: int
    at: str
    kind: str
    actor: str
    about: str
    passage: str


@dataclass(frozen=True)
class Wanted:
    """What an entry must have: all words, in any case; and, where given, its asset (or a part of its name), who did it,
    its kind, and the day (UTC) from which it counts."""

    words: Sequence[str] = ()
    asset: str = ""
    who: str = ""
    kind: str = ""
    since: date | None = None


def search_ledger(lake: Lake, wanted: Wanted) -> Iterator[Hit]:
    """The entries that match, newest first."""
    words = [normalise(word).casefold() for word in wanted.words]
    for entry in lake.ledger.newest_first():
        if wanted.since and entry.at[:10] < wanted.since.isoformat():
            return  # entries are in the order of time
        if not is_wanted(entry, wanted):
            continue
        texts = [words_of(entry.body)]
        if words and not holds(texts, words):
            texts += summary_of(lake, entry)
        if holds(texts, words):
            yield Hit(entry.seq, entry.at, entry.kind, who_of(entry), about(entry), passage(texts, words))


def is_wanted(entry: Entry, wanted: Wanted) -> bool:
    asset = str(entry.body.get("asset", ""))
    return (
        wanted.kind in ("", entry.kind)
        and wanted.asset.casefold() in asset.casefold()
        and normalise(wanted.who).casefold() in normalise(who_of(entry)).casefold()
    )


def who_of(entry: Entry) -> str:
    """The person an entry names, else the user of the operating system."""
    return str(entry.body.get("by") or entry.body.get("author") or entry.actor)


def summary_of(lake: Lake, entry: Entry) -> list[str]:
    """The figures and tables of the output that an entry names; nothing where it names none, or it is gone."""
    asset, digest = entry.body.get("asset"), entry.body.get("digest")
    if entry.kind != "materialized" or not asset or not digest:
        return []
    try:
        summary = lake.artifacts.get(asset, digest).summary
    except (KeyError, ValueError):
        return []
    return [words_of({name: summary[name] for name in ("figures", "tables") if name in summary})]


def holds(texts: Sequence[str], words: Sequence[str]) -> bool:
    """Whether every word stands somewhere in the texts; no word stands everywhere."""
    found = [text.casefold() for text in texts]
    return all(any(word in text for text in found) for word in words)


def words_of(value: Any) -> str:
    return normalise(json.dumps(value, ensure_ascii=False, sort_keys=True))


def about(entry: Entry) -> str:
    named = [str(entry.body[name]) for name in NAMES if entry.body.get(name)]
    return " ".join(named[:2])


def passage(texts: Sequence[str], words: Sequence[str]) -> str:
    """What stands around the first word; the beginning of the entry where there is no word."""
    if not words:
        return texts[0][: 2 * AROUND]
    text = next(t for t in texts if words[0] in t.casefold())
    place = text.casefold().index(words[0])
    begins, ends = max(0, place - AROUND), place + len(words[0]) + AROUND
    return f"{'…' if begins else ''}{text[begins:ends]}{'…' if ends < len(text) else ''}"

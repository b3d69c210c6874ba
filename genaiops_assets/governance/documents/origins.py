"""Whether the documents of the data can be traced: each source with licence, date and digest, and all documents about
one and the same corpus.

Belongs here: those two comparisons over the lake. Does not belong here: what a document says, refusing a source
(`corpus/rights.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from genaiops_assets.governance.documents.registry import documents
from genaiops_assets.lake import Artifact, Lake
from genaiops_assets.use_case import UseCase

CORPUS, WRITTEN_BESIDE = "filtered_corpus", ("privacy_record",)  # documents with an asset of their own
STATED = ("license", "version", "fetched_at")


@dataclass(frozen=True)
class Origin:
    """What the rights table says of a source, or of one document of it."""

    id: str
    license: str
    version: str
    fetched_at: str

    def missing(self) -> list[str]:
        """In words what is not stated; a date that is none counts as missing."""
        told = {"no licence": self.license, "no digest": self.version, "no date": dated(self.fetched_at)}
        return [words for words, value in told.items() if not value.strip()]


def dated(text: str) -> str:
    """The text where it begins with a day that exists, otherwise nothing."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return ""
    return text


def origins_of(lake: Lake, uc: UseCase, corpus: Artifact) -> Iterator[Origin]:
    """Of every source that the corpus holds documents of, and of every document that was read from it."""
    read = lake.artifacts.get(uc.key("documents"), corpus.provenance()["inputs"]["documents"])
    used = {source["name"] for source in corpus.json("corpus.json")["sources"] if source["documents"]}
    for row in lake.tables.rows(read.snapshot(uc.key("rights")), ["id", "source", *STATED]):
        if row["source"] in used:
            yield Origin(row["id"], *(row[name] or "" for name in STATED))


def untraced(origins: Iterable[Origin], sources: Iterable[str]) -> dict[str, str]:
    """Source or document → what it lacks; a source without any row is named, too."""
    found, seen = {}, set()
    for origin in origins:
        seen.add(origin.id)
        if lacking := origin.missing():
            found[origin.id] = ", ".join(lacking)
    return found | {f"source:{name}": "no rights row" for name in sources if f"source:{name}" not in seen}


def sources_of(corpus: Artifact) -> list[str]:
    return [source["name"] for source in corpus.json("corpus.json")["sources"] if source["documents"]]


def about_the_corpus() -> list[str]:
    """Names of the documents that are written from the corpus as it is now; those of a model version speak of the
    corpus that it was trained on."""
    current = (name for name, made in documents().items() if CORPUS in made.reads and CORPUS not in made.pinned)
    return sorted({*current, *WRITTEN_BESIDE})


def other_corpora(lake: Lake, uc: UseCase, digest: str) -> dict[str, str]:
    """Document → why it does not speak of the corpus of this digest; empty when all do."""
    found = {name: reason_of(lake, uc, name, digest) for name in about_the_corpus()}
    return {name: reason for name, reason in found.items() if reason}


def reason_of(lake: Lake, uc: UseCase, name: str, digest: str) -> str:
    head = lake.heads.get(uc.key(name))
    if head is None:
        return "was never written"
    written = lake.artifacts.get(uc.key(name), head["digest"])
    read = written.provenance()["inputs"].get(CORPUS, "")
    if read != digest:
        return f"speaks of corpus {read[:12] or 'nobody knows which'}"
    stated = stated_corpus(written.json(f"{name}.json"))
    return f"names corpus {stated[:12]} and was made from {read[:12]}" if stated not in ("", digest) else ""


def stated_corpus(document: Any) -> str:
    """The digest of the corpus that a document itself names; empty where its form has no place for it."""
    corpus = document.get("corpus") if isinstance(document, dict) else None
    return str(corpus.get("digest", "")) if isinstance(corpus, dict) else ""

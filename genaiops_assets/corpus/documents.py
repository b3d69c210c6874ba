"""Documents: raw records of all sources and the inbox become one row per document, the rest goes to quarantine and is counted.

Belongs here: identity, versions (`first_seen`), rights on each row, and the refusals. Does not belong here: filtering.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genaiops_assets.corpus.read import Problem, Record, files_of, read_file
from genaiops_assets.lake import digest_of, digest_of_text
from genaiops_assets.text import language

ID_FIELDS = ("doc_id", "id", "_id")
TEXT_FIELDS = ("text", "content", "body")
MAX_ID = 200
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")  # JSON may escape what UTF-8 cannot hold


@dataclass(frozen=True)
class Feed:
    """One source (or the inbox) as the ingest payload sees it: a local path with its rights. `inbox` documents replace those of
    a source with the same id: they are newer versions."""

    name: str
    path: str
    format: str
    fields: dict[str, str]
    license: str
    owner: str
    rights_basis: str
    personal_data: str
    limit: int | None = None
    inbox: bool = False


@dataclass(frozen=True)
class Ingested:
    documents: list[dict[str, Any]]
    quarantine: list[dict[str, Any]]
    read: int
    superseded: int

    def counts(self) -> dict[str, int]:
        return {
            "rows_read": self.read,
            "documents": len(self.documents),
            "quarantined": len(self.quarantine),
            "superseded": self.superseded,
        }


def ingest(feeds: Iterable[Feed], seen: dict[str, tuple[str, int]], progress: Callable[[int], None] = lambda n: None) -> Ingested:
    """Read all feeds. `seen`: id → (text hash, first_seen) of the last state; new or changed documents get the next batch
    number. Every record read ends as document, quarantined or superseded (an older version replaced by the inbox)."""
    batch = max((n for _, n in seen.values()), default=0) + 1
    documents: dict[str, dict[str, Any]] = {}
    quarantine: list[dict[str, Any]] = []
    read = superseded = 0
    for feed in feeds:
        for outcome in records_of(feed):
            read += 1
            progress(read)
            found = outcome if isinstance(outcome, Problem) else document_of(feed, outcome)
            if isinstance(found, dict):
                other = documents.get(found["id"])
                if other is not None and not replaces(feed, outcome.file, other):
                    reason = f"duplicate id {found['id']!r}, first in {other['origin']}"
                    found = Problem(outcome.file, outcome.line, "doc_id", reason)
                elif other is not None:
                    superseded += 1
            if isinstance(found, Problem):
                quarantine.append(quarantined(feed, found))
                continue
            known = seen.get(found["id"])
            found["first_seen"] = known[1] if known and known[0] == found["text_hash"] else batch
            documents[found["id"]] = found
    return Ingested([documents[i] for i in sorted(documents)], unique(quarantine), read, superseded)


def replaces(feed: Feed, file: str, other: dict[str, Any]) -> bool:
    """Whether a document of this file is a newer version of another: inbox files replace sources and inbox files before them."""
    return feed.inbox and (other["source"], other["origin"].rpartition(":")[0]) != (feed.name, file)


def records_of(feed: Feed) -> Iterator[Record | Problem]:
    root, count = Path(feed.path), 0
    for path in files_of(root):
        name = path.relative_to(root).as_posix() if path != root else path.name
        for outcome in read_file(path, name, feed.format):
            yield outcome
            count += 1
            if feed.limit is not None and count >= feed.limit:
                return


def document_of(feed: Feed, record: Record) -> dict[str, Any] | Problem:
    """A row of the documents table without `first_seen`, or the reason why not."""

    def refuse(field: str, reason: str) -> Problem:
        return Problem(record.file, record.line, field, reason, str(record.fields)[:200])

    id_field = feed.fields.get("doc_id") or next((f for f in ID_FIELDS if f in record.fields), "doc_id")
    text_field = feed.fields.get("text") or next((f for f in TEXT_FIELDS if f in record.fields), "text")
    doc_id, text = record.fields.get(id_field), record.fields.get(text_field)
    title = record.fields.get(feed.fields.get("title", "title")) or ""
    if isinstance(doc_id, int) and not isinstance(doc_id, bool):
        doc_id = str(doc_id)
    if not isinstance(doc_id, str) or not doc_id.strip():
        return refuse(id_field, "missing or not a string: a document needs an id")
    if len(doc_id) > MAX_ID or "\0" in doc_id:
        return refuse(id_field, f"id longer than {MAX_ID} characters or with null bytes")
    if not isinstance(text, str):
        return refuse(text_field, f"expected text, found {type(text).__name__ if text is not None else 'nothing'}")
    if not text.strip():
        return refuse(text_field, "empty text")
    if "\0" in text:
        return refuse(text_field, "null bytes in the text")
    if any(_HALF_CHARACTER.search(s) for s in (doc_id, text, str(title))):
        return refuse("", "half of a surrogate pair: not Unicode text")
    return {
        "id": doc_id,
        "source": feed.name,
        "origin": f"{record.file}:{record.line}",
        "title": str(title)[:300],
        "text": text,
        "text_hash": digest_of_text(text),
        "language": language(text),
        "license": feed.license,
        "owner": feed.owner,
        "rights_basis": feed.rights_basis,
        "personal_data": feed.personal_data,
    }


def quarantined(feed: Feed, problem: Problem) -> dict[str, Any]:
    row = {"source": feed.name, "file": problem.file, "line": problem.line, "field": problem.field, "reason": problem.reason}
    return {"id": f"quarantine:{digest_of(row)[:24]}", **row, "excerpt": problem.excerpt.encode("utf-8", "replace").decode()}


def unique(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Ids made unique by a counter, so that two equal problems count as two."""
    times: Counter[str] = Counter()
    for row in rows:
        times[row["id"]] += 1
        if times[row["id"]] > 1:
            row["id"] = f"{row['id']}-{times[row['id']]}"
    return sorted(rows, key=lambda r: r["id"])

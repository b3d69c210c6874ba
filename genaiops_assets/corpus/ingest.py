"""Ingest: read all feeds once and stream what becomes of each row to Parquet files, in bounded memory.

Belongs here: which of several rows with one id stays, batch numbers, and counts that add up. What is held of a
document is a digest of its id and its place, not its text: about 250 bytes. Does not belong here: what makes a record
a document (`documents.py`)."""

from __future__ import annotations

import os
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from genaiops_assets.corpus.documents import MAX_ID, document_of, ids_of, kind_of, quarantined, records_of, url_of
from genaiops_assets.corpus.last_state import Earlier, digest16
from genaiops_assets.corpus.read import read_file
from genaiops_assets.corpus.read.outcomes import Outcomes, Problem, Record
from genaiops_assets.corpus.rights import Feed, RightsOf, refusal
from genaiops_assets.corpus.schemas import DOCUMENTS, ERASED, QUARANTINE, RIGHTS
from genaiops_assets.lake import RowWriter, Tombstones, digest_of

EXAMPLES = 20
OUTCOMES = ("documents", "quarantined", "superseded", "erased")


@dataclass(frozen=True)
class Ingested:
    """What one ingest did. `sources`: {name: {rows_read, documents, …}}; `reasons`: {kind: rows}, most frequent first;
    `examples`: the first quarantined rows, without their text; `refused`: {source: reason}; `left_out`: {source:
    {what: how much}} that stands in files and is not in the text of their documents; `another_text`: {source: rows}
    kept out for an erased id although their text is another."""

    counts: dict[str, int]
    sources: dict[str, dict[str, int]]
    licenses: dict[str, int]
    reasons: dict[str, int]
    examples: list[dict[str, Any]]
    refused: dict[str, str]
    left_out: dict[str, dict[str, int]]
    another_text: dict[str, int]


def ingest_sources(
    feeds: Iterable[Feed],
    out: Path,
    earlier: Earlier | None = None,
    erased: Tombstones | None = None,
    now: str = "",
    progress: Callable[[int], None] = lambda n: None,
    read: Callable[..., Outcomes] = read_file,
) -> Ingested:
    """Read all feeds into `documents`, `quarantine`, `erased` and `rights` (each `.parquet`, as `Tables.sync` takes
    them) below `out`.

    New or changed documents get the next batch number; `now` (ISO) is when they were read. Every row read ends as
    document, quarantined, superseded (an older version replaced by the inbox) or erased. `read` reads one file."""
    with _Ingest(list(feeds), out, earlier or Earlier(), erased or Tombstones(), now) as work:
        for at, feed in enumerate(work.feeds):
            work.begin(at)
            for outcome in records_of(feed, read):
                work.take(outcome)
                progress(work.read)
    return work.result()


class _Ingest:
    def __init__(self, feeds: list[Feed], out: Path, earlier: Earlier, erased: Tombstones, now: str):
        self.feeds, self.read = feeds, 0
        self._out, self._earlier, self._erased, self._now = out, earlier, erased, now
        self._batch = earlier.seen.newest + 1
        self._shelf = _Shelf(feeds)
        self._tally: list[Counter[str]] = [Counter() for _ in feeds]
        self._refused = [refusal(feed) for feed in feeds]
        self._rights = [RightsOf(feed, why) for feed, why in zip(feeds, self._refused, strict=True)]
        self._reasons: Counter[str] = Counter()
        self._left_out: list[Counter[str]] = [Counter() for _ in feeds]
        self._times: Counter[bytes] = Counter()
        self._others = [0] * len(feeds)
        self._examples: list[dict[str, Any]] = []
        self._at = 0

    def __enter__(self) -> _Ingest:
        self._documents = RowWriter(self._out / "documents.parquet", DOCUMENTS)
        self._quarantine = RowWriter(self._out / "quarantine.parquet", QUARANTINE)
        self._gone = RowWriter(self._out / "erased.parquet", ERASED)
        self._ledger = RowWriter(self._out / "rights.parquet", RIGHTS)
        return self

    def __exit__(self, *raised: Any) -> None:
        if raised[0] is None:
            for feed, rights in zip(self.feeds, self._rights, strict=True):
                version, fetched = self._earlier.sources.get(feed.name, ("", ""))
                self._ledger.write(rights.source_row(fetched if fetched and version == feed.digest else self._now))
        for writer in (self._documents, self._quarantine, self._gone, self._ledger):
            writer.__exit__(*raised)
        if raised[0] is None:
            for name in ("documents", "rights"):
                drop_rows(self._out / f"{name}.parquet", self._shelf.dropped)

    def begin(self, at: int) -> None:
        self._at = at

    def take(self, outcome: Record | Problem) -> None:
        """One row read: its outcome is written and counted."""
        feed, refused = self.feeds[self._at], self._refused[self._at]
        self.read += 1
        ids, url = ids_of(feed, outcome), url_of(outcome)
        # Also under a name it would bear if others were not there: what was erased must not come back when they go.
        if any(self._erased.cover(doc_id, feed.name, url) for doc_id in ids or [""]):
            self._erase(feed, outcome, ids)
            return
        if refused:
            self._refuse(feed, Problem(outcome.file, outcome.line, *refused))
            return
        found = outcome if isinstance(outcome, Problem) else document_of(feed, outcome)
        if any(self._erased.cover(doc_id, "", text=text_hash(found)) for doc_id in ids):  # its name may be used again
            self._erase(feed, outcome, ids)
            return
        found = self._placed(outcome, ids, found) if isinstance(outcome, Record) and isinstance(found, dict) else found
        if isinstance(found, Problem):
            self._refuse(feed, found)
        elif isinstance(outcome, Record):
            self._store(found, url)
            self._left_out[self._at].update(outcome.left_out)

    def _placed(self, record: Record, ids: list[str], found: dict[str, Any]) -> dict[str, Any] | Problem:
        """The document under the first id that is free for it, an older version of it dropped, or a Problem when it is
        a duplicate."""
        is_whole, holder = bool(record.other_id), self._shelf.find(ids[0])
        is_elsewhere = holder is not None and not self._shelf.is_same_source(self._at, holder)
        for doc_id in ids:
            if is_elsewhere and doc_id == record.other_id:
                continue  # the suffix tells two files of one source apart, not two sources
            other = self._shelf.find(doc_id)
            if other is not None and not self._shelf.replaces(self._at, record.file, is_whole, other):
                if self._shelf.is_same_source(self._at, other) and not is_whole:
                    break
                continue
            if len(doc_id) > MAX_ID:
                break
            if other is not None:
                loser = self._tally[self._shelf.drop(other)]
                loser["documents"] -= 1
                loser["superseded"] += 1
            self._shelf.put(doc_id, self._at, record.file, record.line, is_whole)
            return {**found, "id": doc_id}
        return Problem(record.file, record.line, "doc_id", self._shelf.duplicate(ids[0], self._at))

    def _store(self, document: dict[str, Any], url: str) -> None:
        first_seen = self._earlier.seen.find(document["id"], document["text_hash"]) or self._batch
        document["first_seen"] = first_seen
        self._documents.write(document)
        fetched_at = self._earlier.batches.get(first_seen, self._now) if first_seen < self._batch else self._now
        self._ledger.write(self._rights[self._at].document_row(document, url, fetched_at))
        self._tally[self._at]["documents"] += 1

    def _refuse(self, feed: Feed, problem: Problem) -> None:
        row = quarantined(feed, problem)
        self._quarantine.write({**row, "id": self._unique(row["id"])})
        self._tally[self._at]["quarantined"] += 1
        self._reasons[kind_of(row["reason"])] += 1
        if len(self._examples) < EXAMPLES:
            self._examples.append({k: row[k] for k in ("source", "file", "line", "field", "reason")})

    def _erase(self, feed: Feed, outcome: Record | Problem, ids: list[str]) -> None:
        document, file = (self._erased.hidden(v) for v in (ids[0] if ids else "", outcome.file))
        row = {"document": document, "source": feed.name, "origin": f"{file}:{outcome.line}"}
        self._gone.write({"id": self._unique(f"erased:{digest_of(row)[:24]}"), **row})
        self._tally[self._at]["erased"] += 1
        text = "" if isinstance(outcome, Problem) else text_hash(document_of(feed, outcome))
        self._others[self._at] += text != "" and any(self._erased.is_another(doc_id, text) for doc_id in ids)

    def _unique(self, row_id: str) -> str:
        """Made unique by a counter, so that two equal problems count as two."""
        key = bytes.fromhex(row_id.partition(":")[2])
        self._times[key] += 1
        return row_id if self._times[key] == 1 else f"{row_id}-{self._times[key]}"

    def result(self) -> Ingested:
        total, licenses = sum(self._tally, Counter[str]()), Counter[str]()
        sources: dict[str, Counter[str]] = {}
        for feed, tally in zip(self.feeds, self._tally, strict=True):
            sources.setdefault(feed.name, Counter()).update(tally)
            licenses[feed.license] += tally["documents"]
        return Ingested(
            counts={"rows_read": self.read, **{name: total[name] for name in OUTCOMES}},
            sources={
                name: {"rows_read": sum(t.values()), **{o: t[o] for o in OUTCOMES}} for name, t in sources.items()
            },
            licenses={name: rows for name, rows in sorted(licenses.items()) if rows},
            reasons=dict(sorted(self._reasons.items(), key=lambda kind: (-kind[1], kind[0]))[:EXAMPLES]),
            examples=self._examples,
            refused={feed.name: why[1] for feed, why in zip(self.feeds, self._refused, strict=True) if why},
            left_out=self._left_out_by_source(),
            another_text={f.name: n for f, n in zip(self.feeds, self._others, strict=True) if n},
        )

    def _left_out_by_source(self) -> dict[str, dict[str, int]]:
        found: dict[str, Counter[str]] = {}
        for feed, tally in zip(self.feeds, self._left_out, strict=True):
            found.setdefault(feed.name, Counter()).update(tally)
        return {name: dict(sorted(tally.items())) for name, tally in found.items() if tally}


class _Shelf:
    """Where each stored document came from, by its position in the file written."""

    def __init__(self, feeds: Sequence[Feed]):
        self._feeds = feeds
        self._positions: dict[bytes, int] = {}
        self._files: list[tuple[int, str]] = []
        self._file_of, self._line_of, self._is_whole = array("L"), array("L"), bytearray()
        self.dropped = bytearray()

    def find(self, doc_id: str) -> int | None:
        return self._positions.get(digest16(doc_id))

    def put(self, doc_id: str, feed: int, file: str, line: int, is_whole: bool) -> None:
        if not self._files or self._files[-1] != (feed, file):
            self._files.append((feed, file))
        self._positions[digest16(doc_id)] = len(self.dropped)
        self._file_of.append(len(self._files) - 1)
        self._line_of.append(line)
        self._is_whole.append(is_whole)
        self.dropped.append(0)

    def drop(self, position: int) -> int:
        """Mark a document as replaced. Returns its feed."""
        self.dropped[position] = 1
        return self._files[self._file_of[position]][0]

    def duplicate(self, doc_id: str, feed: int) -> str:
        """Why a document cannot be taken in under its id, and what to do."""
        other = self.find(doc_id)
        if other is None:
            return f"duplicate id {doc_id!r}"
        at, file = self._files[self._file_of[other]]
        first = f"duplicate id {doc_id!r}, first in '{file}:{self._line_of[other]}' of source '{self._feeds[at].name}'"
        return f"{first}: ids are unique within a source; give each its own, or state the files as two sources"

    def is_same_source(self, feed: int, other: int) -> bool:
        return self._feeds[self._files[self._file_of[other]][0]].name == self._feeds[feed].name

    def replaces(self, feed: int, file: str, is_whole: bool, other: int) -> bool:
        """Whether a document of this file is a newer version of another: inbox files replace sources and inbox files
        before them, but not two files of one stem each other (`fees.md`, `fees.html`)."""
        at, name = self._files[self._file_of[other]]
        if is_whole and self._is_whole[other] and self._feeds[at].name == self._feeds[feed].name:
            return False
        return self._feeds[feed].inbox and (self._feeds[at].name, name) != (self._feeds[feed].name, file)


def text_hash(found: dict[str, Any] | Problem) -> str:
    """Of a document; "" for what is none."""
    return "" if isinstance(found, Problem) else str(found["text_hash"])


def drop_rows(file: Path, dropped: bytearray) -> None:
    """Rewrite a Parquet file without the rows at the marked positions, one row group at a time."""
    if not any(dropped):
        return
    partial, start = file.with_suffix(".partial"), 0
    with pq.ParquetFile(file) as source, pq.ParquetWriter(partial, source.schema_arrow) as target:
        for group in range(source.num_row_groups):
            table = source.read_row_group(group)
            marks = dropped[start : start + table.num_rows]
            keep = [not mark for mark in marks] + [True] * (table.num_rows - len(marks))
            target.write_table(table.filter(pa.array(keep, pa.bool_())) if any(marks) else table)
            start += table.num_rows
    os.replace(partial, file)

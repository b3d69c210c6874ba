"""Documents: raw records of all sources and the inbox become one row per document, the rest goes to quarantine and is
counted.

Belongs here: what a record must be to become a document, and the order in which sources give them. Does not belong
here: which of several versions stays (`ingest.py`), rights (`rights.py`), filtering."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from genaiops_assets.corpus.read import read_file
from genaiops_assets.corpus.read.folders import walk
from genaiops_assets.corpus.read.outcomes import Outcomes, Problem, Record
from genaiops_assets.corpus.rights import Feed
from genaiops_assets.lake import digest_of, digest_of_text
from genaiops_assets.text import language

ID_FIELDS = ("doc_id", "id", "_id")
TEXT_FIELDS = ("text", "content", "body")
LINE_IS_ID = "@line"  # for rows without an id in sources that do not change: FILE:LINE
MAX_ID = 200
MAX_TEXT = 2_000_000  # characters
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")  # JSON may escape what UTF-8 cannot hold


def records_of(feed: Feed) -> Outcomes:
    """Every record of a feed in the order of its files, up to its limit. A source without any file is a problem too."""
    root, count = Path(feed.path), 0
    for path in walk(root, data_set=feed.data_set):
        name = path.relative_to(root).as_posix() if path != root else path.name
        for outcome in read_file(path, name, feed.format):
            yield outcome
            count += 1
            if feed.limit is not None and count >= feed.limit:
                return
    if not count and not feed.inbox:
        yield Problem("", 0, "", "no files in the source")


def id_and_url_of(feed: Feed, outcome: Record | Problem) -> tuple[str, str]:
    """As far as a record has them; "" otherwise."""
    if isinstance(outcome, Problem):
        return "", ""
    value = id_of(feed, outcome)[1]
    url = outcome.fields.get("url")
    return value if isinstance(value, str) else "", url if isinstance(url, str) else ""


def id_of(feed: Feed, record: Record) -> tuple[str, Any]:
    """The field that holds the id, and its value; whole numbers as text."""
    named = feed.fields.get("doc_id") or next((f for f in ID_FIELDS if f in record.fields), "doc_id")
    if named == LINE_IS_ID:
        return named, f"{record.file}:{record.line}"
    value = record.fields.get(named)
    return named, str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def document_of(feed: Feed, record: Record) -> dict[str, Any] | Problem:
    """A row of the documents table without `first_seen`, or the reason why not."""

    def refuse(field: str, reason: str) -> Problem:
        return Problem(record.file, record.line, field, reason, str(record.fields)[:200])

    id_field, doc_id = id_of(feed, record)
    text_field = feed.fields.get("text") or next((f for f in TEXT_FIELDS if f in record.fields), "text")
    text = record.fields.get(text_field)
    title = str(record.fields.get(feed.fields.get("title", "title")) or "")[:300]
    if not isinstance(doc_id, str) or not doc_id.strip():
        return refuse(id_field, "missing or not a string: a document needs an id")
    if len(doc_id) > MAX_ID or "\0" in doc_id:
        return refuse(id_field, f"id longer than {MAX_ID} characters or with null bytes")
    if not isinstance(text, str):
        return refuse(text_field, f"expected text, found {type(text).__name__ if text is not None else 'nothing'}")
    if not text.strip():
        return refuse(text_field, "empty text")
    if len(text) > MAX_TEXT:
        return refuse(text_field, f"text of {len(text)} characters, more than {MAX_TEXT}: split the document")
    if "\0" in text:
        return refuse(text_field, "null bytes in the text")
    if any(_HALF_CHARACTER.search(s) for s in (doc_id, text, title)):
        return refuse("", "half of a surrogate pair: not Unicode text")
    return {
        "id": doc_id,
        "source": feed.name,
        "origin": f"{record.file}:{record.line}",
        "title": title,
        "text": text,
        "text_hash": digest_of_text(text),
        "language": language(text),
        "license": feed.license,
        "owner": feed.owner,
        "rights_basis": feed.rights_basis,
        "personal_data": feed.personal_data,
    }


def quarantined(feed: Feed, problem: Problem) -> dict[str, Any]:
    row = {
        "source": feed.name,
        "file": problem.file,
        "line": problem.line,
        "field": problem.field,
        "reason": problem.reason,
    }
    row = {k: v.encode("utf-8", "replace").decode() if isinstance(v, str) else v for k, v in row.items()}
    return {
        "id": f"quarantine:{digest_of(row)[:24]}",
        **row,
        "excerpt": problem.excerpt.encode("utf-8", "replace").decode(),
    }


def kind_of(reason: str) -> str:
    """A reason without the names and numbers of one case, so that equal ones can be counted together."""
    return re.sub(r"""'[^']*'|"[^"]*"|\d+""", "…", re.sub(r" in \S+:\d+$", " elsewhere", reason))[:120]

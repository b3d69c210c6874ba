"""Documents: raw records of all sources and the inbox become one row per document, the rest goes to quarantine and is
counted.

Belongs here: what a record must be to become a document, and the order in which sources give them. Does not belong
here: which of several versions stays (`ingest.py`), rights (`rights.py`), filtering."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from genaiops_assets.corpus.read import read_file
from genaiops_assets.corpus.read.folders import fault_of_name, is_own, printable, walk
from genaiops_assets.corpus.read.outcomes import Foreign, Outcomes, Problem, Record, folded, named_in
from genaiops_assets.corpus.rights import Feed
from genaiops_assets.lake import digest_of, digest_of_text
from genaiops_assets.text import language

ID_FIELDS = ("doc_id", "id", "_id")
TEXT_FIELDS = ("text", "content", "body")
LINE_IS_ID = "@line"  # for rows without an id in sources that do not change: FILE:LINE
MAX_ID = 200
MAX_TEXT = 2_000_000  # characters
MAX_URL = 4000
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")  # JSON may escape what UTF-8 cannot hold


def records_of(feed: Feed, read: Callable[..., Outcomes] = read_file) -> Outcomes:
    """Every record of a feed in the order of its files, up to its limit. A source without any file is a problem too.
    `read`: `read_file`, or the same in a process of its own."""
    root, count, wanted = Path(feed.path), 0, wanted_of(feed)
    try:
        for path in walk(root, data_set=feed.data_set):
            name = path.relative_to(root).as_posix() if path != root else path.name
            for outcome in _outcomes(feed, read, root, path, name, wanted):
                yield outcome
                count += 1
                if feed.limit is not None and count >= feed.limit:
                    return
    except OSError as error:
        yield Problem("", 0, "", f"the source cannot be listed: {error.strerror or error}")
        return
    if not count and not feed.inbox:
        yield Problem("", 0, "", "no files in the source")


def _outcomes(
    feed: Feed, read: Callable[..., Outcomes], root: Path, path: Path, name: str, wanted: frozenset[str]
) -> Outcomes:
    if fault := fault_of_name(name):
        yield Problem(printable(name), 0, "", fault)
        return
    yield from read(path, name, feed.format, wanted, links=is_own(path, root, feed.data_set))


def wanted_of(feed: Feed) -> frozenset[str]:
    """The folded names of all fields that a document is made of."""
    return frozenset(folded(n) for n in (*ID_FIELDS, *TEXT_FIELDS, "title", "url", *feed.fields.values()))


def ids_of(feed: Feed, outcome: Record | Problem) -> list[str]:
    """What a record's document may be called, the first that is free: ids are unique within a source, so its own, of
    a whole file also its name with the suffix, and both with the source's name before them. Empty where it has none."""
    value = "" if isinstance(outcome, Problem) else id_of(feed, outcome)[1]
    if not isinstance(value, str) or not value or isinstance(outcome, Problem):
        return []
    own = [value, outcome.other_id] if outcome.other_id else [value]
    return [*own, *(f"{feed.name}:{name}" for name in own)]


def url_of(outcome: Record | Problem) -> str:
    """The address a record states; "" where it states none that is text."""
    key = None if isinstance(outcome, Problem) else named_in(outcome.fields, "url")
    url = outcome.fields[key] if key and isinstance(outcome, Record) else ""
    is_text = isinstance(url, str) and len(url) <= MAX_URL and not _HALF_CHARACTER.search(url)
    return url if is_text else ""


def id_of(feed: Feed, record: Record) -> tuple[str, Any]:
    """The field that holds the id, and its value; whole numbers as text."""
    stated = feed.fields.get("doc_id")
    if stated == LINE_IS_ID:
        return stated, f"{record.file}:{record.line}"
    named = _first_of(record, (stated,) if stated else ID_FIELDS)
    value = record.fields.get(named)
    return named, str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _first_of(record: Record, names: tuple[str, ...]) -> str:
    """The field that bears one of the names, or the first name where none does."""
    found: list[str | None] = [name for name in names if name in record.fields]
    found = found or [named_in(record.fields, name) for name in names]
    return next((name for name in found if name), names[0])


def document_of(feed: Feed, record: Record) -> dict[str, Any] | Problem:
    """A row of the documents table without `first_seen`, or the reason why not."""

    def refuse(field: str, reason: str) -> Problem:
        return Problem(record.file, record.line, field, reason, str(record.fields)[:200])

    id_field, doc_id = id_of(feed, record)
    text_field = _first_of(record, (feed.fields["text"],) if feed.fields.get("text") else TEXT_FIELDS)
    text = record.fields.get(text_field)
    title = str(record.fields.get(_first_of(record, (feed.fields.get("title", "title"),))) or "")[:300]
    others = f"; the fields here are {', '.join(map(repr, record.unread))}" if record.unread else ""
    if not isinstance(doc_id, str) or not doc_id.strip():
        return refuse(id_field, f"missing or not a string: a document needs an id{others}")
    if len(doc_id) > MAX_ID or "\0" in doc_id:
        return refuse(id_field, f"id longer than {MAX_ID} characters or with null bytes")
    if not isinstance(text, str):
        kind = text.kind if isinstance(text, Foreign) else type(text).__name__
        return refuse(text_field, f"expected text, found {kind if text is not None else f'nothing{others}'}")
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

"""Golden questions and retrieval sets: reading them, with errors that name file, line and field.

Belongs here: what a test item is. Does not belong here: scores.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from genaiops_assets.errors import GenaiopsError
from genaiops_assets.text import BYTE_ORDER_MARK, JsonLine, json_lines, normalise

SPLITS = ("dev", "held_out")
END_MARKS = " ?!.,;:…。、"


class GoldenError(GenaiopsError, ValueError):
    """A test file that cannot be used; the message names file, line and field."""


@dataclass(frozen=True)
class Golden:
    """One question with its answer and the documents it rests on."""

    id: str
    question: str
    answer: str
    documents: tuple[str, ...]
    split: str

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "documents": list(self.documents)}


@dataclass(frozen=True)
class Query:
    """One question of a retrieval set with the documents that answer it."""

    id: str
    text: str
    relevant: tuple[str, ...]


def question_key(question: str) -> str:
    """Questions with the same key are one question: case, spaces, invisible characters, width and the mark at the end
    apart."""
    text = normalise(question).casefold()
    return text.strip(END_MARKS) or text


def load_golden(path: Path, limit_per_split: int | None = None) -> list[Golden]:
    """The items of a jsonl file in the order of their id; the first `limit_per_split` of each split. Raises
    GoldenError, also where a question is asked twice: a copy is no further evidence, and one in both splits is not held
    out."""
    lines = _lines(path, path.read_bytes())
    items = [_golden(path, line) for line in lines]
    return _chosen(path, [line.number for line in lines], items, limit_per_split)


def load_unanswerable(path: Path, limit_per_split: int | None = None) -> list[Golden]:
    """Questions that no document answers, in the order of their id: `id`, `question` and `split`; answer and documents
    are empty. Raises GoldenError."""
    lines = _lines(path, path.read_bytes())
    items = [_golden(path, line, answered=False) for line in lines]
    return _chosen(path, [line.number for line in lines], items, limit_per_split)


def _chosen(path: Path, lines: Sequence[int], items: list[Golden], limit_per_split: int | None) -> list[Golden]:
    doubled = [i for i, n in Counter(item.id for item in items).items() if n > 1]
    if doubled:
        raise GoldenError(f"{path}: id {doubled[0]!r} occurs more than once")
    _refuse_copies(path, lines, items)
    items.sort(key=lambda item: item.id)
    return [item for split in SPLITS for item in [i for i in items if i.split == split][:limit_per_split]]


def _refuse_copies(path: Path, lines: Sequence[int], items: Sequence[Golden]) -> None:
    first: dict[str, tuple[int, Golden]] = {}
    for line, item in zip(lines, items, strict=True):
        before, known = first.setdefault(question_key(item.question), (line, item))
        if known is not item:
            where = "" if known.split == item.split else f", which is in {known.split} and this one in {item.split}"
            raise GoldenError(
                f"{path}:{line}: question: the same as {known.id!r} on line {before}{where}: a copy counts as no "
                "further "
                "evidence, so keep one of them"
            )


def _lines(path: Path, raw: bytes) -> list[JsonLine]:
    try:
        raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise GoldenError(f"{path}: not UTF-8 at byte {error.start}") from error
    return list(json_lines(raw))


def _golden(path: Path, line: JsonLine, *, answered: bool = True) -> Golden:
    if line.problem:
        raise GoldenError(f"{path}:{line.number}: {line.problem}")
    number, row = line.number, line.row
    for field in ("id", "question", *(["answer"] if answered else [])):
        if not isinstance(row.get(field), str) or not row[field].strip():
            raise GoldenError(f"{path}:{number}: {field}: expected text")
    documents = row.get("documents", [])
    if not answered and (documents or row.get("answer")):
        raise GoldenError(f"{path}:{number}: answer, documents: a question nothing answers has neither")
    if (
        not isinstance(documents, list)
        or (answered and not documents)
        or not all(isinstance(d, str) for d in documents)
    ):
        raise GoldenError(f"{path}:{number}: documents: expected a list of document ids")
    if row.get("split") not in SPLITS:
        raise GoldenError(f"{path}:{number}: split: expected one of {', '.join(SPLITS)}, found {row.get('split')!r}")
    return Golden(row["id"], row["question"], row.get("answer") or "", tuple(documents), row["split"])


def load_retrieval_set(path: Path, fields: dict[str, str], limit: int | None = None) -> list[Query]:
    """Queries from a json list or jsonl file (plain or .gz). `fields`: dotted paths of query_id, query, relevant.
    Records without relevant documents are left out; equal questions count once, with the documents of all of them.
    Raises GoldenError."""
    try:
        raw = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise GoldenError(f"{path}: damaged gzip file: {error}") from error
    records = _records(path, raw)
    queries = [_query(path, n, record, fields) for n, record in enumerate(records, start=1)]
    return _each_once(q for q in queries if q.relevant)[:limit]


def _records(path: Path, raw: bytes) -> list[Any]:
    lines = _lines(path, raw)
    if raw.removeprefix(BYTE_ORDER_MARK).lstrip().startswith(b"["):
        try:
            return json.loads(raw.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise GoldenError(f"{path}: broken JSON: {error}") from error
    for line in lines:
        if line.problem:
            raise GoldenError(f"{path}:{line.number}: {line.problem}")
    return [line.row for line in lines]


def _each_once(queries: Iterable[Query]) -> list[Query]:
    found: dict[str, Query] = {}
    for query in queries:
        key = question_key(query.text)
        known = found.setdefault(key, query)
        if known is not query:
            found[key] = replace(known, relevant=tuple(dict.fromkeys(known.relevant + query.relevant)))
    return list(found.values())


def _query(path: Path, number: int, record: dict[str, Any], fields: dict[str, str]) -> Query:
    found: dict[str, Any] = {}
    for name in ("query_id", "query", "relevant"):
        value: Any = record
        for part in fields.get(name, name).split("."):
            value = value.get(part) if isinstance(value, dict) else None
        found[name] = value
    if not isinstance(found["query"], str) or not found["query"].strip():
        raise GoldenError(f"{path}: record {number}: {fields.get('query', 'query')}: expected text")
    relevant = found["relevant"] or []
    if not isinstance(relevant, list):
        raise GoldenError(
            f"{path}: record {number}: {fields.get('relevant', 'relevant')}: expected a list of document ids"
        )
    query_id = number if found["query_id"] in (None, "") else found["query_id"]
    return Query(str(query_id), found["query"], tuple(map(str, relevant)))

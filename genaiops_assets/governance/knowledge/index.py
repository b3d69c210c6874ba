"""The index of governance texts: one Lance table in the home's cache, brought up to date by what changed.

Belongs here: the table, what of it is new or gone, its vectors and terms. Does not belong here: which texts there are
(`gathering.py`), ranking (`asking.py`). It holds copies of published texts, so an erasure removes it; nothing but time
is lost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genaiops_assets.governance.knowledge.gathering import Text
from genaiops_assets.lake import Lake, digest_of, in_list, index_terms, lease
from genaiops_assets.retrieval import Embedder, Index, Search, index_schema, terms_column
from genaiops_assets.use_case import UseCase

FOLDER = "find"  # below the home's cache
NO_MODEL = "words only"
TABLES = {True: "words", False: "texts"}  # without a model, and with one
BATCH = 256


@dataclass(frozen=True)
class Opened:
    """The open index: `index` None where there is nothing to search; how much was new and gone."""

    index: Index | None
    rows: int
    added: int
    removed: int


def folder_of(lake: Lake, uc: UseCase) -> Path:
    return lake.cache / FOLDER / uc.name


def up_to_date(
    lake: Lake, uc: UseCase, texts: Sequence[Text], model: str, open_embedder: Callable[[], Embedder | None]
) -> Opened:
    """Open the index with just these texts. `model`: digest of what embeds, NO_MODEL without; another model, or a table
    that cannot be read, starts anew. The embedder is opened only where there is something new to embed."""
    import lancedb

    folder = folder_of(lake, uc)
    folder.mkdir(parents=True, exist_ok=True)
    with lease(folder / ".lease"):
        wanted = {text.id: text for text in texts}
        database = lancedb.connect(str(folder))
        name = TABLES[model == NO_MODEL]
        table = open_table(database, name, model)
        known = known_rows(table)
        gone = [
            name for name, digest in known.items() if name not in wanted or digest != digest_of(row_of(wanted[name]))
        ]
        new = [text for name, text in wanted.items() if known.get(name) != digest_of(row_of(text))]
        if table is not None and gone:
            for start in range(0, len(gone), BATCH):
                table.delete(in_list("id", gone[start : start + BATCH]))
        if new:
            embedder = open_embedder()
            rows = rows_with_vectors(new, embedder, model)
            if table is None:
                table = database.create_table(name, schema=index_schema(len(rows[0]["vector"])), mode="overwrite")
            add(table, rows)
        if table is not None and (new or gone):
            index_terms(table)
        count = table.count_rows() if table is not None else 0
        search = Search(mode="text") if model == NO_MODEL else Search(mode="hybrid")
        opened = Index.over(table, count, search) if count else None
        return Opened(opened, count, len(new), len(gone))


def open_table(database: Any, name: str, model: str) -> Any:
    """The table as it is, or None: there is none, another model made its vectors, or it cannot be read."""
    with suppress(Exception):  # a cache that is damaged is made again, whatever is wrong with it
        table = database.open_table(name)
        first = table.search().limit(1).select(["model"]).to_list()
        if first and first[0]["model"] == model:
            return table
    with suppress(Exception):
        database.drop_table(name)
    return None


def known_rows(table: Any) -> dict[str, str]:
    """id → digest of the row, as the table has them."""
    if table is None:
        return {}
    found = table.search().select(["id", "chunk_hash"]).limit(table.count_rows()).to_list()
    return {row["id"]: row["chunk_hash"] for row in found}


def row_of(text: Text) -> dict[str, Any]:
    """A text in the columns of a passage: `source` its kind, `license` its classes of access, `heading` its place."""
    return {
        "id": text.id,
        "doc_id": f"{text.asset}@{text.digest}",
        "position": 0,
        "start": 0,
        "end": len(text.text),
        "title": text.title,
        "heading": text.place,
        "text": text.text,
        "tokens": 0,
        "source": text.kind,
        "license": text.access,
        "first_seen": 0,
        "parent_hash": "",
        "embed_hash": "",
    }


def rows_with_vectors(texts: Sequence[Text], embedder: Embedder | None, model: str) -> list[dict[str, Any]]:
    """Rows as the table has them; without an embedder a vector says nothing."""
    vectors: Any = [[1.0]] * len(texts)
    if embedder is not None:
        vectors = embedder.encode([f"{text.title}\n{text.text}" for text in texts])
    made = []
    for text, vector in zip(texts, vectors, strict=True):
        row = row_of(text)
        derived = {"chunk_hash": digest_of(row), "terms": terms_column(text.title, text.place, text.text)}
        made.append({**row, "model": model, **derived, "vector": [float(x) for x in vector]})
    return made


def add(table: Any, rows: list[dict[str, Any]]) -> None:
    import pyarrow as pa

    for start in range(0, len(rows), BATCH):
        table.add(pa.Table.from_pylist(rows[start : start + BATCH], schema=table.schema))

"""Erasure reaches the index: not only the rows but the words in the files of full-text search, and what a vector index
learnt from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from genaiops_assets.governance.erasure import Targets, erase
from genaiops_assets.lake import (
    Lake,
    Tables,
    VectorIndex,
    find,
    has_terms_index,
    problems,
    rewrite,
    train,
    vector_index_of,
    write_rows,
)
from genaiops_assets.retrieval import Index, Search, index_schema, label_of
from genaiops_assets.retrieval.terms import search_terms
from genaiops_assets.use_case import UseCase
from tests.retrieval.indexes import NAME, passage, put, unit
from tests.support.erasures import MARK, PLAIN, ZH_MARK, chunk, document, files_with, index_rows, indexed, life

TABLE = "bank_support/embeddings_index"


@pytest.fixture
def lake(lake: Lake, uc: UseCase) -> Lake:
    life(lake, uc)
    return lake


def index_files(tables: Tables, name: str) -> dict[str, bytes]:
    """Files of all indexes of a table, by the index's folder and their name."""
    folder = Path(tables.url) / f"{name.replace('/', '__')}.lance" / "_indices"
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def token_files(tables: Tables, name: str) -> set[bytes]:
    return {content for path, content in index_files(tables, name).items() if path.endswith("_tokens.lance")}


def holding(lake: Lake, word: str) -> list[Path]:
    """Files of the index table whose bytes hold a word: in the column of terms it stands alone."""
    folder = lake.home / "tables" / f"{TABLE.replace('/', '__')}.lance"
    return [p for p in folder.rglob("*") if p.is_file() and word.encode() in p.read_bytes()]


def said(lake: Lake, word: str) -> list[str]:
    """Ids found by a word in any version there is."""
    found = []
    for version in lake.tables.open(TABLE).list_versions():
        table = lake.tables.open(TABLE)
        table.checkout(version["version"])
        query = table.search(" ".join(search_terms(word)), query_type="fts", fts_columns="terms").select(
            ["id", "_score"]
        )
        found += (
            [r["id"] for r in query.limit(10).to_list()]
            if "terms" in table.schema.names and has_terms_index(table)
            else []
        )
    return found


def test_words_leave_the_files_of_full_text_search(lake: Lake, uc: UseCase, tmp_path: Path) -> None:
    before = index_files(lake.tables, TABLE)
    assert "secret-en#0" in said(lake, MARK) and "secret-zh#0" in said(lake, ZH_MARK)
    pairs = search_terms(ZH_MARK)
    assert all(holding(lake, pair) for pair in (*pairs, MARK))
    erase(lake, uc, Targets(documents=("secret-en", "secret-zh")), name="Olga Owner", reason="asked by the author")
    assert said(lake, MARK) == said(lake, ZH_MARK) == [] and said(lake, "free of charge")
    assert files_with(lake, MARK, ZH_MARK) == [] and not any(holding(lake, pair) for pair in pairs)
    after = index_files(lake.tables, TABLE)
    assert not before.keys() & after.keys() and not list(lake.home.rglob("*-rewritten*/*"))
    # The words of an index are packed (an automaton), so no search for bytes can see them: they are those of an index
    # that never held the rows.
    never = Tables(tmp_path / "never")
    write_rows(
        tmp_path / "plain.parquet",
        index_schema(2),
        index_rows([chunk(document("plain", PLAIN, title="Opening an account"))]),
    )
    never.sync(TABLE, tmp_path / "plain.parquet", indexed)
    assert token_files(lake.tables, TABLE) == token_files(never, TABLE)
    assert len(set(before.values()) & set(token_files(never, TABLE))) == 0
    assert problems(lake) == []


def test_the_index_still_answers_after_an_erasure(lake: Lake, uc: UseCase) -> None:
    erase(lake, uc, Targets(documents=("secret-en",)), name="Olga Owner", reason="asked by the author")
    index = Index(lake.tables, lake.current(TABLE).snapshot(TABLE))
    for mode in ("dense", "text", "hybrid"):
        asked = [("逾期归还 free of charge account", np.array([1.0, 0.0], dtype=np.float32))]
        found = [p.id for p in index.find(asked, 5, mode=mode)]  # type: ignore[arg-type]
        assert sorted(found) == ["plain#0", "secret-zh#0"]


def trained(table: Any) -> str:
    indexed(table)
    train(table, VectorIndex("IVF_SQ", 8))
    return label_of(table, 0)


def test_a_trained_index_is_trained_again_without_the_rows(tmp_path: Path) -> None:
    tables, vectors = Tables(tmp_path / "tables"), unit(np.random.default_rng(1).normal(size=(600, 16)))
    rows = [{**passage(f"{n:03d}", f"passage {n}"), "vector": v.tolist()} for n, v in enumerate(vectors)]
    exact, learnt = put(tables, rows[:500]), put(tables, rows, trained)
    before = index_files(tables, NAME)
    gone = find(tables, NAME, [], lambda row: row["id"] >= "590")
    rewrite(tables, NAME, gone.pairs, tmp_path / "scratch")
    assert not before.keys() & index_files(tables, NAME).keys()
    assert (
        vector_index_of(tables.at(learnt)) == VectorIndex("IVF_SQ", 8)
        and vector_index_of(tables.at(exact)) == VectorIndex()
    )
    assert has_terms_index(tables.at(learnt)) and tables.at(learnt).index_stats("IVF_SQ-8").num_indexed_rows == 590
    index = Index(tables, learnt, Search(index="IVF_SQ-8", nprobes=8, refine=1))
    assert index.nearest(vectors[589], 1)[0].id == "589" and index.nearest(vectors[595], 1)[0].id < "590"
    assert tables.digest(learnt, gone.states[learnt.digest]) == learnt.digest and tables.digest(exact) == exact.digest

"""Reranking: the order of a (random) cross-encoder, how deep it reads, and that it says the same each time."""

from __future__ import annotations

from pathlib import Path

import pytest

from genaiops_assets.lake import Tables
from genaiops_assets.retrieval import Index, Retriever
from genaiops_assets.retrieval.embedding import EmbeddingRefused
from genaiops_assets.retrieval.reranking import Reranker
from tests.retrieval.indexes import Words, passage, put
from tests.retrieval.tiny import cross_encoder

TEXTS = [f"late return of card number {n} costs {n * 95} dollars" for n in range(12)]
ASKED = ["What does a late return cost?", "还书"]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return cross_encoder(tmp_path_factory.mktemp("models") / "ce")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Index:
    tables = Tables(tmp_path_factory.mktemp("lake") / "tables")
    return Index(
        tables, put(tables, [passage(f"p{n:02d}", text, doc_id=f"d{n}", title="Cards") for n, text in enumerate(TEXTS)])
    )


def test_the_best_passages_are_put_in_the_order_of_the_cross_encoder(index: Index, model: Path) -> None:
    reranker = Reranker(model, depth=5, cpus=1)
    plain = Retriever(index, Words()).find(ASKED, 12)
    made = Retriever(index, Words(), reranker).find(ASKED, 12)
    for question, before, after in zip(ASKED, plain, made, strict=True):
        scores = dict(zip(before[:5], reranker._model.predict([(question, p.quoted) for p in before[:5]]), strict=True))
        assert len(set(scores.values())) == 5
        assert after[:5] == sorted(before[:5], key=lambda p: -scores[p]) and after[5:] == before[5:]
    assert made != plain


def test_it_reads_its_depth_though_fewer_are_asked_for(index: Index, model: Path) -> None:
    whole = Retriever(index, Words(), Reranker(model, depth=12, cpus=1)).find(ASKED, 12)
    assert Retriever(index, Words(), Reranker(model, depth=12, batch_size=3, cpus=1)).find(ASKED, 2) == [
        p[:2] for p in whole
    ]
    assert Retriever(index, Words(), Reranker(model, depth=1, cpus=1)).find(ASKED, 3) == Retriever(index, Words()).find(
        ASKED, 3
    )
    assert Reranker(model).reordered([], []) == [] and Reranker(model).reordered(["a"], [[]]) == [[]]


def test_a_classifier_is_no_reranker(tmp_path: Path) -> None:
    with pytest.raises(EmbeddingRefused, match=r"knowledge.reranker: .* gives 3 scores a pair"):
        Reranker(cross_encoder(tmp_path / "ce", labels=3))

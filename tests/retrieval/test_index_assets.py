"""The life of an index as an asset: built, refreshed by difference, searched as recorded, maintained, compared;
payloads run in this process, vectors are made of words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from genaiops_assets.assets.knowledge import embeddings_index as knowledge
from genaiops_assets.assets.knowledge.embeddings_index import renewals
from genaiops_assets.lake import problems
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.payloads import compare_retrieval, embed_chunks
from genaiops_assets.retrieval import Index, Only, Retriever, index_spec
from genaiops_assets.use_case import UseCase
from genaiops_assets.use_case.knowledge import Knowledge
from tests.retrieval.index_life import TEXTS, Embedder, InProcess, Life
from tests.retrieval.indexes import WIDTH, Words
from tests.retrieval.tiny import cross_encoder
from tests.support.lakes import bank_support, publish

INDEX, CHUNKS, REPORT = "bank_support/embeddings_index", "bank_support/chunks", "bank_support/retrieval_report"


def searching(uc: UseCase, mode: str) -> UseCase:
    return uc.model_copy(update={"knowledge": uc.knowledge.model_copy(update={"search": mode})})


@pytest.fixture
def uc() -> UseCase:
    uc = searching(bank_support(), "dense")
    return uc.model_copy(
        update={"evaluation": uc.evaluation.model_copy(update={"retrieval_sets": [], "resamples": 200})}
    )


@pytest.fixture
def life(tmp_path: Path, uc: UseCase, monkeypatch: pytest.MonkeyPatch) -> Life:
    for payload in (embed_chunks, compare_retrieval):
        monkeypatch.setattr(payload, "open_embedder", Embedder)
    monkeypatch.setattr(Platform, "launcher", lambda self, uc: InProcess())
    made = Life(tmp_path / "home", uc)
    made.corpus(**TEXTS)
    return made


def test_the_index_says_how_it_is_searched_and_what_that_finds(life: Life) -> None:
    done = life.run()
    (made,) = done.asset_materializations_for_node("bank_support__embeddings_index")
    figures = {
        name: made.metadata[name].value
        for name in ("index", "search", "recall_at_10_against_exact", "bytes_per_vector", "embedded_now")
    }
    assert figures == {
        "index": "EXACT",
        "search": "dense",
        "recall_at_10_against_exact": 1.0,
        "bytes_per_vector": 4 * WIDTH,
        "embedded_now": 3,
    }
    assert made.metadata["recall_interval"].value == [1.0, 1.0]
    assert 0 < made.metadata["p50_ms"].value <= made.metadata["p95_ms"].value
    facts = life.lake.current(INDEX).json("index.json")
    assert facts["search"] == {"mode": "dense", "index": "EXACT", "nprobes": 0, "refine": 0, "ef": 0}
    assert life.found("late return of the blue card")[0] == "fee"
    assert life.found("费用", only=Only(licenses=("GPL-3.0",))) == []


def test_only_changed_passages_are_embedded_and_removed_ones_are_never_found(life: Life) -> None:
    life.run()
    life.corpus(fee=TEXTS["fee"], zh="图书馆九点开门。", new="Zebra crossings are white.")
    life.run()
    assert len(Embedder.seen) == 2
    for mode in ("dense", "text", "hybrid"):
        assert "open" not in life.found("Opening an account is free", mode=mode)
        assert life.found("zebra crossings 图书馆", mode=mode)[:2] in (["new", "zh"], ["zh", "new"])
    index = life.lake.current(INDEX).snapshot(INDEX)
    assert life.lake.tables.digest(index) == index.digest and problems(life.lake) == []
    assert {r["chunk_hash"] for r in life.lake.tables.rows(index)} == {
        r["row_hash"] for r in life.lake.tables.rows(life.lake.current(CHUNKS).snapshot(CHUNKS))
    }


def test_an_incremental_index_is_the_one_built_at_once(life: Life, tmp_path: Path) -> None:
    life.run()
    life.corpus(fee="Something else.", new="Zebra crossings are white.")
    life.run()
    at_once = Life(tmp_path / "other", life.uc)
    at_once.corpus(fee="Something else.", new="Zebra crossings are white.")
    at_once.run()
    assert life.lake.current(INDEX).digest == at_once.lake.current(INDEX).digest


def test_another_mode_makes_the_same_rows_anew_without_embedding(life: Life) -> None:
    life.run()
    first = life.lake.current(INDEX)
    life.uc = searching(life.uc, "hybrid")
    life.run()
    second = life.lake.current(INDEX)
    assert Embedder.seen == [] and second.digest != first.digest and second.snapshot(INDEX) == first.snapshot(INDEX)
    assert (
        life.index.search.mode == "hybrid"
        and Index.from_spec(life.lake.tables, index_spec(first)).search.mode == "dense"
    )


def test_the_default_answers_as_plain_dense_search_always_did(life: Life) -> None:
    life.run()
    vector = Words().encode(["late return"])[0]
    table = life.lake.tables.at(life.lake.current(INDEX).snapshot(INDEX))
    before = (
        table.search(vector, vector_column_name="vector")
        .distance_type("cosine")
        .select(["id", "_distance"])
        .limit(3)
        .to_list()
    )
    expected = [r["id"] for r in sorted(before, key=lambda r: (r["_distance"], r["id"]))]
    (found,) = Retriever(life.index, Words()).find(["late return"], 3)
    assert [p.id for p in found] == expected and found == life.index.nearest(vector, 3)
    assert life.uc.knowledge.search == "dense"


def test_maintenance_changes_no_row_and_no_answer_and_is_done_once(life: Life) -> None:
    life.run()
    life.corpus(**TEXTS, new="Zebra crossings are white.")
    life.run()
    before, answers = life.lake.current(INDEX), life.found("zebra card 费用", mode="hybrid")
    life.run("embeddings_index", maintain=True)
    after = life.lake.current(INDEX)
    assert Embedder.seen == [] and renewals(life.lake, life.uc) == 1
    assert after.digest != before.digest and after.snapshot(INDEX).digest == before.snapshot(INDEX).digest
    assert after.snapshot(INDEX).tag != before.snapshot(INDEX).tag
    assert life.found("zebra card 费用", mode="hybrid") == answers
    for again in (True, False):  # neither the next week nor the next night does it again, or undoes it
        life.run("embeddings_index", maintain=again)
        assert life.lake.current(INDEX).digest == after.digest
    old = Retriever(Index.from_spec(life.lake.tables, index_spec(before)), Words())
    assert [p.doc_id for p in old.find(["zebra card 费用"], 10, mode="hybrid")[0]] == answers
    life.corpus(**TEXTS)
    life.run()
    assert problems(life.lake) == []
    assert "new" not in life.found("zebra crossings") and life.lake.current(INDEX).json("index.json")["renewal"] == 1


def test_maintenance_before_there_is_an_index_is_a_first_build(life: Life) -> None:
    life.run("chunks")
    life.run("embeddings_index", maintain=True)
    assert renewals(life.lake, life.uc) == 0 and life.found("late return")[0] == "fee"


def test_ways_of_searching_are_compared_and_a_loss_is_a_warning(life: Life) -> None:
    items = [  # six: the loss of fewer questions could be chance
        {"id": f"g{n}", "question": question, "answer": "yes", "documents": [document], "split": "dev"}
        for n, (question, document) in enumerate(
            (f"{words} {which}", document)
            for words, document in (
                ("What does late return of the card cost", "fee"),
                ("Is opening an account free", "open"),
            )
            for which in ("now?", "today?", "here?")
        )
    ]
    publish(life.lake, life.uc.key("golden_set"), {"golden.json": {"items": items}})
    life.run()
    life.run("retrieval_report")
    report = life.lake.current(REPORT).json("retrieval_report.json")
    assert set(report["sets"]["golden"]) == {"dense", "text", "hybrid"} and report["previous"] == ""
    assert report["items"]["golden"]["text"] == {f"g{n}": 1.0 for n in range(6)}
    assert all(text not in str(report) for text in TEXTS.values())
    life.run("retrieval_report")
    assert life.lake.current(REPORT).json("retrieval_report.json") == report
    life.corpus(
        **{f"x{n}": "What does late return of the card cost? Is opening an account free?" for n in range(12)},
        zh=TEXTS["zh"],
    )
    life.run()
    with pytest.raises(AssertionError, match="retrieval_is_not_worse"):
        life.run("retrieval_report")
    worse = life.lake.current(REPORT).json("retrieval_report.json")
    assert worse["previous"] and worse["against_previous"]["golden"]["text"]["mean"] == -1.0


def test_a_reranker_is_one_more_way_of_searching_and_the_one_in_use(life: Life, tmp_path: Path) -> None:
    life.run()
    life.run("retrieval_report")
    before = life.lake.current(REPORT)
    cross_encoder(tmp_path / "ce")
    knowledge = life.uc.knowledge.model_copy(update={"reranker": f"dir:{tmp_path / 'ce'}"})
    life.uc = life.uc.model_copy(update={"knowledge": knowledge})
    life.run()
    life.run("retrieval_report")
    report = life.lake.current(REPORT).json("retrieval_report.json")
    assert report["previous"] == before.digest and report["mode"] == "reranked" and Embedder.seen
    assert list(report["sets"]["golden"]) == ["dense", "hybrid", "reranked", "text"]
    assert set(report["against_previous"]["golden"]) == {"dense", "text", "hybrid"}


def test_another_route_embeds_all_passages_again_but_cuts_none_anew(life: Life) -> None:
    life.run()
    cut, indexed = life.lake.current(CHUNKS), life.lake.current(INDEX)
    server = {"route": "endpoint", "url": "https://models.example/v1", "model": "small", "max_tokens": 512}
    knowledge = Knowledge.model_validate({**life.uc.knowledge.model_dump(), "embedding": server})
    life.uc = life.uc.model_copy(update={"knowledge": knowledge})
    life.run()
    assert len(Embedder.seen) == 3 and life.lake.current(CHUNKS).digest == cut.digest
    facts = life.lake.current(INDEX).json("index.json")
    assert facts["embedder"]["digest"] != indexed.json("index.json")["embedder"]["digest"]
    assert facts["embedder"]["model"] == "small" and facts["embedder"]["license"] == "NOASSERTION"


@pytest.mark.parametrize("gone", [False, True], ids=["its index is there", "its index is gone"])
def test_back_at_an_earlier_model_only_new_passages_are_embedded(
    life: Life, monkeypatch: pytest.MonkeyPatch, gone: bool
) -> None:
    life.run()
    first, model = life.lake.current(INDEX).snapshot(INDEX), knowledge.embedder_of
    monkeypatch.setattr(knowledge, "embedder_of", lambda lake, uc: replace(model(lake, uc), digest="another"))
    life.run("embeddings_index")
    assert len(Embedder.seen) == 3
    monkeypatch.setattr(knowledge, "embedder_of", model)
    if gone:
        life.lake.tables.open(INDEX).tags.delete(first.tag)
    life.corpus(**TEXTS, new="A lost card is blocked by telephone.")
    life.run()
    assert len(Embedder.seen) == (4 if gone else 1)
    assert life.found("Who blocks a lost card?")[0] == "new" and life.index.table.count_rows() == 4
    assert gone or problems(life.lake) == []

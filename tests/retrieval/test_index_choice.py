"""The choice of an index: small tables stay exact, large ones get what finds enough, and a trained index is kept while
it does."""

from pathlib import Path

import numpy as np
import pytest

from genaiops_assets.lake import Tables, VectorIndex, train, vector_index_of
from genaiops_assets.retrieval import Index, Limits, Only, Search, arrange, label_of, measured
from genaiops_assets.retrieval import index_choice as choosing
from genaiops_assets.retrieval.agreement import agreement, exact_nearest, kth_similarity, probes_of, vectors_of
from genaiops_assets.retrieval.index_choice import choose
from tests.retrieval.indexes import NAME, passage, put, unit

LIMITS = Limits(min_recall=0.9, max_latency_ms=10_000, memory_gib=1)
IMPATIENT = Limits(min_recall=0.9, max_latency_ms=1e-6, memory_gib=1)
ROWS, WIDTH, TOPICS = 3000, 32, 40


@pytest.fixture(scope="module")
def rows() -> list[dict]:
    random = np.random.default_rng(3)
    topics = random.normal(size=(TOPICS, WIDTH))
    vectors = unit(topics[random.integers(0, TOPICS, ROWS)] + random.normal(size=(ROWS, WIDTH)))
    plain = passage("x", "one passage of many")
    return [{**plain, "id": f"{n:05d}", "vector": v.tolist()} for n, v in enumerate(vectors)]


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    return Tables(tmp_path / "tables")


@pytest.fixture
def every_table_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "EXACT_BELOW", 100)


def test_streamed_exact_search_is_exact_search() -> None:
    random = np.random.default_rng(1)
    vectors, queries = unit(random.normal(size=(300, 16))), unit(random.normal(size=(20, 16)))
    best = exact_nearest(vectors, queries, 10)
    kth = kth_similarity(np.array_split(vectors, 7), queries, 10)
    assert kth == pytest.approx([queries[n] @ vectors[row[-1]] for n, row in enumerate(best)], abs=1e-6)
    assert kth_similarity([vectors[:3]], queries, 10) == pytest.approx((queries @ vectors[:3].T).min(axis=1), abs=1e-6)
    with pytest.raises(ValueError, match="no vectors"):
        kth_similarity([], queries)


def test_a_small_table_stays_exact_and_loses_nothing(tables: Tables, rows: list[dict]) -> None:
    made = []
    snapshot = put(tables, rows, lambda table: made.append(arrange(table, IMPATIENT)) or label_of(table, 0))
    (choice,) = made
    assert choice.search == Search() and snapshot.label == "" and len(choice.tried) == 1
    figures = measured(Index(tables, snapshot, choice.search)).figures()
    assert (
        figures["recall_at_10_against_exact"] == 1.0
        and figures["recall_interval"] == [1.0, 1.0]
        and figures["probes"] == 200
    )
    assert 0 < figures["p50_ms"] <= figures["p95_ms"]


def test_a_large_table_gets_an_index_that_finds_enough(tables: Tables, rows: list[dict], every_table_is_large) -> None:
    made = []
    snapshot = put(tables, rows, lambda table: made.append(arrange(table, IMPATIENT)) or label_of(table, 0))
    (choice,) = made
    assert choice.tried[0].search.index == "EXACT" and not choice.tried[0].is_fast
    assert {c.search.index.partition("-")[0] for c in choice.tried} == {"EXACT", "IVF_RQ", "IVF_SQ", "IVF_FLAT"}
    assert choice.chosen.finds and vector_index_of(tables.at(snapshot)).name == choice.search.index
    index = Index(tables, snapshot, choice.search)
    probes = probes_of(index.table, 100, seed=99)
    assert agreement(index, probes, kth_similarity(vectors_of(index.table), probes)).recall["mean"] >= 0.9
    if choice.search.index != "EXACT":
        assert choice.search.nprobes and snapshot.label.startswith(choice.search.index)


@pytest.mark.parametrize(
    ("limit", "chosen"),
    [(100, "EXACT"), (8, "IVF_RQ-64"), (3, "IVF_SQ-64"), (0.5, "IVF_SQ-64")],
    ids=["exact is fast enough", "the smallest that is", "a larger one", "none is: the fastest that finds enough"],
)
def test_the_first_that_finds_enough_fast_enough(
    tables: Tables, rows: list[dict], monkeypatch, limit: float, chosen: str
) -> None:
    """Measurements as told: milliseconds of one search, and how many clusters it takes to find enough."""
    told = {"EXACT": (20.0, 0), "IVF_RQ-64": (6.0, 8), "IVF_SQ-64": (2.0, 16), "IVF_FLAT-64": (4.0, 4)}

    def candidate(self, search: Search, build_seconds: float, probes: int | None = None) -> choosing.Candidate:
        milliseconds, needed = told[search.index]
        share = 1.0 if search.nprobes >= needed else 0.5
        return choosing.Candidate(
            search, choosing.Agreement((share,) * 20, (milliseconds / 1000,) * 20), 1.0, 0.0, self.limits
        )

    monkeypatch.setattr(choosing.Measuring, "candidate", candidate)
    put(tables, rows)
    table = tables.open(NAME)
    choice = choose(table, Limits(0.95, limit, 1))
    assert choice.search.index == vector_index_of(table).name == chosen
    margin = 2 if choice.chosen.is_fast else 1
    assert choice.search.nprobes == margin * told[chosen][1] and choice.chosen.finds


def test_exact_search_that_is_fast_enough_needs_no_index(
    tables: Tables, rows: list[dict], every_table_is_large
) -> None:
    put(tables, rows)
    choice = choose(tables.open(NAME), LIMITS)
    assert choice.search == Search() and choice.chosen.is_fast


def test_an_index_that_looks_at_one_cluster_is_measured_as_what_it_is(tables: Tables, rows: list[dict]) -> None:
    put(tables, rows)
    table = tables.open(NAME)
    train(table, VectorIndex("IVF_SQ", 64))
    low = choosing.Measuring(table, LIMITS).candidate(Search(index="IVF_SQ-64", nprobes=1, refine=1), 0.0)
    assert not low.finds and low.agreement.recall["high"] < 0.9
    assert choosing.kept(table, LIMITS, low.search) is None


def test_a_trained_index_is_kept_while_it_finds_enough_and_new_rows_join_it(
    tables: Tables, rows: list[dict], every_table_is_large
) -> None:
    def trained(table) -> str:
        train(table, VectorIndex("IVF_FLAT", 16))
        return label_of(table, 0)

    first = put(tables, rows[:2000], trained)
    before = Search(index="IVF_FLAT-16", nprobes=12)
    kept = put(tables, rows[2000:2100], lambda table: arranged(table, before), first)
    uuid = first.label.rpartition("-")[2]
    assert kept.label == first.label and uuid in kept.label  # 5 % more: scanned beside the index
    grown = put(tables, rows[2100:], lambda table: arranged(table, before), kept)
    assert choosing.unindexed(tables.at(grown)) == 0
    nearest = Index(tables, grown, before).nearest(np.asarray(rows[2500]["vector"], dtype=np.float32), 1)
    assert nearest[0].id == rows[2500]["id"]
    assert (
        Index(tables, first, before).nearest(np.asarray(rows[2500]["vector"], dtype=np.float32), 1)[0].id
        != rows[2500]["id"]
    )


def arranged(table, before: Search) -> str:
    choice = arrange(table, LIMITS, before=before)
    assert choice.search == before and len(choice.tried) == 1
    return label_of(table, 0)


def test_memory_decides_which_kinds_are_tried() -> None:
    def kinds(memory: float) -> list[str]:
        return [i.kind for i in choosing.candidates(1_000_000, 384, memory)]

    assert kinds(4) == ["EXACT", "IVF_RQ", "IVF_SQ", "IVF_FLAT"]
    assert kinds(0.4) == ["EXACT", "IVF_RQ", "IVF_SQ"]
    assert kinds(0.01) == ["EXACT"]
    assert [i.partitions for i in choosing.candidates(1_000_000, 384, 4)] == [0, 1024, 1024, 1024]


def test_names_of_indexes() -> None:
    for index in (VectorIndex(), VectorIndex("IVF_PQ", 128)):
        assert VectorIndex.named(index.name) == index
    for wrong in ("EXACT-2", "IVF_SQ", "IVF", "vector_idx"):
        with pytest.raises(ValueError):
            VectorIndex.named(wrong)


def test_an_empty_table_is_arranged_too(tables: Tables) -> None:
    snapshot = put(tables, [], lambda table: str(arrange(table, LIMITS).search.mode)[:0])
    assert measured(Index(tables, snapshot)).recall["mean"] == 1.0
    assert Index(tables, snapshot).find([("fee", np.ones(64, dtype=np.float32))], 3, mode="hybrid") == []


def test_new_rows_of_a_large_table_are_scored_as_the_old_ones(
    tables: Tables, rows: list[dict], every_table_is_large: None
) -> None:
    """BM25 weighs a word by how rare it is and a text by how long others are: among all rows, not among the new."""
    words = ["account", "fee", "card", "branch", "rate"]
    old = [
        passage(
            r["id"], " ".join([words[n % 5], words[n % 3], *(["parking"] if n % 500 == 0 else [])]), vector=r["vector"]
        )
        for n, r in enumerate(rows)
    ]
    new = [passage(f"new-{n}", "parking at the branch", vector=rows[n]["vector"]) for n in range(3)]
    first = put(tables, old, lambda table: arrange(table, LIMITS) and label_of(table, 0))
    grown = put(tables, new, lambda table: arrange(table, LIMITS, before=Search()) and label_of(table, 0), base=first)
    whole = Tables(tables.url + "-anew")
    at_once = put(whole, [*old, *new], lambda table: arrange(table, LIMITS) and label_of(table, 0))
    scores = []
    for where, snapshot in ((tables, grown), (whole, at_once)):
        index = Index(where, snapshot)
        found = index._matches("parking at a branch", np.asarray(new[0]["vector"], dtype=np.float32), 20, Only())
        scores.append({p.id: round(score, 4) for p, score in found.items()})
    assert set(scores[0]) >= {"new-0", "new-1", "new-2"} and scores[0] == scores[1]

"""Search: by meaning, by words and by both, under conditions, in English and Chinese; and snapshots that stay as they
were."""

from pathlib import Path

import pytest

from genaiops_assets.lake import Tables
from genaiops_assets.retrieval import Index, Limits, Only, Retriever, Search, arrange, label_of, needs_care
from tests.retrieval.indexes import Row, Words, passage, put

LIMITS = Limits(min_recall=0.95, max_latency_ms=50, memory_gib=1)
FEE = passage(
    "fee", "Late return of the blue card costs 95 dollars each quarter.", source="handbook", license="CC0-1.0"
)
OPEN = passage("open", "Opening an account is free of charge for residents.", first_seen=2)
ZH = passage("zh", "逾期归还借书证的费用为每季度九十五元。", source="library", license="MIT")
HOURS = passage("hours", "开放时间为每天上午九点至下午五点。", source="library", first_seen=3)
ROWS = [FEE, OPEN, ZH, HOURS]


@pytest.fixture
def tables(tmp_path: Path) -> Tables:
    return Tables(tmp_path / "tables")


def indexed(table) -> str:
    arrange(table, LIMITS)
    return label_of(table, 0)


def found(index: Index, question: str, k: int = 10, only: Only | None = None, mode=None) -> list[str]:
    (passages,) = Retriever(index, Words()).find([question], k, only or Only(), mode)
    return [p.id for p in passages]


def test_words_find_english_and_chinese_passages(tables: Tables) -> None:
    index = Index(tables, put(tables, ROWS, indexed), Search("text"))
    assert found(index, "What are the COSTS of late returns?")[0] == "fee"  # stemmed
    assert found(index, "归还逾期怎么办") == ["zh"]
    assert found(index, "开放 free") == ["hours", "open"] or found(index, "开放 free") == ["open", "hours"]
    assert found(index, "xylophone") == found(index, "？！") == []
    assert found(index, "quotes \" ( AND OR NOT ) ~ * : \\ fee/card '", 1) == ["fee"]


def test_hybrid_search_holds_what_either_finds_and_ranks_first_what_both_do(tables: Tables) -> None:
    index = Index(tables, put(tables, ROWS, indexed), Search("hybrid"))
    for question, first in (
        ("late return of the blue card", "fee"),
        ("借书证逾期费用", "zh"),
        ("account free of charge", "open"),
    ):
        ranked = found(index, question)
        assert ranked[0] == first and sorted(ranked) == sorted(r["id"] for r in ROWS)
        assert found(index, question, 1) == [first]


def test_scores_are_cosine_similarities_in_every_mode(tables: Tables) -> None:
    index = Index(tables, put(tables, ROWS, indexed))
    question = "late return fee of the card"
    scores = {}
    for mode in ("dense", "text", "hybrid"):
        (passages,) = Retriever(index, Words()).find([question], 4, mode=mode)
        scores[mode] = {p.id: p.score for p in passages}
    assert scores["text"]["fee"] == pytest.approx(scores["dense"]["fee"], abs=1e-5)
    assert scores["hybrid"] == pytest.approx(scores["dense"], abs=1e-5)


@pytest.mark.parametrize("mode", ["dense", "text", "hybrid"])
@pytest.mark.parametrize(
    ("only", "left"),
    [
        (Only(), {"fee", "open", "zh", "hours"}),
        (Only(sources=("library",)), {"zh", "hours"}),
        (Only(licenses=("MIT",)), {"open", "zh", "hours"}),
        (Only(documents=("fee", "it's")), {"fee"}),
        (Only(since=2), {"open", "hours"}),
        (Only(sources=("library",), licenses=("MIT",), since=3), {"hours"}),
        (Only(since=2, until=2), {"open"}),
        (Only(sources=("nobody",)), set()),
        (Only(sources=()), set()),
    ],
)
def test_only_what_meets_the_conditions_is_found(tables: Tables, mode, only: Only, left: set[str]) -> None:
    index = Index(tables, put(tables, ROWS, indexed))
    ranked = found(index, "card return account charge 费用 借书 开放 时间", only=only, mode=mode)
    assert set(ranked) == left


@pytest.mark.parametrize("mode", ["dense", "text", "hybrid"])
def test_rows_put_in_after_the_index_was_built_are_found_and_rows_taken_out_are_not(tables: Tables, mode) -> None:
    first = put(tables, ROWS, indexed)
    fresh = passage("new", "逾期罚款 and zebra crossing")
    later = put(tables, [fresh], base=first)  # not indexed again
    assert needs_care(tables.at(later))
    assert found(Index(tables, later), "zebra 罚款", 1, mode=mode) == ["new"]
    changed = put(tables, [passage("fee", "This passage is about something else now.")], base=later)
    assert found(Index(tables, changed), "something else now", 1, mode=mode) == ["fee"]
    assert "fee" not in found(Index(tables, changed), "blue card", mode="text")
    gone = tables.change("demo/embeddings_index", changed, no_rows(tables), ["zh"]).snapshot
    for question in ("逾期归还借书证的费用", "借书证"):
        assert "zh" not in found(Index(tables, gone), question, mode=mode)


def no_rows(tables: Tables) -> Path:
    from genaiops_assets.lake import write_rows
    from genaiops_assets.retrieval import index_schema
    from tests.retrieval.indexes import WIDTH

    file = Path(tables.url).parent / "none.parquet"
    write_rows(file, index_schema(WIDTH), [])
    return file


@pytest.mark.parametrize("mode", ["dense", "text", "hybrid"])
def test_an_old_snapshot_answers_as_it_did_whatever_came_later(tables: Tables, mode) -> None:
    def answers(index: Index) -> list:
        return [Retriever(index, Words()).find([q], 4, mode=mode) for q in ("blue card fee", "费用", "account")]

    first = put(tables, ROWS, indexed)
    before = answers(Index(tables, first))
    later = put(
        tables, [passage("fee", "Nothing of the kind."), passage("more", "blue card fee 费用 account")], indexed, first
    )

    def renewed(table) -> str:
        arrange(table, LIMITS, renew=True)
        return label_of(table, 1)

    again = put(tables, [], renewed, later)
    assert (again.digest, again.label) == (later.digest, "EXACT-1") and again.tag != later.tag
    assert not needs_care(tables.at(again))
    assert answers(Index(tables, first)) == before != answers(Index(tables, later))
    assert answers(Index(tables, later)) == answers(Index(tables, again))
    assert tables.digest(first) == first.digest and tables.digest(again) == later.digest


def test_rows_that_came_back_are_their_old_snapshot(tables: Tables) -> None:
    first = put(tables, ROWS, indexed)
    put(tables, ROWS[:2], indexed)
    assert put(tables, ROWS, indexed).version == first.version


def test_full_text_scores_of_a_small_table_depend_on_its_rows_alone(tables: Tables, tmp_path: Path) -> None:
    def ranking(index: Index) -> list[Row]:
        return (
            index.table.search("fee card return", query_type="fts", fts_columns="terms")
            .select(["id", "_score"])
            .limit(9)
            .to_list()
        )

    more = [passage(f"m{n}", f"card number {n} of the fee") for n in range(5)]
    grown = put(tables, [more[0]], indexed, put(tables, ROWS + more[1:], indexed))
    whole = Tables(tmp_path / "whole")
    at_once = Index(whole, put(whole, ROWS + more, indexed))
    assert {r["id"]: r["_score"] for r in ranking(Index(tables, grown))} == {
        r["id"]: r["_score"] for r in ranking(at_once)
    }

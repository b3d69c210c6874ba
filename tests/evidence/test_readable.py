"""Values with parts as tables and bars."""

from __future__ import annotations

import pytest

from genaiops_assets.evidence import as_table, bar, percent, share_interval


def test_rows_have_the_words_that_name_them_first() -> None:
    topics = [{"documents": 3, "id": "topic_1", "share": 0.75, "terms": ["fee"]}, {"documents": 1, "share": 0.25}]
    shown = as_table(topics)
    assert shown is not None and shown.columns == ("terms", "documents", "share") and shown.bars == "share"
    assert shown.rows == ((["fee"], 3, 0.75), (None, 1, 0.25))


def test_counts_get_their_share_in_all_and_the_largest_comes_first() -> None:
    shown = as_table({"b": 1, "a": 4, "c": 0})
    assert shown is not None and shown.rows == (("a", 4, 0.8), ("b", 1, 0.2), ("c", 0, 0.0))
    for whole in ({"first": 1, "last": 3}, {"documents": 5, "of": 9}):
        no_parts = as_table(whole)
        assert no_parts is not None and no_parts.bars == ""


def test_quantiles_stand_in_their_order_without_bars() -> None:
    shown = as_table({"max": 9, "median": 5, "min": 1, "p95": 8, "unit": "characters"})
    assert shown is not None and [row[0] for row in shown.rows] == ["unit", "min", "median", "p95", "max"]
    assert shown.bars == ""


def test_a_mapping_of_mappings_has_a_row_each_and_a_long_list_a_line_each() -> None:
    by_language = as_table({"en": {"tokens": 2, "types": 1}, "zh": {"tokens": 3}})
    assert by_language is not None and by_language.columns == ("entry", "tokens", "types")
    assert by_language.rows == (("en", 2, 1), ("zh", 3, None))
    operators = as_table(["a", "b", "c", "d"])
    assert operators is not None and operators.rows == (("a",), ("b",), ("c",), ("d",))


@pytest.mark.parametrize(
    "value",
    [0, 1.5, "text", None, True, {}, [], {"en": 698}, ["a", "b"], {"mean": 1, "low": 0, "high": 2, "n": 3}],
)
def test_what_fits_one_line_is_no_table(value: object) -> None:
    assert as_table(value) is None


def test_shares_that_are_none_get_no_bar() -> None:
    shown = as_table([{"name": "a", "share": 3.0}])
    assert shown is not None and shown.bars == ""


def test_an_interval_of_a_share_is_read_in_percent() -> None:
    found = share_interval({"mean": 0.9456, "low": 0.908, "high": 0.969, "n": 223})
    assert found.replace("\N{NO-BREAK SPACE}", " ") == "94.6 % [90.8–96.9 %], n = 223"
    nothing = {"mean": None, "low": None, "high": None, "n": 0}
    assert share_interval(nothing).startswith("–") and "[" not in share_interval({**nothing, "mean": 0.5})


@pytest.mark.parametrize(
    ("share", "blocks", "said"),
    [(0, 0, "0 %"), (0.001, 1, "0.1 %"), (0.24, 3, "24 %"), (1, 12, "100 %"), (1.4, 12, "140 %")],
)
def test_a_share_is_a_bar_and_a_percentage(share: float, blocks: int, said: str) -> None:
    drawn = bar(share)
    assert (len(drawn), drawn.count("█")) == (12, blocks)
    assert percent(share).replace("\N{NO-BREAK SPACE}", " ") == said

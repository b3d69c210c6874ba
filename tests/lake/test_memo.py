"""Memo and heads: what was done before, and what is current."""

from typing import Any

import pytest

from genaiops_assets.lake import memo_key
from genaiops_assets.lake.memo import Heads, Memo
from genaiops_assets.lake.store import Store

BASE: dict[str, Any] = {
    "asset": "demo/x",
    "inputs": {"a": "1", "b": "2"},
    "code_version": "1",
    "config": {"n": 1},
    "seed": 7,
}


@pytest.mark.parametrize(
    "change",
    [
        {"asset": "demo/y"},
        {"inputs": {"a": "2", "b": "1"}},
        {"code_version": "2"},
        {"config": {"n": 2}},
        {"seed": 8},
        {"seed": None},
    ],
    ids=lambda change: next(iter(change)),
)
def test_each_thing_that_determines_an_output_changes_the_key(change: dict[str, Any]) -> None:
    assert memo_key(**BASE) != memo_key(**{**BASE, **change})


def test_key_ignores_the_order_of_inputs() -> None:
    assert memo_key(**BASE) == memo_key(**{**BASE, "inputs": {"b": "2", "a": "1"}})


def test_memo_remembers_the_last_record_of_a_key(store: Store) -> None:
    memo = Memo(store)
    assert memo.get("ab12") is None
    memo.put("ab12", "d1", {"seconds": 1})
    memo.put("ab12", "d2", {"seconds": 2})
    assert memo.get("ab12") == {"key": "ab12", "digest": "d2", "provenance": {"seconds": 2}}


def test_head_moves_only_to_another_digest(store: Store) -> None:
    heads = Heads(store)
    assert heads.put("demo/x", None, {"digest": "d1", "at": "monday"})
    assert not heads.put("demo/x", None, {"digest": "d1", "at": "tuesday"})
    assert heads.get("demo/x") == {"digest": "d1", "at": "monday"}
    assert heads.put("demo/x", None, {"digest": "d2"})
    assert heads.digest("demo/x") == "d2"


def test_partitions_have_heads_of_their_own(store: Store) -> None:
    heads = Heads(store)
    heads.put("demo/x", None, {"digest": "whole"})
    for partition in ("mv-2", "mv-1"):
        heads.put("demo/x", partition, {"digest": partition})
    assert heads.partitions("demo/x") == ["mv-1", "mv-2"]
    assert heads.digest("demo/x", "mv-2") == "mv-2"
    assert heads.digest("demo/x") == "whole"
    assert heads.partitions("demo/y") == []


def test_missing_head_names_what_to_materialize(store: Store) -> None:
    with pytest.raises(KeyError, match=r"demo/x\[mv-1\] has no output yet: materialize it first"):
        Heads(store).digest("demo/x", "mv-1")

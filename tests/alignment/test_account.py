"""What the whole training of a version took: sums over its stages, and None where a part is unknown."""

from __future__ import annotations

from typing import Any

from genaiops_assets.alignment import StageRun, training_account


def stage(method: str, flop: float | None = 1e12, kwh: float | None = 0.5, **changes: Any) -> StageRun:
    compute = {
        "flop_direct": flop,
        "flop_cumulative": flop,
        "tokens": 100,
        "method": "counted",
        "P_trainable": 10,
        "P_active": 90,
    }
    record = {"steps": 3, "compute": compute, "libraries": {"torch": "2"}, "machine": {"cpus": 2, "device": "cpu"}}
    run = {"seconds": 60.0, "cpu_seconds": 90.0, "peak_rss_bytes": 5, "energy": {"method": "codecarbon", "kwh": kwh}}
    facts = {"record": record, "run": run, "hardware": {"machine": "x86_64"}, "made_on": "2026-12-01"} | changes
    return StageRun(asset=f"bank/{method}", digest=method * 4, method=method, **facts)


def test_stages_add_up() -> None:
    account = training_account("mv-1", "e" * 64, [stage("sft"), stage("dpo", 2e12, 0.25)])
    totals = account["totals"]
    assert (totals["flop_direct"], totals["energy_kwh"], totals["seconds"], totals["tokens"]) == (
        3e12,
        0.75,
        120.0,
        200,
    )
    assert totals["machines"] == ["2 CPUs (x86_64), device cpu"] and account["libraries"] == {"torch": "2"}
    assert account["trained"] and account["missing"] == []


def test_a_sum_with_an_unknown_part_is_unknown() -> None:
    account = training_account("mv-1", "e" * 64, [stage("sft", kwh=None), stage("dpo")])
    assert account["totals"]["energy_kwh"] is None and account["totals"]["flop_direct"] == 2e12
    old = training_account("mv-1", "e" * 64, [stage("sft", record=None, run={})])
    assert old["totals"]["flop_direct"] is None and old["missing"][0].startswith("sft: no record")


def test_where_nothing_was_trained_there_is_nothing_to_add() -> None:
    account = training_account("mv-1", "e" * 64, [])
    assert not account["trained"] and account["totals"]["flop_direct"] is None and account["totals"]["machines"] == []

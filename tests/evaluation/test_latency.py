"""How long answers take: what is hashed, what is measured, and a limit that is missed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.evaluation import asked_for_time, second_figures, token_figures, too_slow
from genaiops_assets.evaluation.latency import ANSWERS
from genaiops_assets.use_case import LatencyLimits
from tests.support.bench import Bench


def rows(first: float, count: int = 100) -> list[dict[str, Any]]:
    return [
        {"read": 100 + n, "written": 10, "search": 0.01, "first": first + n / 1000, "between": 0.02, "whole": first + 1}
        for n in range(count)
    ]


def test_a_limit_is_missed_kept_or_undecided() -> None:
    limits = LatencyLimits(seconds_to_first_token=0.5, seconds_per_token=0.05)
    assert too_slow(second_figures(rows(0.1)), limits) == ([], [])
    missed, undecided = too_slow(second_figures(rows(0.6)), limits)
    assert len(missed) == 1 and missed[0].startswith("seconds_to_first_token") and not undecided
    missed, undecided = too_slow(second_figures(rows(0.1, count=36)), limits)
    assert not missed and len(undecided) == 2 and "needs 72 answers" in undecided[0]
    assert too_slow(second_figures(rows(9.0)), None) == ([], [])


def test_tokens_are_counted_and_one_token_has_no_pause() -> None:
    assert token_figures(rows(0.1))["read"] == {"mean": 149.5, "p50": 149, "p95": 194, "total": 14950}
    alone = second_figures([{"search": 0.1, "first": 0.2, "between": None, "whole": 0.3}])
    assert {row["measure"]: row["answers"] for row in alone} == {"search": 1, "first": 1, "between": 0, "whole": 1}


def test_enough_answers_are_timed_from_all_over_the_set() -> None:
    assert len(asked_for_time(range(24), None)) == ANSWERS and set(asked_for_time(range(24), None)) == set(range(24))
    assert asked_for_time(range(72), None) == list(range(0, 72, 2))
    assert asked_for_time(range(24), 3) == [0, 8, 16]
    assert asked_for_time([], None) == []


def test_the_first_measurement_of_a_version_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(tmp_path, monkeypatch)
    bench.judge()
    bench.uc = bench.use_case(latency_limits={"seconds_to_first_token": 0.000001})
    report = measured(bench)
    document = report.json("latency_report.json")
    assert document["answers"] == ANSWERS and document["questions"] == 2
    assert document["tokens"]["written"]["p95"] <= 4 and document["tokens"]["read"]["mean"] > 10
    assert not {"seconds", "first", "whole"} & set(document["rows"][0])  # no time in what is hashed
    table = {row["measure"]: row for row in report.summary["tables"]["seconds"]}
    assert 0 < table["first"]["p50"] <= table["first"]["p95"] < table["whole"]["p95"] + 1
    figures = report.summary["figures"]
    assert figures["cost_per_1000_answers"] > 0 and figures["currency"] == "EUR" and figures["processor"]
    assert measured(bench).provenance()["made_at"] == report.provenance()["made_at"]


def measured(bench: Bench) -> Any:
    import dagster as dg

    from genaiops_assets.definitions import build_defs

    definitions = build_defs([bench.uc], bench.platform)
    asset = bench.uc.key("latency_report")
    result = definitions.resolve_implicit_global_asset_job_def().execute_in_process(
        instance=bench.instance,
        partition_key=bench.version,
        asset_selection=[dg.AssetKey(asset.split("/"))],
        raise_on_error=True,
    )
    (check,) = [c for c in result.get_asset_check_evaluations() if c.check_name == "fast_enough"]
    assert not check.passed and "seconds_to_first_token" in check.metadata["missed"].value
    return bench.current("latency_report")

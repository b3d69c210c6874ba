"""What a day cost: seconds of assets and answers by a price list, by hand; and the asset that reports it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from pydantic import ValidationError

from genaiops_assets.assets.monitoring.cost_report import cost_problems, cost_report_assets
from genaiops_assets.governance.costs import costs_of_answers, costs_of_assets, made_on
from genaiops_assets.lake import Lake, write_json
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.serving import log_interactions
from genaiops_assets.use_case import Prices, UseCase
from tests.support.lakes import bank_support

PRICES = Prices(
    currency="EUR", as_of="2026-11-01", source="a test", machine_hour=3.6, input_per_1000_tokens=1.0,
    output_per_1000_tokens=2.0,
)  # fmt: skip


def today() -> str:
    """Asked for when a test runs: tests collected before midnight may run after it."""
    return datetime.now(UTC).date().isoformat()


def made(lake: Lake, uc: UseCase, asset: str, seconds: float, day: str = "") -> None:
    key = f"{asset}{seconds}".ljust(32, "0").replace(".", "0")
    with lake.work(key) as place:
        write_json(place.staging / f"{asset}.json", {"of": asset, "seconds": seconds})
        lake.publish(
            uc.key(asset), None, key, place.staging, snapshots=[], summary={"figures": {}, "tables": {}},
            provenance={"seconds": seconds, "made_at": f"{day or today()}T12:00:00+00:00"},
        )  # fmt: skip


def answer(read: int | None = 1000, written: int | None = 500, took: float | None = 2.0) -> dict[str, Any]:
    return {
        "gen_ai_usage_input_tokens": read,
        "gen_ai_usage_output_tokens": written,
        "gen_ai_client_operation_duration": took,
    }


def test_assets_cost_their_seconds_and_the_dearest_comes_first(tmp_path: Path) -> None:
    lake, uc = Lake(tmp_path), bank_support()
    made(lake, uc, "chunks", 10.0)
    made(lake, uc, "aligned_checkpoint", 100.0)
    made(lake, uc, "chunks", 30.0)
    made(lake, uc, "datasheet", 5.0, day="2026-01-01")  # found again today, made another day
    assert costs_of_assets(lake, made_on(lake, uc, today()), PRICES) == [
        {"asset": "aligned_checkpoint", "outputs": 1, "seconds": 100.0, "cost": 0.1},
        {"asset": "chunks", "outputs": 2, "seconds": 40.0, "cost": 0.04},
    ]
    assert made_on(lake, uc, "2999-01-01") == []
    assert costs_of_assets(lake, made_on(lake, uc, today()), None)[0]["cost"] is None


def test_a_thousand_answers_by_hand() -> None:
    found = costs_of_answers([answer(), answer()], PRICES)
    assert found["cost"] == pytest.approx(2 * (1.0 + 1.0 + 0.002))
    assert found["cost_per_1000"] == pytest.approx(2002.0)


def test_answers_that_nobody_measured_are_not_priced_and_counted() -> None:
    found = costs_of_answers([answer(), answer(read=None), answer(took=None)], PRICES)
    assert (found["answers"], found["counted"]) == (3, 1) and found["cost_per_1000"] == pytest.approx(2002.0)
    assert costs_of_answers([answer(written=None)], PRICES)["cost_per_1000"] is None
    assert costs_of_answers([], None)["cost"] is None


@pytest.mark.parametrize(
    ("field", "value"), [("currency", "euro"), ("machine_hour", -1), ("as_of", ""), ("source", "")]
)
def test_a_price_list_without_currency_day_or_source_is_refused(field: str, value: Any) -> None:
    with pytest.raises(ValidationError, match=field):
        Prices.model_validate({**PRICES.model_dump(), field: value})


def test_the_check_tells_what_is_missing_old_or_unpriced() -> None:
    whole = {"prices": PRICES.model_dump(), "answers": {"answers": 2, "counted": 2}}
    assert cost_problems(whole, date(2026, 12, 1)) == []
    assert cost_problems(whole, date(2028, 1, 1)) == ["the prices are 426 days old"]
    assert "no price list" in cost_problems({**whole, "prices": None}, date(2026, 12, 1))[0]
    unpriced = {**whole, "answers": {"answers": 2, "counted": 1}}
    assert cost_problems(unpriced, date(2026, 12, 1)) == ["1 answers without tokens or seconds are not priced"]


def test_the_report_of_a_day(tmp_path: Path) -> None:
    lake, uc, day = Lake(tmp_path), bank_support(prices=PRICES), today()
    made(lake, uc, "chunks", 10.0, day)
    told = {"question": "A fee?", "answer": "Yes.", "channel": "ask", "gen_ai_response_model": "mv-1", "passages": []}
    log_interactions(lake, uc, [{**told, **answer()}])
    result = dg.materialize(
        cost_report_assets(uc),
        resources={"platform": Platform(home=str(lake.home))},
        instance=dg.DagsterInstance.ephemeral(),
        partition_key=day,
    )
    figures = lake.current(uc.key("cost_report"), day).summary["figures"]
    assert figures["currency"] == "EUR" and figures["cost_of_assets"] == 0.01
    assert figures["cost_per_1000_answers"] == pytest.approx(2002.0)
    [check] = result.get_asset_check_evaluations()
    assert check.passed

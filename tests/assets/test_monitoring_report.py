"""Asset `monitoring_report` on a real lake: levels of a day that a person can count by hand, one case for one breach."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from genaiops_assets.assets.monitoring.interactions import interactions_assets
from genaiops_assets.assets.monitoring.monitoring_report import (
    level_result,
    monitoring_report_assets,
    passages_of,
    report_of,
    reported,
    said_of,
)
from genaiops_assets.drift import open_tasks
from genaiops_assets.governance.monitoring import Level, cases_of, open_cases, quality_of, sampled
from genaiops_assets.governance.monitoring.quality import BOTH, JUDGE_ALONE, Rated
from genaiops_assets.governance.tasks import close_by_hand
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.serving import day_rows, log_interactions
from genaiops_assets.use_case import Prices, Slos, UseCase
from tests.support.lakes import bank_support

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
DAY = "2026-12-01"
OLGA = "Olga Owner"


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "home")


def promising(**slos: Any) -> UseCase:
    uc = bank_support()
    monitoring = uc.monitoring.model_copy(update={"slos": Slos(**slos)})
    prices = Prices(currency="EUR", as_of="2026-11-01", source="a price page", machine_hour=3.6)
    return uc.model_copy(update={"monitoring": monitoring, "prices": prices})


def exchange(number: int, **more: Any) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{'abcdefghij'[number % 10]}{'abcdefghij'[number // 10 % 10]}{'abcdefghij'[number // 100]}",
        "at": NOW,
        "question": f"What does card {number} cost?",
        "answer": "It costs 95 dollars each quarter.",
        "passages": [],
        "channel": "serve",
        "gen_ai_operation_name": "chat",
        "gen_ai_response_model": "mv-000000000001",
        "gen_ai_usage_input_tokens": 10,
        "gen_ai_usage_output_tokens": 5,
        "gen_ai_client_operation_duration": 1.0,
        "rules": [],
        "finish": "stop",
        **more,
    }


def a_day(lake: Lake, uc: UseCase, count: int, **of: dict[int, Any]) -> list[dict[str, Any]]:
    """So many answers; `of`: a column's values for some of them."""
    told = [exchange(n, **{name: given[n] for name, given in of.items() if n in given}) for n in range(count)]
    log_interactions(lake, uc, told, now=NOW)
    return day_rows(lake, uc, DAY)


def levels(report: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["name"]: one for one in report["levels"]}


def test_a_day_is_counted_as_a_person_would(lake: Lake) -> None:
    uc = promising(watts=36, seconds_p95=2)
    rules = {0: ["output:answer_toxicity:blocked"], 1: ["input:question_length:skipped"], 2: []}
    finish = dict.fromkeys(range(5), "error") | {5: "cancelled"}
    rows = a_day(lake, uc, 100, rules=rules, finish=finish)
    report, _ = reported(lake, uc, DAY, rows, [])
    found = levels(report)
    assert report["answers"] == 100 and found["failures"]["n"] == 99 and found["failures"]["value"] == 5 / 99
    assert found["interventions"]["value"] == 1 / 99, "a rule that could not look held nothing back"
    assert found["energy"]["value"] == 10.0, "36 W for a second is a hundredth of a watt-hour"
    assert found["cost"]["value"] == 1.0 and found["cost"]["unit"] == "EUR per 1,000"
    assert (found["seconds, 95 of 100"]["value"], found["seconds, 95 of 100"]["standing"]) == (1.0, "kept")
    assert [one["rule"] for one in report["rules"]] == ["question_length", "answer_toxicity"]


def test_a_level_is_missed_when_it_was_shown_and_not_by_chance(lake: Lake) -> None:
    uc = promising(error_rate=0.04)
    few, _ = reported(lake, uc, DAY, a_day(lake, uc, 20, finish={0: "error"}), [])
    assert levels(few)["failures"]["standing"] == "not shown"
    many = a_day(lake, uc, 300, finish=dict.fromkeys(range(60), "error"))
    report, _ = reported(lake, uc, DAY, many, [])
    assert levels(report)["failures"]["standing"] == "missed"
    assert not level_result(report, grave=True).passed and level_result(few, grave=True).passed


def test_one_breach_opens_one_case_that_its_owner_closes_with_the_root_cause(lake: Lake) -> None:
    uc = promising(error_rate=0.04)
    missed = [Level("failures", "of answers", 0.2, 0.15, 0.25, 300, "wilson", 0.04)]
    assert open_cases(lake, uc, DAY, missed, date(2026, 12, 2)) == ["failures"]
    assert open_cases(lake, uc, DAY, missed, date(2026, 12, 2)) == []
    assert open_cases(lake, uc, "2026-12-02", missed, date(2026, 12, 3)) == [], "one of a measure is open at a time"
    (task,) = open_tasks(lake, uc)
    assert (task.owner, task.due) == (uc.people.owners[0], "2026-12-09")
    close_by_hand(lake, uc, task.id, name=OLGA, reason="the disk was full")
    (case,) = cases_of(lake, uc, DAY)
    assert (case["state"], case["root_cause"], case["closed_by"]) == ("closed", "the disk was full", OLGA)
    assert open_cases(lake, uc, DAY, missed, date(2026, 12, 4)) == [], "the same day again is the same breach"
    assert open_cases(lake, uc, "2026-12-04", missed, date(2026, 12, 5)) == ["failures"]
    assert cases_of(lake, uc, DAY) == [case], "a report of a day knows no case of a later one"


def test_a_quality_that_is_promised_counts_from_below() -> None:
    assert Level("quality", "of 1", 0.3, 0.2, 0.39, 50, "m", 0.4, at_least=True).missed
    assert not Level("quality", "of 1", 0.3, 0.2, 0.45, 50, "m", 0.4, at_least=True).missed
    assert not Level("quality", "of 1", 0.5, 0.41, 0.6, 50, "m", 0.4, at_least=True).missed


def test_peoples_thumbs_mend_a_judge_that_is_too_kind() -> None:
    """The judge says 0.9 to all; of those people rated, two in five were good."""
    rated = [Rated(str(n), 0.9 if n % 2 else 0.8, float(n % 5 < 2)) for n in range(100)]
    others = [Rated(f"o{n}", 0.9 if n % 2 else 0.8) for n in range(400)]
    found = quality_of([*rated, *others], resamples=200)
    assert found["basis"] == BOTH and found["low"] < 0.4 < found["high"] < 0.6
    alone = quality_of([*rated[:29], *others], resamples=200)
    assert alone["basis"] == JUDGE_ALONE and alone["low"] > 0.7 and (alone["rated"], alone["judged"]) == (29, 429)


def test_what_people_said_at_the_gateway_is_read_and_sampled(lake: Lake) -> None:
    uc = promising()
    rows = a_day(lake, uc, 40)
    folder = lake.home / "inbox" / uc.name / "feedback" / "served"
    folder.mkdir(parents=True)
    lines = [{"interaction": rows[n]["id"], "thumb": "down" if n else "up"} for n in range(3)]
    lines += [{"interaction": rows[0]["id"], "thumb": "down"}, {"interaction": "of-another-day", "thumb": "up"}]
    (folder / "app.jsonl").write_text("\n".join([*map(json.dumps, lines), '{"cut']), encoding="utf-8")
    said = said_of(lake, uc)
    report, _ = reported(lake, uc, DAY, rows, said)
    assert (report["feedback"]["up"], report["feedback"]["down"], report["feedback"]["rated"]) == (0, 3, 3)
    drawn = sampled(rows, said, 10)
    assert len(drawn) == 10 and sum(thumb is not None for _, thumb in drawn) == 3
    assert drawn == sampled(list(reversed(rows)), said, 10), "chance that is the same each time"
    assert report["quality"]["basis"] == JUDGE_ALONE and passages_of(lake, uc, rows) == {}


def test_the_report_holds_no_text(lake: Lake) -> None:
    uc = promising()
    report, _ = reported(lake, uc, DAY, a_day(lake, uc, 5), [])
    assert "dollars" not in json.dumps(report) and "card" not in json.dumps(report)


def test_the_asset_is_made_from_the_log_and_a_missed_level_turns_its_check_red(tmp_path: Path) -> None:
    lake, uc, now = Lake(tmp_path), promising(error_rate=0.04), datetime.now(UTC)
    told = [exchange(n, at=now, finish="error" if n < 20 else "stop") for n in range(40)]
    log_interactions(lake, uc, told, now=now)
    day = now.date().isoformat()
    made = dg.materialize(
        [interactions_assets(uc)[0], *monitoring_report_assets(uc)[:2]],
        resources={"platform": Platform(home=str(tmp_path))},
        instance=dg.DagsterInstance.ephemeral(),
        partition_key=day,
    )
    (verdict,) = made.get_asset_check_evaluations()
    assert not verdict.passed and verdict.severity == dg.AssetCheckSeverity.ERROR
    report = report_of(lake, uc, day)
    assert report["answers"] == 40 and [case["state"] for case in report["cases"]] == ["open"]

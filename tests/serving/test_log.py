"""The interaction log: masked before it is stored, counted beside itself, deleted when its time is over."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from genaiops_assets.lake import Lake
from genaiops_assets.serving import counter, day_rows, delete_expired, digest_of_day, log_interactions
from genaiops_assets.use_case import UseCase
from tests.support.lakes import bank_support

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = "2026-11-24"
PERSONAL = "I am jo@example.com, my card is 4111 1111 1111 1111, call +44 20 7946 0958"


@pytest.fixture
def uc() -> UseCase:
    return bank_support()


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "home")


def exchange(question: str = "What is the fee?", answer: str = "It is 95 dollars.", **more) -> dict:
    return {
        "question": question,
        "answer": answer,
        "channel": "ask",
        "gen_ai_response_model": "mv-1",
        "passages": ["a", "b"],
        **more,
    }


def test_what_was_said_is_stored_with_its_circumstances(lake: Lake, uc: UseCase) -> None:
    assert log_interactions(lake, uc, [exchange()], now=NOON) == 1
    (row,) = day_rows(lake, uc, DAY)
    assert (row["question"], row["answer"], row["passages"]) == ("What is the fee?", "It is 95 dollars.", ["a", "b"])
    assert (row["at"], row["channel"], row["gen_ai_response_model"], row["masked"]) == (
        "2026-11-24T12:00:00+00:00",
        "ask",
        "mv-1",
        "",
    )


def test_personal_data_is_masked_before_anything_is_stored(lake: Lake, uc: UseCase) -> None:
    log_interactions(lake, uc, [exchange(PERSONAL, answer="We wrote to jo@example.com.")], now=NOON)
    (row,) = day_rows(lake, uc, DAY)
    assert (
        row["question"] == "I am <EMAIL>, my card is <CARD>, call <PHONE>" and row["answer"] == "We wrote to <EMAIL>."
    )
    assert row["masked"] == "CARD,EMAIL,PHONE"
    stored = b"".join(p.read_bytes() for p in lake.home.rglob("*") if p.is_file())
    assert not any(secret in stored for secret in (b"jo@example.com", b"4111 1111", b"7946 0958"))


@pytest.mark.parametrize(("days", "until"), [(90, "2027-02-22"), (1, "2026-11-25")])
def test_each_row_says_when_it_is_deleted(lake: Lake, uc: UseCase, days: int, until: str) -> None:
    short = uc.model_copy(update={"monitoring": uc.monitoring.model_copy(update={"retention_days": days})})
    log_interactions(lake, short, [exchange()], now=NOON)
    assert day_rows(lake, short, DAY)[0]["retain_until"] == until


def test_only_expired_rows_are_deleted(lake: Lake, uc: UseCase) -> None:
    log_interactions(lake, uc, [exchange("an old question")], now=NOON.replace(month=8))
    log_interactions(lake, uc, [exchange()], now=NOON)
    assert delete_expired(lake, uc, "2026-11-22") == 0  # 24 August and 90 days: still its last day
    assert delete_expired(lake, uc, "2026-11-23") == 1
    assert delete_expired(lake, uc, "2026-11-23") == 0
    assert day_rows(lake, uc, "2026-08-24") == [] and len(day_rows(lake, uc, DAY)) == 1


def test_deleted_text_is_gone_from_the_disk(lake: Lake, uc: UseCase) -> None:
    log_interactions(lake, uc, [exchange("a question about zebras")], now=NOON.replace(month=8))
    log_interactions(lake, uc, [exchange()], now=NOON)
    delete_expired(lake, uc, DAY)
    assert not any(b"zebras" in p.read_bytes() for p in lake.home.rglob("*") if p.is_file())


def test_the_counter_says_how_many_there_are_today(lake: Lake, uc: UseCase) -> None:
    assert not lake.store.exists(counter(uc))
    log_interactions(lake, uc, [exchange()] * 2, now=NOON)
    assert log_interactions(lake, uc, [exchange()], now=NOON) == 3
    assert json.loads(lake.store.read(counter(uc))) == {"day": DAY, "rows": 3}
    log_interactions(lake, uc, [exchange()], now=NOON.replace(day=25))
    assert json.loads(lake.store.read(counter(uc))) == {"day": "2026-11-25", "rows": 1}


def test_days_are_apart_and_sorted(lake: Lake, uc: UseCase) -> None:
    log_interactions(lake, uc, [exchange()] * 3, now=NOON)
    log_interactions(lake, uc, [exchange()], now=NOON.replace(day=25))
    rows = day_rows(lake, uc, DAY)
    assert len(rows) == 3 and [r["id"] for r in rows] == sorted(r["id"] for r in rows)
    assert digest_of_day(rows) == digest_of_day(day_rows(lake, uc, DAY)) != digest_of_day(rows[:2])


def test_an_empty_log_is_no_error(lake: Lake, uc: UseCase) -> None:
    assert day_rows(lake, uc, DAY) == [] and delete_expired(lake, uc, DAY) == 0
    assert digest_of_day([]) == digest_of_day([])


def test_logs_of_two_use_cases_are_apart(lake: Lake, uc: UseCase) -> None:
    other = uc.model_copy(update={"name": "library_zh"})
    log_interactions(lake, uc, [exchange()], now=NOON)
    assert day_rows(lake, other, DAY) == [] and not lake.store.exists(counter(other))

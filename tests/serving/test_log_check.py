"""The interaction log is verified against what each day published of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from genaiops_assets.lake import Lake, add_tombstones, digest_of, row_hash, write_json, write_rows
from genaiops_assets.serving import DAY, day_row, day_rows, delete_expired, log_interactions, log_problems
from genaiops_assets.serving.interactions.log import LATER as COLUMNS_SINCE
from genaiops_assets.use_case import UseCase

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
TODAY, LATER = "2026-11-24", "2027-06-01"


@pytest.fixture
def lake(lake: Lake, uc: UseCase) -> Lake:
    ask(lake, uc, "one", "two", "three")
    published(lake, uc)
    return lake


def ask(lake: Lake, uc: UseCase, *ids: str) -> None:
    said = [{"id": i, "question": f"Question {i}?", "answer": "It is 95 dollars.", "channel": "ask"} for i in ids]
    log_interactions(lake, uc, said, now=NOON)


def published(lake: Lake, uc: UseCase) -> None:
    """As the daily asset does it."""
    rows = day_rows(lake, uc, TODAY)
    with lake.work(digest_of(["day", len(rows)])) as place:
        write_rows(place.scratch / "day.parquet", DAY, map(day_row, rows))
        change = lake.tables.sync(uc.key("interactions_day"), place.scratch / "day.parquet")
        write_json(place.staging / "interactions.json", {"interactions": len(rows)})
        lake.publish(
            uc.key("interactions"),
            TODAY,
            digest_of(["day", len(rows)]),
            place.staging,
            snapshots=[change.snapshot],
            summary={},
            provenance={},
        )


def log(lake: Lake, uc: UseCase):
    return lake.tables.open(uc.key("interactions"))


def test_an_untouched_log_has_no_problems(lake: Lake, uc: UseCase) -> None:
    assert log_problems(lake, uc, TODAY) == []
    ask(lake, uc, "four")  # came after the day was published
    assert log_problems(lake, uc, TODAY) == []
    assert log_problems(Lake(lake.home.parent / "empty"), uc) == []


def test_a_changed_answer_is_named(lake: Lake, uc: UseCase) -> None:
    log(lake, uc).update(where="id = 'two'", values={"answer": "It is free."})
    assert log_problems(lake, uc, TODAY) == [
        "tables/bank_support/interactions: 2026-11-24: interaction two was altered"
    ]


def test_a_changed_answer_with_its_hash_is_named(lake: Lake, uc: UseCase) -> None:
    log(lake, uc).update(where="id = 'two'", values={"answer": "It is free.", "row_hash": "0" * 64})
    assert "interaction two was altered" in log_problems(lake, uc, TODAY)[0]


def test_a_removed_row_is_named(lake: Lake, uc: UseCase) -> None:
    log(lake, uc).delete("id = 'two'")
    assert "interaction two is missing" in log_problems(lake, uc, TODAY)[0]


def test_a_removed_log_is_named(lake: Lake, uc: UseCase) -> None:
    lake.tables._db.drop_table("bank_support__interactions")
    assert log_problems(lake, uc, TODAY) == [
        "tables/bank_support/interactions: missing, and 1 days of it were published"
    ]


def test_expired_and_erased_rows_may_be_gone(lake: Lake, uc: UseCase) -> None:
    assert delete_expired(lake, uc, LATER) == 3 and log_problems(lake, uc, LATER) == []


def test_an_erased_row_may_be_gone(lake: Lake, uc: UseCase) -> None:
    log(lake, uc).delete("id = 'two'")
    add_tombstones(lake.store, uc.name, interactions=["two"])
    assert log_problems(lake, uc, TODAY) == []


def test_rows_of_an_earlier_version_keep_their_hashes(tmp_path: Path, uc: UseCase) -> None:
    """Before the columns were OpenTelemetry's: `model_version`, and fewer of them."""
    import pyarrow as pa

    lake = Lake(tmp_path / "home")
    names = ["id", "at", "day", "channel", "model_version", "question", "answer", "masked", "retain_until"]
    row = dict.fromkeys(names, "x") | {"day": TODAY, "at": f"{TODAY}T12:00:00+00:00", "retain_until": LATER}
    schema = pa.schema([*((n, pa.string()) for n in names), ("passages", pa.list_(pa.string()))])
    write_rows(tmp_path / "old.parquet", schema, [{**row, "passages": ["a"]}])
    lake.tables.add(uc.key("interactions"), tmp_path / "old.parquet")
    published(lake, uc)
    assert log_problems(lake, uc, TODAY) == []
    log(lake, uc).update(where="id = 'x'", values={"answer": "other"})
    assert "interaction x was altered" in log_problems(lake, uc, TODAY)[0]


def test_rows_of_a_version_with_fewer_columns_are_whole(tmp_path: Path, uc: UseCase) -> None:
    """Their hashes are over the columns there were, those without a value too."""
    lake = Lake(tmp_path / "home")
    ask(lake, uc, "one")
    (row,) = day_rows(lake, uc, TODAY)
    assert row["gen_ai_usage_input_tokens"] is None
    before = {k: v for k, v in row.items() if k not in COLUMNS_SINCE and not k.startswith("_")}
    log(lake, uc).update(where="id = 'one'", values={"row_hash": row_hash(before)})
    published(lake, uc)
    assert log_problems(lake, uc, TODAY) == []

"""The interaction log: masked questions and answers with a date to be deleted by.

Belongs here: writing and reading the log. Does not belong here: making answers (`answering.py`).
"""

from __future__ import annotations

import tempfile
import uuid
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from genaiops_assets.lake import Lake, digest_of, write_rows
from genaiops_assets.lake.erasure import drop_rows, finish_rewriting
from genaiops_assets.text import mask
from genaiops_assets.use_case import UseCase

INTERACTIONS = pa.schema(
    [
        ("id", pa.string()),
        ("at", pa.string()),  # ISO 8601, UTC
        ("day", pa.string()),
        ("channel", pa.string()),  # ask | replay
        ("model_version", pa.string()),
        ("question", pa.string()),
        ("answer", pa.string()),
        ("passages", pa.list_(pa.string())),
        ("masked", pa.string()),  # kinds of personal data taken out, comma-separated
        ("retain_until", pa.string()),
    ]
)


# What the daily asset publishes: no text, so that deletion from the log reaches every copy.
DAY = pa.schema([(name, pa.string()) for name in ("id", "at", "channel", "model_version", "masked", "retain_until", "log_hash")])


def day_row(row: dict[str, Any]) -> dict[str, Any]:
    return {**{name: row[name] for name in DAY.names if name != "log_hash"}, "log_hash": row["row_hash"]}


def questions_of(lake: Lake, uc: UseCase, day: str, ids: set[str]) -> list[str]:
    """Distinct questions of some of a day's interactions, sorted; those deleted from the log meanwhile are gone."""
    return sorted({r["question"] for r in day_rows(lake, uc, day, ["id", "question"]) if r["id"] in ids})


def asked_on(lake: Lake, uc: UseCase, day: str, ids: set[str]) -> list[dict[str, Any]]:
    """Some of a day's interactions, whole rows in the order they came; those deleted from the log meanwhile are gone."""
    return sorted((r for r in day_rows(lake, uc, day) if r["id"] in ids), key=lambda r: (r["at"], r["id"]))


def log_name(uc: UseCase) -> str:
    return f"{uc.name}/interactions"


def log_interactions(lake: Lake, uc: UseCase, exchanges: Iterable[dict[str, Any]], *, now: datetime | None = None) -> int:
    """Append {question, answer, model_version, passages, channel}; texts are masked first. Returns the rows of today."""
    at = now or datetime.now(UTC)
    until = (at + timedelta(days=uc.monitoring.retention_days)).date().isoformat()
    rows = [interaction(e, at, until) for e in exchanges]
    with tempfile.TemporaryDirectory(dir=ensured(lake.home / "staging")) as folder:
        file = Path(folder) / "rows.parquet"
        write_rows(file, INTERACTIONS, rows)
        lake.tables.upsert(log_name(uc), file)
    today = len(day_rows(lake, uc, at.date().isoformat(), ["id"]))
    lake.store.write(counter(uc), f'{{"day": "{at.date().isoformat()}", "rows": {today}}}\n'.encode())
    return today


def interaction(exchange: dict[str, Any], at: datetime, until: str) -> dict[str, Any]:
    question, answer = mask(exchange["question"]), mask(exchange.get("answer", ""))
    found = Counter(question.counts) + Counter(answer.counts)
    return {
        "id": uuid.uuid4().hex,
        "at": at.isoformat(timespec="seconds"),
        "day": at.date().isoformat(),
        "channel": exchange["channel"],
        "model_version": exchange.get("model_version", ""),
        "question": question.text,
        "answer": answer.text,
        "passages": list(exchange.get("passages", [])),
        "masked": ",".join(sorted(k for k, n in found.items() if n)),
        "retain_until": until,
    }


def counter(uc: UseCase) -> str:
    """A small file beside the log: what a sensor reads instead of the table."""
    return f"counters/{uc.name}/interactions.json"


def day_rows(lake: Lake, uc: UseCase, day: str, columns: list[str] | None = None) -> list[dict[str, Any]]:
    """The interactions of one day in the order of their id."""
    if not lake.tables.exists(log_name(uc)):
        return []
    query = lake.tables.open(log_name(uc)).search().where(f"day = '{day}'")
    rows = (query.select(columns) if columns else query).to_list()
    return sorted(rows, key=lambda r: r["id"])


def digest_of_day(rows: list[dict[str, Any]]) -> str:
    return digest_of([[r["id"], r["row_hash"]] for r in rows])


def delete_expired(lake: Lake, uc: UseCase, today: str) -> int:
    """Remove interactions whose retention ended before today, from the files too. Returns how many."""
    name = log_name(uc)
    finish_rewriting(lake.tables, name)
    if not lake.tables.exists(name):
        return 0
    query = lake.tables.open(name).search().where(f"retain_until < '{today}'").select(["id", "row_hash"])
    expired = [(r["id"], r["row_hash"]) for r in query.to_list()]
    if expired:
        drop_rows(lake.tables, name, expired, ensured(lake.home / "staging"))
    return len(expired)


def ensured(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder

"""The interaction log: masked questions and answers with a date to be deleted by.

Belongs here: writing and reading the log. Does not belong here: making answers (`answering.py`), other systems' logs
(`spans.py`)."""

from __future__ import annotations

import tempfile
import uuid
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from genaiops_assets.lake import Lake, digest_of, drop_rows, finish_rewriting, read_tombstones, write_rows
from genaiops_assets.serving.interactions.spans import NUMBERS
from genaiops_assets.text import mask
from genaiops_assets.use_case import UseCase

INTERACTIONS = pa.schema(
    [
        ("id", pa.string()),
        ("at", pa.string()),  # ISO 8601, UTC
        ("day", pa.string()),
        ("channel", pa.string()),  # ask | replay | import
        (
            "gen_ai_operation_name",
            pa.string(),
        ),  # chat | retrieval; these columns are OpenTelemetry's attributes (`spans.py`)
        ("gen_ai_provider_name", pa.string()),
        ("gen_ai_response_model", pa.string()),  # the model version
        ("gen_ai_conversation_id", pa.string()),
        ("gen_ai_usage_input_tokens", pa.int64()),
        ("gen_ai_usage_output_tokens", pa.int64()),
        ("gen_ai_client_operation_duration", pa.float64()),  # seconds
        ("question", pa.string()),
        ("answer", pa.string()),
        ("passages", pa.list_(pa.string())),
        ("masked", pa.string()),  # kinds of personal data taken out, comma-separated
        ("retain_until", pa.string()),
    ]
)
PROVIDER = "genaiops_assets"
RENAMED = {"model_version": "gen_ai_response_model"}  # in logs of earlier versions

# What the daily asset publishes: no text, so that deletion from the log reaches every copy.
DAY = pa.schema(
    [(name, pa.string()) for name in ("id", "at", "channel", "model_version", "masked", "retain_until", "log_hash")]
)


def day_row(row: dict[str, Any]) -> dict[str, Any]:
    named = {name: row[RENAMED.get(name, name)] for name in DAY.names if name != "log_hash"}
    return {**named, "log_hash": row["row_hash"]}


def questions_of(lake: Lake, uc: UseCase, day: str, ids: set[str]) -> list[str]:
    """Distinct questions of some of a day's interactions, sorted; those deleted from the log meanwhile are gone."""
    return sorted({r["question"] for r in day_rows(lake, uc, day, ["id", "question"]) if r["id"] in ids})


def asked_on(lake: Lake, uc: UseCase, day: str, ids: set[str]) -> list[dict[str, Any]]:
    """Some of a day's interactions, whole rows in the order they came; those deleted from the log meanwhile are
    gone."""
    return sorted((r for r in day_rows(lake, uc, day) if r["id"] in ids), key=lambda r: (r["at"], r["id"]))


def log_name(uc: UseCase) -> str:
    return uc.key("interactions")


def log_interactions(
    lake: Lake, uc: UseCase, exchanges: Iterable[dict[str, Any]], *, now: datetime | None = None
) -> int:
    """Append {question, answer, passages, channel, gen_ai_…}; texts are masked first. An exchange may bring its own
    `id` and `at`; one that is there already, is past its retention or was erased is left out. Returns the rows of
    today."""
    at = now or datetime.now(UTC)
    keep = timedelta(days=uc.monitoring.retention_days)
    logged = ((e, e.get("at") or at) for e in exchanges)
    made = (interaction(e, when, (when + keep).date().isoformat()) for e, when in logged)
    rows = {r["id"]: r for r in made if r["retain_until"] >= today_of(at)}
    bring_up_to_date(lake, uc)
    with tempfile.TemporaryDirectory(dir=ensured(lake.home / "staging")) as folder:
        file = Path(folder) / "rows.parquet"
        write_rows(file, INTERACTIONS, rows.values())
        lake.tables.add(log_name(uc), file, lambda: read_tombstones(lake.store, uc.name).cover_interaction)
    today = len(day_rows(lake, uc, today_of(at), ["id"]))
    lake.store.write(counter(uc), f'{{"day": "{today_of(at)}", "rows": {today}}}\n'.encode())
    return today


def today_of(at: datetime) -> str:
    return at.date().isoformat()


def interaction(exchange: dict[str, Any], at: datetime, until: str) -> dict[str, Any]:
    question, answer = mask(exchange["question"]), mask(exchange.get("answer", ""))
    found = Counter(question.counts) + Counter(answer.counts)
    return {
        "id": exchange.get("id") or uuid.uuid4().hex,
        "at": at.isoformat(timespec="seconds"),
        "day": at.date().isoformat(),
        "channel": exchange["channel"],
        "gen_ai_operation_name": exchange.get("gen_ai_operation_name") or ("chat" if answer.text else "retrieval"),
        "gen_ai_provider_name": exchange.get("gen_ai_provider_name") or PROVIDER,
        "gen_ai_response_model": exchange.get("gen_ai_response_model", ""),
        "gen_ai_conversation_id": pseudonym(exchange.get("gen_ai_conversation_id")),
        **{column: exchange.get(column) for column in NUMBERS},
        "question": question.text,
        "answer": answer.text,
        "passages": list(exchange.get("passages", [])),
        "masked": ",".join(sorted(k for k, n in found.items() if n)),
        "retain_until": until,
    }


def pseudonym(name: str | None) -> str:
    """Conversations stay apart, but who had them is not told: their ids often hold a person's."""
    return digest_of(name)[:16] if name else ""


def counter(uc: UseCase) -> str:
    """A small file beside the log: what a sensor reads instead of the table."""
    return f"counters/{uc.name}/interactions.json"


def day_rows(lake: Lake, uc: UseCase, day: str, columns: list[str] | None = None) -> list[dict[str, Any]]:
    """The interactions of one day in the order of their id."""
    if not bring_up_to_date(lake, uc):
        return []
    query = lake.tables.open(log_name(uc)).search().where(f"day = '{day}'")
    rows = (query.select(columns) if columns else query).to_list()
    return sorted(rows, key=lambda r: r["id"])


def answered_before(lake: Lake, uc: UseCase, day: str, model: str) -> list[dict[str, Any]]:
    """Earlier days' answers of a model that tell how long they took, without texts, oldest first."""
    if not bring_up_to_date(lake, uc):
        return []
    quoted = model.replace("'", "''")
    where = f"day < '{day}' AND gen_ai_response_model = '{quoted}' AND answer != '' AND gen_ai_client_operation_duration IS NOT NULL"
    rows = (
        lake.tables.open(log_name(uc))
        .search()
        .where(where)
        .select(["id", "at", "gen_ai_client_operation_duration"])
        .to_list()
    )
    return sorted(rows, key=lambda r: (r["at"], r["id"]))


def bring_up_to_date(lake: Lake, uc: UseCase) -> bool:
    """Whether there is a log; one of an earlier version gets the columns of this one, its rows and their hashes as
    they are."""
    if not lake.tables.exists(log_name(uc)):
        return False
    table = lake.tables.open(log_name(uc))
    for old, new in RENAMED.items():
        if old in table.schema.names:
            table.alter_columns({"path": old, "rename": new})
    if missing := [f for f in INTERACTIONS if f.name not in table.schema.names]:
        table.add_columns(missing)
    return True


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

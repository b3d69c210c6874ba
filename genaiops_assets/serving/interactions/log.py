"""The interaction log: masked questions and answers with a date to be deleted by.

Belongs here: writing and reading the log. Does not belong here: making answers (`answering.py`), what is masked
(`masking.py`), other systems' logs (`reading.py`)."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa

from genaiops_assets.lake import (
    Lake,
    digest_of,
    drop_rows,
    finish_rewriting,
    in_list,
    read_tombstones,
    write_rows,
)
from genaiops_assets.serving.interactions.attributes import COUNTS, DURATION
from genaiops_assets.serving.interactions.masking import conversation_of, masked_exchanges, safe_ids, stand_in
from genaiops_assets.serving.interactions.reading import CLOCK_SKEW
from genaiops_assets.use_case import UseCase

INTERACTIONS = pa.schema(
    [
        ("id", pa.string()),
        ("at", pa.string()),  # ISO 8601, UTC, to the microsecond where that is known
        ("day", pa.string()),
        ("channel", pa.string()),  # ask | replay | import | serve
        # chat | retrieval; the columns named gen_ai_ are OpenTelemetry's attributes (`attributes.py`)
        ("gen_ai_operation_name", pa.string()),
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
        # what gave the answer, for whoever asks later; null in imported rows and in those of earlier versions
        ("index_digest", pa.string()),
        ("prompt_version", pa.string()),
        ("released", pa.bool_()),
        # of answers of the gateway; null in other rows
        ("release_bundle", pa.string()),  # digest
        ("key_name", pa.string()),  # whose API key asked, never the key
        ("rules", pa.list_(pa.string())),  # rules that fired, as stage:rule:action
        ("finish", pa.string()),  # stop | length | content_filter | cancelled | error
    ]
)
# columns that rows of earlier versions were hashed without, by the version that brought them
LATER = (("index_digest", "prompt_version", "released"), ("release_bundle", "key_name", "rules", "finish"))
PROVIDER = "genaiops_assets"
ID_BATCH = 500
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


@dataclass(frozen=True)
class Logged:
    """What became of the exchanges given: `ids` of the rows written, in the order given; how many were `known` (there
    already), `erased` (their id was), `expired` (past their retention), `future` (dated after now); and the rows of
    `today` in all."""

    ids: tuple[str, ...]
    known: int
    erased: int
    expired: int
    future: int
    today: int

    @property
    def written(self) -> int:
        return len(self.ids)


def log_interactions(
    lake: Lake, uc: UseCase, exchanges: Iterable[dict[str, Any]], *, now: datetime | None = None
) -> Logged:
    """Append {question, answer, passages, channel, gen_ai_…}; texts are masked first. An exchange may bring its own
    `id` and `at`. The same id with the same content is the same interaction; with other content it is another one and
    gets a suffix. Raises NerMissing before anything is stored."""
    at = now or datetime.now(UTC)
    keep, today = timedelta(days=uc.monitoring.retention_days), today_of(at)
    given = [{**e, "at": e.get("at") or at} for e in exchanges]
    past = [e for e in given if e["at"] <= at + CLOCK_SKEW]
    masked = masked_exchanges(past, uc.privacy.ner)
    ids = safe_ids(lake, [e.get("id") or "" for e in masked])
    made = [interaction(lake, e, i, (e["at"] + keep).date().isoformat()) for e, i in zip(masked, ids, strict=True)]
    rows = [r for r in made if r["retain_until"] >= today]
    bring_up_to_date(lake, uc)
    written, known, erased = append(lake, uc, rows)
    rows_today = len(day_rows(lake, uc, today, ["id"]))
    lake.store.write(counter(uc), f'{{"day": "{today}", "rows": {rows_today}}}\n'.encode())
    return Logged(written, known, erased, len(made) - len(rows), len(given) - len(past), rows_today)


def append(lake: Lake, uc: UseCase, rows: list[dict[str, Any]]) -> tuple[tuple[str, ...], int, int]:
    """(ids written, rows known before, rows whose id was erased)"""
    is_erased = read_tombstones(lake.store, uc.name).cover_interaction
    there = stored(lake, uc, [i for r in rows for i in candidates(r)])
    fresh: dict[str, dict[str, Any]] = {}
    known = 0
    for row in rows:
        if any(is_same(row, there.get(i) or fresh.get(i)) for i in candidates(row)):
            known += 1
            continue
        taken = there.get(row["id"]) or fresh.get(row["id"])
        row = {**row, "id": row["suffixed"]} if taken else row
        fresh[row["id"]] = row
    kept = {i: r for i, r in fresh.items() if not is_erased(i)}
    with tempfile.TemporaryDirectory(dir=ensured(lake.home / "staging")) as folder:
        file, late = Path(folder) / "rows.parquet", set[str]()
        write_rows(file, INTERACTIONS, ({n: r[n] for n in INTERACTIONS.names} for r in kept.values()))

        def left_out() -> Callable[[str], bool]:  # asked for when nobody else writes the table
            late.update(filter(read_tombstones(lake.store, uc.name).cover_interaction, kept))
            late.update(stored(lake, uc, list(kept)))
            return late.__contains__

        lake.tables.add(log_name(uc), file, left_out)
    return tuple(i for i in kept if i not in late), known + len(late), len(fresh) - len(kept)


def stored(lake: Lake, uc: UseCase, ids: Collection[str]) -> dict[str, dict[str, Any]]:
    """The rows of the log that have one of these ids, by id: what tells whether they are the same interaction."""
    if not ids or not lake.tables.exists(log_name(uc)):
        return {}
    table, named = lake.tables.open(log_name(uc)), sorted(set(ids))
    found: dict[str, dict[str, Any]] = {}
    for start in range(0, len(named), ID_BATCH):
        query = table.search().where(in_list("id", named[start : start + ID_BATCH]))
        found |= {r["id"]: r for r in query.select(["id", "at", "question", "answer"]).to_list()}
    return found


def is_same(row: dict[str, Any], other: dict[str, Any] | None) -> bool:
    """Whether two rows are one interaction; earlier versions stored whole seconds."""
    said = other is not None and all(row[n] == other[n] for n in ("question", "answer"))
    return said and other is not None and row["at"][:19] == other["at"][:19]


def candidates(row: dict[str, Any]) -> tuple[str, ...]:
    """Ids under which the log may hold the row already; `content` is the id that earlier versions gave."""
    return tuple(i for i in (row["id"], row["suffixed"], row["content"]) if i)


def today_of(at: datetime) -> str:
    return at.astimezone(UTC).date().isoformat()


def interaction(lake: Lake, exchange: dict[str, Any], given: str, until: str) -> dict[str, Any]:
    """A row of the log under the id `given`, "" for none, with `suffixed` and `content` beside its columns (see
    `candidates`)."""
    at = exchange["at"].astimezone(UTC)
    said = [at.isoformat(), exchange["question"], exchange.get("answer") or ""]
    content = exchange.get("content", "")
    by_content = stand_in(lake, f"exchange:{content}") if content else uuid.uuid4().hex
    row_id = given or by_content
    return {
        "id": row_id,
        "suffixed": f"{row_id}~{stand_in(lake, digest_of([given, *said]))[:12]}" if given else "",
        "content": "" if given else content,
        "at": at.isoformat(),
        "day": at.date().isoformat(),
        "channel": exchange["channel"],
        "gen_ai_operation_name": exchange.get("gen_ai_operation_name")
        or ("chat" if exchange["answer"] else "retrieval"),
        "gen_ai_provider_name": exchange.get("gen_ai_provider_name") or PROVIDER,
        "gen_ai_response_model": exchange.get("gen_ai_response_model") or "",
        "gen_ai_conversation_id": conversation_of(lake, exchange.get("gen_ai_conversation_id")),
        **{column: exchange.get(column) for column in (*COUNTS, DURATION)},
        "question": exchange["question"],
        "answer": exchange["answer"],
        "passages": list(exchange.get("passages") or []),
        "masked": exchange["masked"],
        "retain_until": until,
        "index_digest": exchange.get("index_digest") or None,
        "prompt_version": exchange.get("prompt_version") or None,
        "released": exchange.get("released"),
        "release_bundle": exchange.get("release_bundle") or None,
        "key_name": exchange.get("key_name") or None,
        "rules": list(exchange["rules"]) if exchange.get("rules") is not None else None,
        "finish": exchange.get("finish") or None,
    }


def counter(uc: UseCase) -> str:
    """A small file beside the log: what a sensor reads instead of the table."""
    return f"counters/{uc.name}/interactions.json"


def day_rows(lake: Lake, uc: UseCase, day: str, columns: list[str] | None = None) -> list[dict[str, Any]]:
    """The interactions of one day (YYYY-MM-DD, UTC) in the order of their id. Raises ValueError for another text."""
    day = a_day(day)
    if not bring_up_to_date(lake, uc):
        return []
    query = lake.tables.open(log_name(uc)).search().where(f"day = '{day}'")
    rows = (query.select(columns) if columns else query).to_list()
    return sorted(rows, key=lambda r: r["id"])


def a_day(day: str) -> str:
    """The day as it is, if it is one: it becomes part of a filter. Raises ValueError."""
    try:
        found: str | None = date.fromisoformat(day).isoformat()
    except ValueError:
        found = None
    if found != day:
        raise ValueError(f"{day!r} is no day: expected YYYY-MM-DD (UTC), as 2026-11-24")
    return day


def answered_before(lake: Lake, uc: UseCase, day: str, model: str) -> list[dict[str, Any]]:
    """Earlier days' answers of a model that tell how long they took, without texts, oldest first."""
    if not bring_up_to_date(lake, uc):
        return []
    of_model = in_list("gen_ai_response_model", [model])
    where = f"day < '{a_day(day)}' AND {of_model} AND answer != '' AND {DURATION} IS NOT NULL"
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
    query = lake.tables.open(name).search().where(f"retain_until < '{a_day(today)}'").select(["id", "row_hash"])
    expired = [(r["id"], r["row_hash"]) for r in query.to_list()]
    if expired:
        drop_rows(lake.tables, name, expired, ensured(lake.home / "staging"))
    return len(expired)


def ensured(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder

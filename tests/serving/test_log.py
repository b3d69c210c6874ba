"""The interaction log: masked before it is stored, counted beside itself, deleted when its time is over."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from genaiops_assets.lake import Lake, add_tombstones, digest_of, write_rows
from genaiops_assets.privacy import find_all
from genaiops_assets.retrieval import index_schema
from genaiops_assets.serving import (
    counter,
    day_rows,
    delete_expired,
    digest_of_day,
    life_of_answer,
    log_interactions,
    unmasked,
)
from genaiops_assets.use_case import UseCase
from tests.retrieval.indexes import WIDTH, passage

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
DAY = "2026-11-24"
PERSONAL = "I am jo@example.com, my card is 4111 1111 1111 1111, call +44 20 7946 0958"


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
    assert log_interactions(lake, uc, [exchange()], now=NOON).today == 1
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
    assert log_interactions(lake, uc, [exchange()], now=NOON).today == 3
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


# --- one engine, every column -------------------------------------------------------------------------------------

SAMPLES = {  # one value a kind that the corpus rules know and the log's own rules did not
    "SSN": "my SSN is 536-22-1234",
    "NINO": "national insurance AB 12 34 56 C",
    "IT_FISCAL_CODE": "codice fiscale RSSMRA85T10A562S",
    "ES_ID": "DNI 12345678Z",
}


@pytest.mark.parametrize("kind", SAMPLES)
def test_the_log_masks_whatever_the_corpus_rules_know(lake: Lake, uc: UseCase, kind: str) -> None:
    assert find_all([SAMPLES[kind]])[0][0].kind == kind
    log_interactions(lake, uc, [exchange(SAMPLES[kind])], now=NOON)
    (row,) = day_rows(lake, uc, DAY)
    assert f"<{kind}>" in row["question"] and row["masked"] == kind


def test_no_column_of_an_imported_span_keeps_personal_data(lake: Lake, uc: UseCase) -> None:
    mail = "jo@example.com"
    columns = ("gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_response_model", "gen_ai_conversation_id")
    strange = exchange(id=f"span of {mail}", passages=[mail], channel="import", **dict.fromkeys(columns, mail))
    logged = log_interactions(lake, uc, [strange], now=NOON)
    (row,) = day_rows(lake, uc, DAY)
    assert row["passages"] == ["<EMAIL>"] and row["gen_ai_provider_name"] == "<EMAIL>" and row["masked"] == "EMAIL"
    assert logged.ids == (row["id"],) and unmasked([row]) == {}
    assert not any(mail.encode() in p.read_bytes() for p in lake.home.rglob("*") if p.is_file())
    assert log_interactions(lake, uc, [strange], now=NOON).known == 1  # its stand-in is the same every time


def test_conversations_are_apart_and_cannot_be_guessed(tmp_path: Path, uc: UseCase) -> None:
    names = []
    for home in ("one", "other"):
        lake = Lake(tmp_path / home)
        talks = ["jo@example.com", "jo@example.com", "bo@example.com"]
        log_interactions(lake, uc, [exchange(gen_ai_conversation_id=t) for t in talks], now=NOON)
        found = {r["gen_ai_conversation_id"] for r in day_rows(lake, uc, DAY)}
        assert len(found) == 2
        names.append(found)
    assert not names[0] & names[1] and digest_of("jo@example.com")[:16] not in names[0]


def test_what_has_yet_to_happen_is_not_logged(lake: Lake, uc: UseCase) -> None:
    ahead = [exchange(at=NOON.replace(minute=4)), exchange(at=NOON.replace(year=2099))]
    logged = log_interactions(lake, uc, ahead, now=NOON)
    assert (logged.written, logged.future) == (1, 1) and day_rows(lake, uc, "2099-11-24") == []


# --- ids and counts -----------------------------------------------------------------------------------------------


def numbered(day: int, *questions: str) -> list[dict]:
    """Rows of another system that counts from 1 each day."""
    at = NOON.replace(day=day)
    return [{**exchange(q), "id": str(n), "at": at, "channel": "import"} for n, q in enumerate(questions, start=1)]


def test_an_id_counts_together_with_its_content(lake: Lake, uc: UseCase) -> None:
    first, second = numbered(23, "one", "two", "three"), numbered(24, "four", "five")
    assert log_interactions(lake, uc, first, now=NOON).written == 3
    assert log_interactions(lake, uc, second, now=NOON).written == 2
    again = log_interactions(lake, uc, [*first, *second], now=NOON)
    assert (again.written, again.known) == (0, 5)
    assert {r["question"] for r in day_rows(lake, uc, DAY)} == {"four", "five"}
    assert [r["id"] for r in day_rows(lake, uc, "2026-11-23")] == ["1", "2", "3"]


def test_the_numbers_say_what_was_written(lake: Lake, uc: UseCase) -> None:
    old = {**exchange("old"), "at": NOON.replace(year=2020), "channel": "import"}
    same = {**exchange("same"), "id": "x", "at": NOON, "channel": "import"}
    add_tombstones(lake.store, uc.name, interactions={"gone"})
    logged = log_interactions(lake, uc, [old, same, same, {**same, "id": "gone"}], now=NOON)
    assert (logged.written, logged.known, logged.expired, logged.erased) == (1, 1, 1, 1)


def test_a_day_is_a_day_and_nothing_else(lake: Lake, uc: UseCase) -> None:
    log_interactions(lake, uc, [exchange()], now=NOON)
    for typed in ("2026-11-24' OR day != '", "today", "2026-11-24 ", "20261124", ""):
        with pytest.raises(ValueError, match="is no day: expected YYYY-MM-DD"):
            day_rows(lake, uc, typed)


def test_what_gave_the_answer_stands_in_the_row(lake: Lake, uc: UseCase) -> None:
    made_by = {"index_digest": "ab" * 32, "prompt_version": "p-1", "released": True}
    log_interactions(lake, uc, [exchange(**made_by), exchange("bare")], now=NOON)
    rows = {r["question"]: r for r in day_rows(lake, uc, DAY)}
    assert {n: rows["What is the fee?"][n] for n in made_by} == made_by
    assert rows["bare"]["released"] is None and rows["bare"]["index_digest"] is None


def test_an_answer_is_followed_to_its_documents(lake: Lake, uc: UseCase) -> None:
    tables = lake.tables
    with lake.work("k") as place:
        file = place.scratch / "index.parquet"
        rows = [passage("a", "The fee is $95.", doc_id="fees", title="Fees"), passage("z", "Else.")]
        write_rows(file, index_schema(WIDTH), rows)
        snapshot = tables.sync(uc.key("embeddings_index"), file).snapshot
        (place.staging / "index.json").write_text("{}")
        asset = uc.key("embeddings_index")
        index = lake.publish(asset, None, "k", place.staging, snapshots=[snapshot], summary={}, provenance={})
    given = exchange("My SSN is 536-22-1234?", index_digest=index.digest, released=False)
    (row_id,) = log_interactions(lake, uc, [given], now=NOON).ids
    life = life_of_answer(lake, uc, row_id)
    assert life is not None and life.row["question"] == "My SSN is <SSN>?"
    sections = {title: dict(rows) for title, rows in life.sections()}
    assert sections["Passages"] == {"a": "fees: Fees", "b": "no longer in the index"}
    assert sections["Made by"]["model"] == "mv-1" and sections["Made by"]["release"] == "not released then"
    assert life_of_answer(lake, uc, "nobody") is None

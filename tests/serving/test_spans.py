"""Logs of other systems: OpenTelemetry spans and plain lines in, spans out, and what is wrong with a line named.

Does not belong here: files of OpenTelemetry's own tools (`test_spans_of_tools.py`)."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from genaiops_assets.lake import Lake
from genaiops_assets.serving import attributes_of, day_rows, log_interactions
from tests.serving.spans import NANO, NOON, SPAN, read_all, read_exchanges, written
from tests.support.lakes import bank_support


def test_a_span_becomes_a_masked_row_and_a_span_again(tmp_path: Path) -> None:
    lake, uc = Lake(tmp_path / "home"), bank_support()
    (exchange,) = read_exchanges(written(tmp_path, SPAN))
    log_interactions(lake, uc, [{**exchange, "channel": "import"}], now=NOON)
    (row,) = day_rows(lake, uc, "2026-11-24")
    assert (row["question"], row["answer"], row["passages"]) == ("账户费是多少？\nI am <EMAIL>", "20元", ["a#0"])
    assert (row["id"], row["gen_ai_provider_name"], row["gen_ai_response_model"]) == ("r-1", "acme", "m-1")
    assert (
        row["gen_ai_usage_input_tokens"],
        row["gen_ai_usage_output_tokens"],
        row["gen_ai_client_operation_duration"],
    ) == (12, None, 0.5)
    assert row["gen_ai_conversation_id"] and "jo" not in row["gen_ai_conversation_id"]
    told = attributes_of(row)
    assert (
        told["start_time_unix_nano"] == SPAN["start_time_unix_nano"]
        and told["attributes"]["gen_ai.client.operation.duration"] == 0.5
    )
    (back,) = read_exchanges(written(tmp_path, told))
    assert (back["id"], back["question"], back["answer"], back["at"]) == ("r-1", row["question"], row["answer"], NOON)


def test_the_same_file_again_changes_nothing_and_the_expired_stays_out(tmp_path: Path) -> None:
    lake, uc = Lake(tmp_path / "home"), bank_support()
    plain = {"question": "What is the fee?", "answer": "95 dollars", "at": "2026-11-23T08:00:00+01:00"}
    old = {"question": "An old one", "at": "2020-01-01T00:00:00"}
    file = written(tmp_path, plain, plain, old, SPAN)
    for _ in range(2):
        exchanges = [{**e, "channel": "import"} for e in read_exchanges(file)]
        assert log_interactions(lake, uc, exchanges, now=NOON).today == 1
        (row,) = day_rows(lake, uc, "2026-11-23")
        assert (row["at"], row["question"], row["channel"]) == (
            "2026-11-23T07:00:00+00:00",
            "What is the fee?",
            "import",
        )
        assert day_rows(lake, uc, "2020-01-01") == []


HALF = "half of \ud83d a pair"
DEEP = "[" * 100_000 + "]" * 100_000


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "not JSON"),
        (DEEP, "nested too deeply"),
        ([1], "expected"),
        ({"text": "no question"}, "question: expected"),
        ({"question": " "}, "question: expected"),
        ({"question": HALF}, "question: half of a surrogate pair"),
        ({"question": "a", "answer": {"text": "b"}}, "answer: expected text, not"),
        ({"question": "a", "answer": HALF}, "answer: half of a surrogate pair"),
        ({"question": "a", "id": {"n": 1}}, "id: expected text, not"),
        ({"question": "a", "passages": {"rental": 1}}, "passages: expected a list of texts"),
        ({"question": "a", "passages": [["rental"]]}, "passages: expected text"),
        ({"question": "a", "at": "yesterday"}, "at: expected ISO 8601"),
        ({"question": "a", "at": 5}, "at: expected ISO 8601"),
        ({"question": "a", "at": "0001-01-01T00:00:00+12:00"}, "at: expected ISO 8601"),
        ({"question": "a", "at": "2031-01-01T00:00:00"}, "at: 2031-01-01T00:00:00.00:00 lies in the future"),
        ({"question": "a", "start_time_unix_nano": "soon"}, "start_time_unix_nano: expected nanoseconds"),
        ({"question": "a", "start_time_unix_nano": 10**40}, "start_time_unix_nano: expected nanoseconds"),
        ({"question": "a", "gen_ai_usage_input_tokens": "many"}, "gen_ai_usage_input_tokens: expected a number"),
        ({"question": "a", "gen_ai_usage_input_tokens": 10**30}, "gen_ai_usage_input_tokens: expected a count"),
        ({"question": "a", "gen_ai_usage_input_tokens": -1}, "gen_ai_usage_input_tokens: expected a count"),
        ({"question": "a", "gen_ai_usage_output_tokens": {}}, "gen_ai_usage_output_tokens: expected a number"),
        ('{"question": "a", "gen_ai_client_operation_duration": NaN}', "NaN is no number of JSON"),
        ('{"question": "a", "gen_ai_client_operation_duration": "nan"}', "operation_duration: expected a number"),
        ('{"question": "a", "gen_ai_client_operation_duration": 1e999}', "operation_duration: expected a number"),
        ({"question": "a", "gen_ai_provider_name": ["acme"]}, "gen_ai_provider_name: expected text"),
        ({"gen_ai.input.messages": "[", "at": None}, "gen_ai.input.messages: not JSON"),
        ({"gen_ai.input.messages": {"role": "user"}}, "gen_ai.input.messages: expected a list"),
        ({"gen_ai.input.messages": [{"role": "tool"}]}, "no text of a user"),
    ],
)
def test_what_is_wrong_with_a_line_is_said_and_the_rest_is_read(tmp_path: Path, line: object, said: str) -> None:
    read = read_all(written(tmp_path, {"question": "before"}, line, {"question": "after"}))
    (problem,) = read.refused
    assert re.search(f"log.jsonl:2: .*{said}", problem)
    assert [e["question"] for e in read.exchanges] == ["before", "after"]


def test_bytes_that_are_no_text_refuse_their_line_only(tmp_path: Path) -> None:
    file = tmp_path / "log.jsonl"
    file.write_bytes(b'\xef\xbb\xbf{"question": "one"}\n{"question": "\xff"}\n\n{"question": "\xe5\xad\x97"}\n')
    read = read_all(file)
    assert [e["question"] for e in read.exchanges] == ["one", "字"]
    assert len(read.refused) == 1 and "log.jsonl:2: not UTF-8" in read.refused[0]


def test_one_passage_stays_one(tmp_path: Path) -> None:
    found = read_exchanges(
        written(tmp_path, {"question": "a", "passages": "rental"}, {"question": "b", "passages": [7]})
    )
    assert [e["passages"] for e in found] == [["rental"], ["7"]]


# --- times ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("per_second", [1, 1_000, 1_000_000, NANO])
@pytest.mark.parametrize("name", ["start_time_unix_nano", "startTimeUnixNano"])
def test_a_time_is_never_read_as_1970(tmp_path: Path, per_second: int, name: str) -> None:
    (found,) = read_exchanges(written(tmp_path, {"question": "a", name: str(int(NOON.timestamp()) * per_second)}))
    assert found["at"] == NOON


def test_fractions_of_a_second_come_back(tmp_path: Path) -> None:
    lake, uc = Lake(tmp_path / "home"), bank_support()
    starts = [NOON + timedelta(microseconds=m) for m in (1, 250_000, 999_999)]
    asked = [{"question": str(n), "channel": "import", "at": at} for n, at in enumerate(starts)]
    log_interactions(lake, uc, asked, now=NOON)
    spans = [attributes_of(r) for r in sorted(day_rows(lake, uc, "2026-11-24"), key=lambda r: r["at"])]
    assert [s["start_time_unix_nano"] - int(NOON.timestamp()) * NANO for s in spans] == [
        1_000,
        250_000_000,
        999_999_000,
    ]
    assert [e["at"] for e in read_exchanges(written(tmp_path, *spans))] == starts

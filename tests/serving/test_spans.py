"""Logs of other systems: OpenTelemetry spans and plain lines in, spans out, and what is wrong with a line named."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from genaiops_assets.cli.interactions import moments, paced
from genaiops_assets.cli.main import app
from genaiops_assets.lake import Lake
from genaiops_assets.serving import SpanError, attributes_of, day_rows, log_interactions, read_exchanges
from genaiops_assets.use_case import register
from tests.support.lakes import bank_support

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
NANO = 1_000_000_000
SPAN = {
    "name": "chat m",
    "start_time_unix_nano": int(NOON.timestamp()) * NANO,
    "attributes": {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "acme",
        "gen_ai.response.model": "m-1",
        "gen_ai.response.id": "r-1",
        "gen_ai.conversation.id": "jo@example.com",
        "gen_ai.usage.input_tokens": 12,
        "gen_ai.client.operation.duration": "0.5",
        "gen_ai.input.messages": [
            {"role": "system", "parts": [{"type": "text", "content": "Be kind."}]},
            {
                "role": "user",
                "parts": [
                    {"type": "text", "content": "账户费是多少？"},
                    {"type": "text", "content": "I am jo@example.com"},
                ],
            },
        ],
        "gen_ai.output.messages": json.dumps(
            [{"role": "assistant", "parts": [{"type": "text", "content": "20元"}], "finish_reason": "stop"}]
        ),
        "gen_ai.retrieval.documents": [{"id": "a#0", "score": 0.5}],
    },
}


def written(folder: Path, *lines: object) -> Path:
    file = folder / "log.jsonl"
    file.write_text(
        "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines), encoding="utf-8"
    )
    return file


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
        assert log_interactions(lake, uc, [{**e, "channel": "import"} for e in read_exchanges(file)], now=NOON) == 1
        (row,) = day_rows(lake, uc, "2026-11-23")
        assert (row["at"], row["question"], row["channel"]) == (
            "2026-11-23T07:00:00+00:00",
            "What is the fee?",
            "import",
        )
        assert day_rows(lake, uc, "2020-01-01") == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "not JSON"),
        ([1], "expected"),
        ({"text": "no question"}, "question: expected"),
        ({"question": " "}, "question: expected"),
        ({"question": "a", "at": "yesterday"}, "at: expected ISO 8601"),
        ({"question": "a", "gen_ai_usage_input_tokens": "many"}, "gen_ai_usage_input_tokens: expected a number"),
        ({"gen_ai.input.messages": "[", "at": None}, "gen_ai.input.messages: not JSON"),
        ({"gen_ai.input.messages": {"role": "user"}}, "gen_ai.input.messages: expected a list"),
        ({"gen_ai.input.messages": [{"role": "tool"}]}, "no text of a user"),
    ],
)
def test_what_is_wrong_with_a_line_is_said(tmp_path: Path, line: object, said: str) -> None:
    file = written(tmp_path, {"question": "fine"}, line)
    with pytest.raises(SpanError, match=f"log.jsonl:2: .*{said}"):
        list(read_exchanges(file))


def test_questions_are_asked_at_the_pace_chosen(tmp_path: Path) -> None:
    asked = [{"question": str(n), "at": datetime.fromtimestamp(t, UTC)} for n, t in enumerate((100, 40, 41))]
    assert moments(asked, None, None, tmp_path) == [0, 0, 0]
    assert moments(asked, 120, None, tmp_path) == [0, 0.5, 1.0]
    assert moments(asked, None, 60, tmp_path) == [1.0, 0.0, pytest.approx(1 / 60)]
    assert [[e["question"] for e in due] for due in paced(asked, [0.05, 0.0, 0.0])] == [["1", "2"], ["0"]]
    assert list(paced([], [])) == []


def test_a_log_of_an_earlier_version_is_taken_on(tmp_path: Path) -> None:
    lake, uc = Lake(tmp_path / "home"), bank_support()
    log_interactions(lake, uc, [{"question": "old", "channel": "ask", "gen_ai_response_model": "mv-1"}], now=NOON)
    table = lake.tables.open(uc.key("interactions"))
    table.alter_columns({"path": "gen_ai_response_model", "rename": "model_version"})
    table.drop_columns(["gen_ai_usage_input_tokens", "gen_ai_operation_name"])
    before = table.search().select(["row_hash"]).to_list()
    log_interactions(lake, uc, [{"question": "new", "channel": "ask"}], now=NOON)
    rows = {r["question"]: r for r in day_rows(lake, uc, "2026-11-24")}
    assert rows["old"]["gen_ai_response_model"] == "mv-1" and rows["old"]["gen_ai_operation_name"] is None
    assert rows["new"]["gen_ai_operation_name"] == "retrieval" and rows["old"]["row_hash"] == before[0]["row_hash"]


def test_import_and_export_from_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("GENAIOPS_HOME", str(home))
    monkeypatch.setenv("DAGSTER_HOME", str(home / "dagster"))
    register(home, "package:bank_support")
    now = datetime.now(UTC).replace(microsecond=0)
    file = written(tmp_path, {"question": "What is the fee?", "at": now.isoformat()})
    said = CliRunner().invoke(app, ["import", str(file)])
    assert said.exit_code == 0 and "1 interactions" in said.output
    shown = CliRunner().invoke(app, ["interactions", now.date().isoformat()])
    assert (
        json.loads(shown.output)["attributes"]["gen_ai.input.messages"][0]["parts"][0]["content"] == "What is the fee?"
    )
    undated = CliRunner().invoke(app, ["import", str(written(tmp_path, {"question": "a"}))])
    assert undated.exit_code == 1 and "question 1 has no time" in undated.output.replace("\n", " ")
    both = CliRunner().invoke(app, ["replay", str(file), "--speed", "2", "--per-minute", "3"])
    assert both.exit_code == 1 and "give one of them" in both.output

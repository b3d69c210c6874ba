"""Logs of other systems in files as OpenTelemetry's own tools write them: the collector's file exporter, the SDK's
`to_json`; and import and export of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from genaiops_assets.cli.interactions import moments, paced
from genaiops_assets.cli.main import app
from genaiops_assets.lake import Lake
from genaiops_assets.serving import day_rows, log_interactions
from genaiops_assets.use_case import register
from tests.serving.spans import NANO, NOON, SPAN, read_all, read_exchanges, written
from tests.support.lakes import bank_support

HTTP_SPAN = {"name": "POST", "attributes": {"http.request.method": "POST"}, "start_time_unix_nano": 1}


def as_otlp(value: object) -> dict:
    """A value as OTLP/JSON writes it."""
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, list):
        return {"arrayValue": {"values": [as_otlp(v) for v in value]}}
    if isinstance(value, dict):
        return {"kvlistValue": {"values": key_values(value)}}
    return {"stringValue": value}


def key_values(attributes: dict) -> list[dict]:
    return [{"key": name, "value": as_otlp(value)} for name, value in attributes.items()]


def collected(*spans: dict) -> dict:
    """What the collector's file exporter writes on one line."""
    resource = {"attributes": key_values({"service.name": "assistant"})}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {"name": "x"}, "spans": list(spans)}]}]}


def otlp_span(name: str, attributes: dict, **more: object) -> dict:
    start = int(NOON.timestamp()) * NANO
    ids = {"traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "kind": 3}
    times = {"startTimeUnixNano": str(start), "endTimeUnixNano": str(start + NANO // 2)}
    return {**ids, "name": name, **times, "attributes": key_values(attributes), **more}


CHAT = {k: v for k, v in SPAN["attributes"].items() if k != "gen_ai.client.operation.duration"}
TOOL = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search"}
HTTP = {"http.request.method": "POST", "http.response.status_code": 200}


def test_a_file_of_the_collector_is_read_and_other_spans_are_counted(tmp_path: Path) -> None:
    batch = collected(otlp_span("chat m", CHAT), otlp_span("execute_tool search", TOOL), otlp_span("POST", HTTP))
    silent = collected(otlp_span("chat m", {"gen_ai.operation.name": "chat", "gen_ai.response.model": "m-1"}))
    read = read_all(written(tmp_path, batch, silent))
    (found,) = read.exchanges
    assert (found["question"], found["answer"], found["passages"]) == (
        "账户费是多少？\nI am jo@example.com",
        "20元",
        ["a#0"],
    )
    assert (found["at"], found["id"], found["gen_ai_usage_input_tokens"]) == (NOON, "r-1", 12)
    assert found["gen_ai_client_operation_duration"] == 0.5  # from its start and end
    assert (read.left_out, read.silent, read.refused) == (2, 1, [])


def sdk_span(attributes: dict) -> dict:
    """`ReadableSpan.to_json` of the Python SDK: structured attributes are JSON text there."""
    flat = {k: json.dumps(v) if isinstance(v, (list, dict)) else v for k, v in attributes.items()}
    context = {"trace_id": "0x5b8efff798038103d269b633813fc60c", "span_id": "0xeee19b7ec3c1b174", "trace_state": "[]"}
    times = {"start_time": "2026-11-24T12:00:00.250000Z", "end_time": "2026-11-24T12:00:01.000000Z"}
    about = {"name": "chat m", "context": context, "kind": "SpanKind.CLIENT", "parent_id": None, **times}
    rest = {"status": {"status_code": "UNSET"}, "attributes": flat, "events": [], "links": []}
    return {**about, **rest, "resource": {"attributes": {"service.name": "assistant"}, "schema_url": ""}}


@pytest.mark.parametrize("indent", [None, 4])  # lines, and as the console exporter prints them
def test_spans_of_the_sdk_are_read(tmp_path: Path, indent: int | None) -> None:
    spans = [json.dumps(sdk_span(a), indent=indent) for a in (CHAT, HTTP, {**CHAT, "gen_ai.response.id": "r-2"})]
    read = read_all(written(tmp_path, *spans))
    assert [(e["id"], e["answer"]) for e in read.exchanges] == [("r-1", "20元"), ("r-2", "20元")]
    assert {e["at"] for e in read.exchanges} == {NOON + timedelta(milliseconds=250)}
    assert (read.left_out, read.refused) == (1, []) and read.exchanges[0]["gen_ai_client_operation_duration"] == 0.75


def test_a_value_that_is_never_closed_takes_nothing_with_it(tmp_path: Path) -> None:
    read = read_all(written(tmp_path, {"question": "one"}, "{", {"question": "two"}, {"question": "three"}))
    assert [e["question"] for e in read.exchanges] == ["one", "two", "three"] and len(read.refused) == 1


@pytest.mark.parametrize(
    "content", ["What is the fee?", [{"type": "image_url"}, {"type": "text", "text": "What is the fee?"}]]
)
def test_messages_may_have_content_in_place_of_parts(tmp_path: Path, content: object) -> None:
    messages = [{"role": "system", "content": "Be kind."}, {"role": "user", "content": content}]
    answer = [{"role": "assistant", "content": "95 dollars"}]
    chat = {"gen_ai.input.messages": messages, "gen_ai.output.messages": answer}
    (found,) = read_exchanges(written(tmp_path, otlp_span("chat", chat)))
    assert (found["question"], found["answer"]) == ("What is the fee?", "95 dollars")


def test_messages_recorded_as_an_event_of_the_span_are_found(tmp_path: Path) -> None:
    event = {"name": "gen_ai.client.inference.operation.details", "attributes": key_values(CHAT)}
    (found,) = read_exchanges(written(tmp_path, otlp_span("chat", {"gen_ai.operation.name": "chat"}, events=[event])))
    assert found["answer"] == "20元"


def test_import_names_what_it_leaves_out_and_counts_what_it_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, at = tmp_path / "home", datetime.now(UTC).isoformat()
    monkeypatch.setenv("GENAIOPS_HOME", str(home))
    monkeypatch.setenv("DAGSTER_HOME", str(home / "dagster"))
    register(home, "package:bank_support")
    lines = [{"id": "1", "question": q, "at": at} for q in ("one", "two", "two")]
    file = written(tmp_path, *lines, "broken", {"question": "a"}, {**lines[0], "at": "2020-01-01T00:00:00"}, HTTP_SPAN)
    told = CliRunner().invoke(app, ["import", str(file)])
    output = " ".join(told.output.split())
    assert told.exit_code == 0 and "2 interactions taken in, of 4 read" in output
    assert "log.jsonl:4: not JSON" in output and "log.jsonl:5: no time" in output
    for line in ("1 left out: in the log already", "1 left out: past their retention of 90 days"):
        assert line in output
    assert "1 left out: spans of other operations" in output and "2 left out: lines that cannot be used" in output
    again = " ".join(CliRunner().invoke(app, ["import", str(file)]).output.split())
    assert "0 interactions taken in" in again and "3 left out: in the log already" in again


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
    assert said.exit_code == 0 and "1 interactions taken in, of 1 read" in said.output
    shown = CliRunner().invoke(app, ["interactions", now.date().isoformat()])
    assert (
        json.loads(shown.output)["attributes"]["gen_ai.input.messages"][0]["parts"][0]["content"] == "What is the fee?"
    )
    undated = CliRunner().invoke(app, ["import", str(written(tmp_path, {"question": "a"}))])
    assert undated.exit_code == 1 and "log.jsonl:1: no time" in undated.output
    typed = CliRunner().invoke(app, ["interactions", "2026-11-24' OR day != '"])
    assert typed.exit_code == 1 and "is no day" in typed.output and "What is the fee?" not in typed.output
    both = CliRunner().invoke(app, ["replay", str(file), "--speed", "2", "--per-minute", "3"])
    assert both.exit_code == 1 and "give one of them" in both.output

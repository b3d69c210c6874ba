"""Spans for a collector: what leaves is no text, what is not taken waits, and OpenTelemetry's own parser reads it."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.lake import Lake
from genaiops_assets.models import NotAnswered
from genaiops_assets.serving.interactions.collector import outbox_folder, request_of, send, span_of, waiting
from genaiops_assets.serving.interactions.spool import Journal, take_in_spooled
from genaiops_assets.use_case import UseCase
from genaiops_assets.use_case.serving import Otlp
from tests.support.json_server import JsonServerHere
from tests.support.lakes import bank_support


def exchange(**more: Any) -> dict[str, Any]:
    return {
        "id": "chatcmpl-abcdefghijklmnop",
        "at": datetime.now(UTC),
        "question": "What does late return cost?",
        "answer": "It costs 95 dollars.",
        "passages": ["fee#0"],
        "channel": "serve",
        "gen_ai_operation_name": "chat",
        "gen_ai_response_model": "mv-000000000001",
        "gen_ai_usage_input_tokens": 11,
        "gen_ai_client_operation_duration": 1.5,
        "released": True,
        "rules": ["output:answer_toxicity:blocked"],
        "finish": "content_filter",
        **more,
    }


def collected_at(url: str) -> UseCase:
    uc = bank_support()
    gateway = uc.serving.gateway.model_copy(update={"otlp": Otlp(url=url)})
    return uc.model_copy(update={"serving": uc.serving.model_copy(update={"gateway": gateway})})


def test_opentelemetrys_own_parser_reads_a_span_and_finds_no_text() -> None:
    parsing = pytest.importorskip("google.protobuf.json_format")
    service = pytest.importorskip("opentelemetry.proto.collector.trace.v1.trace_service_pb2")
    body = request_of(bank_support(), [span_of(exchange())])
    told = parsing.Parse(json.dumps(body), service.ExportTraceServiceRequest())
    (span,) = told.resource_spans[0].scope_spans[0].spans
    found = {a.key: a.value for a in span.attributes}
    assert (span.name, span.kind, span.end_time_unix_nano - span.start_time_unix_nano) == ("chat", 2, 1_500_000_000)
    assert found["gen_ai.usage.input_tokens"].int_value == 11 and found["genaiops.release.in_production"].bool_value
    assert found["gen_ai.response.finish_reasons"].array_value.values[0].string_value == "content_filter"
    assert "late return" not in json.dumps(body) and "95 dollars" not in json.dumps(body)


def test_the_same_answer_is_the_same_span() -> None:
    at = datetime.now(UTC)
    one, again = span_of(exchange(at=at)), span_of(exchange(at=at))
    assert one == again and len(one["traceId"]) == 32 and len(one["spanId"]) == 16
    assert span_of(exchange(id="chatcmpl-other"))["spanId"] != one["spanId"]


def test_what_the_collector_does_not_take_waits_and_leaves_once(tmp_path: Path) -> None:
    lake, status = Lake(tmp_path), [503]
    server = JsonServerHere(lambda path, body: (status[0], b"{}"))
    server.start()
    uc = collected_at(server.url)
    journal = Journal(lake, uc)
    journal.write(exchange()).result(10)
    journal.close()
    assert take_in_spooled(lake, uc).written == 1 and waiting(lake, uc) == 1  # type: ignore[union-attr]
    (file,) = outbox_folder(lake, uc).glob("*.json")
    assert "late return" not in file.read_text("utf-8")
    with pytest.raises(NotAnswered):
        send(lake, uc)
    assert waiting(lake, uc) == 1
    status[0] = 200
    assert send(lake, uc) == 1 and waiting(lake, uc) == 0 and send(lake, uc) == 0
    path, body, *_ = server.asked[-1]
    assert path == "/v1/traces" and len(body["resourceSpans"][0]["scopeSpans"][0]["spans"]) == 1
    server.stop()


def test_without_a_collector_nothing_is_laid_out(tmp_path: Path) -> None:
    lake, uc = Lake(tmp_path), bank_support()
    journal = Journal(lake, uc)
    journal.write(exchange()).result(10)
    journal.close()
    take_in_spooled(lake, uc)
    assert waiting(lake, uc) == 0 and not outbox_folder(lake, uc).exists() and send(lake, uc) == 0

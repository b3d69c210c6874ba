"""Interactions on their way to a collector of OpenTelemetry: spans without any text, by OTLP over HTTP in JSON.

Belongs here: what of an interaction leaves, the outbox on the disk, sending it. Does not belong here: reading spans
(`otlp.py`), the log, when a turn is taken (`taking_in.py`). A file of the outbox goes when the collector took it, and
after the retention of the log at the latest. Sent twice, a span is the same one: its ids follow from the answer's.
Source: OpenTelemetry Protocol 1.x, "OTLP/HTTP", "JSON Protobuf Encoding"."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from genaiops_assets.lake import Lake, digest_of, write_atomically
from genaiops_assets.models import JsonServer
from genaiops_assets.serving.interactions.attributes import ATTRIBUTES, DURATION, OWN, nanoseconds_of
from genaiops_assets.use_case import UseCase

PATH = "/v1/traces"
SERVER = 2  # SPAN_KIND_SERVER
SCOPE = "genaiops_assets"
LISTS = ("finish",)  # the convention has one for each choice
DAY = 86_400.0  # seconds


def outbox_folder(lake: Lake, uc: UseCase) -> Path:
    return lake.home / "outbox" / uc.name


def waiting(lake: Lake, uc: UseCase) -> int:
    """Files that no collector took yet."""
    return sum(1 for _ in outbox_folder(lake, uc).glob("*.json"))


def put_out(lake: Lake, uc: UseCase, name: str, exchanges: Iterable[dict[str, Any]]) -> None:
    """Lay the spans of some interactions into the outbox, where the use case names a collector."""
    if uc.serving.gateway.otlp is not None and (spans := [span_of(one) for one in exchanges]):
        folder = outbox_folder(lake, uc)
        folder.mkdir(parents=True, exist_ok=True)
        write_atomically(folder / f"{name}.json", json.dumps(spans).encode())


def send(lake: Lake, uc: UseCase) -> int:
    """Send what lies in the outbox, the oldest first; returns how many files the collector took. Raises NotAnswered at
    the first that it did not take, which stays."""
    otlp = uc.serving.gateway.otlp
    if otlp is None:
        return 0
    field, sent = "serving.gateway.otlp.key_variable", 0
    server = JsonServer(otlp.url, key_variable=otlp.key_variable, field=field, purpose="the collector at", tries=1)
    for path in sorted(outbox_folder(lake, uc).glob("*.json")):
        if time.time() - path.stat().st_mtime < uc.monitoring.retention_days * DAY:
            server.ask(PATH, request_of(uc, json.loads(path.read_bytes())))
            sent += 1
        with suppress(FileNotFoundError):
            path.unlink()
    return sent


def request_of(uc: UseCase, spans: list[dict[str, Any]]) -> dict[str, Any]:
    """The body of an export."""
    resource = {"attributes": [attribute("service.name", f"genaiops/{uc.name}")]}
    return {"resourceSpans": [{"resource": resource, "scopeSpans": [{"scope": {"name": SCOPE}, "spans": spans}]}]}


def span_of(exchange: dict[str, Any]) -> dict[str, Any]:
    """One interaction without question, answer and passages."""
    began = nanoseconds_of(exchange["at"].astimezone(UTC) if isinstance(exchange["at"], datetime) else exchange["at"])
    took = int(float(exchange.get(DURATION) or 0) * 1e9)
    identity = digest_of(["span", exchange["id"]])
    told = {name: exchange.get(column) for column, name in (ATTRIBUTES | OWN).items()}
    told |= {OWN[column]: [exchange[column]] for column in LISTS if exchange.get(column)}
    return {
        "traceId": identity[:32],
        "spanId": identity[32:48],
        "name": exchange.get("gen_ai_operation_name") or "chat",
        "kind": SERVER,
        "startTimeUnixNano": str(began),
        "endTimeUnixNano": str(began + took),
        "attributes": [attribute(name, value) for name, value in told.items() if value not in (None, "")],
    }


def attribute(name: str, value: Any) -> dict[str, Any]:
    return {"key": name, "value": any_value(value)}


def any_value(value: Any) -> dict[str, Any]:
    """A value in OTLP's JSON; whole numbers are texts there."""
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, list | tuple):
        return {"arrayValue": {"values": [any_value(one) for one in value]}}
    return {"stringValue": str(value)}

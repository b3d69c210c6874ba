"""A span, and files of them. Holds no tests."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from genaiops_assets.serving.interactions import reading
from genaiops_assets.serving.interactions.reading import ReadLog

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


def read_exchanges(file: Path, **how: object) -> list[dict]:
    """The exchanges of a file that can all be used."""
    read = reading.read_exchanges(file, **{"now": NOON, **how})  # type: ignore[arg-type]
    assert read.refused == []
    return read.exchanges


def read_all(file: Path) -> ReadLog:
    return reading.read_exchanges(file, now=NOON)

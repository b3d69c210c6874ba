"""A byte order mark, as some editors and exporters write it, is no part of the first line."""

from __future__ import annotations

import codecs
import json
from pathlib import Path

import pytest

from genaiops_assets.serving import read_exchanges

LINE = json.dumps({"question": "Is it free?", "answer": "Yes.", "at": "2026-01-05T12:00:00Z"})


@pytest.mark.parametrize("before", ["", "\n"])
def test_a_file_that_begins_with_a_mark_is_read_like_one_without(tmp_path: Path, before: str) -> None:
    for name, mark in (("with.jsonl", codecs.BOM_UTF8), ("without.jsonl", b"")):
        (tmp_path / name).write_bytes(mark + f"{before}{LINE}\n".encode())
    found, plain = (read_exchanges(tmp_path / name) for name in ("with.jsonl", "without.jsonl"))
    assert found.refused == [] and [e["question"] for e in found.exchanges] == ["Is it free?"]
    assert [e["content"] for e in found.exchanges] == [e["content"] for e in plain.exchanges]

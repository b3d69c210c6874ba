"""The provenance of an answer proves its text, release and time, offline, and nothing else does."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.errors import Unusable
from genaiops_assets.lake import Lake
from genaiops_assets.serving.transparency.provenance import Origin, Signer, detect_provenance, trusted_keys

TEXT = "It costs 95 dollars – 每册每天一角。"
ORIGIN = Origin("bank_support", "mv-000000000001", "b" * 64, "transformers")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)


def saved(lake: Lake, text: str = TEXT, **changes: Any) -> bytes:
    made = Signer(lake).provenance(ORIGIN, "chatcmpl-a", text, datetime(2026, 12, 1, tzinfo=UTC))
    return json.dumps({"text": TEXT, "provenance": made | changes}).encode()


def test_a_saved_answer_is_told_by_its_signature(lake: Lake) -> None:
    found = detect_provenance(saved(lake), trusted_keys(lake))
    assert found.problem == "" and found.provenance["model_version"] == "mv-000000000001"
    assert found.provenance["digital_source_type"].endswith("/trainedAlgorithmicMedia")
    completion = {"choices": [{"message": {"content": TEXT}}], "genaiops": json.loads(saved(lake))}
    assert detect_provenance(json.dumps(completion).encode(), trusted_keys(lake)).problem == ""


def test_one_letter_more_or_another_fact_breaks_it(lake: Lake) -> None:
    keys = trusted_keys(lake) or {}
    other_text = detect_provenance(saved(lake, TEXT + "!"), trusted_keys(lake))
    assert other_text.problem == "the text is not the one that was generated"
    for name, value in (
        ("model_version", "mv-000000000002"),
        ("ai_generated", False),
        ("signature", "AAAA"),
        ("extra", 1),
    ):
        found = detect_provenance(saved(lake, **{name: value}), trusted_keys(lake))
        assert "its signature does not fit" in found.problem, name
    assert "not trusted" in detect_provenance(saved(lake), keys).problem, "no key was made when these were read"


def test_another_homes_key_is_not_trusted(lake: Lake, tmp_path: Path) -> None:
    other = Lake(tmp_path / "other")
    assert "not trusted here" in detect_provenance(saved(other), {**trusted_keys(lake)}).problem


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"text": "x"}', b'{"choices": []}', b"\xff"])
def test_a_file_without_provenance_says_so(content: bytes) -> None:
    with pytest.raises(Unusable, match="no provenance in it"):
        detect_provenance(content, {})

"""The chain of bias logs: which log an artifact calls the one before. Does not belong here: what a log says
(`governance`)."""

from __future__ import annotations

from pathlib import Path

from genaiops_assets.governance.documents import documents
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.claims import broken_claims
from genaiops_assets.orchestration.documents import document_before
from tests.support.lakes import bank_support, publish


def test_the_same_log_made_again_keeps_its_predecessor(tmp_path: Path) -> None:
    lake, uc, log = Lake(tmp_path), bank_support(), documents()["data_bias_log"]

    def earlier(basis: str) -> str:
        return document_before(lake, uc, log, basis).digest

    assert earlier("first") == ""
    first = publish(lake, uc.key("data_bias_log"), {"data_bias_log.json": {"basis": "first", "previous": ""}})
    assert earlier("first") == ""
    assert earlier("second") == first.digest
    second = publish(
        lake, uc.key("data_bias_log"), {"data_bias_log.json": {"basis": "second", "previous": first.digest}}
    )
    assert earlier("second") == first.digest
    assert earlier("third") == second.digest


def test_claims_are_looked_up_in_the_lake(tmp_path: Path) -> None:
    lake, asset = Lake(tmp_path), "bank_support/corpus_profile"
    made = publish(lake, asset, {"profile.json": {"topics": 3}})
    claim = {"value": 3, "asset": asset, "digest": made.digest, "pointer": "/topics"}
    assert broken_claims(lake, {"x": claim}) == []
    assert "the document says 4, the artifact 3" in broken_claims(lake, {"x": {**claim, "value": 4}})[0]

"""`genaiops verify` asks Dagster's history too how far the ledger once went."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest

from genaiops_assets.cli.verify import history_marks
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.home import prepare_home


def test_newest_entries_that_were_removed_show_by_dagsters_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = Lake(tmp_path)
    assert list(history_marks(tmp_path)) == []
    monkeypatch.setenv("DAGSTER_HOME", str(prepare_home(tmp_path)))
    for n in range(3):
        lake.ledger.append("note", {"n": n})
    with dg.DagsterInstance.get() as instance:
        head = lake.ledger.head_hash()[:16]
        instance.report_runless_asset_event(dg.AssetMaterialization(["demo", "card"], metadata={"ledger": head}))
        instance.report_runless_asset_event(dg.AssetMaterialization(["demo", "other"]))
    assert lake.ledger.problems(history_marks(tmp_path)) == []
    *_, last = sorted((tmp_path / "ledger").iterdir())
    last.unlink()
    (tmp_path / "ledger_marks/highest.json").unlink()  # whoever removes entries removes the mark beside them
    assert (
        f"entry {head[:12]} noted in Dagster's history of demo/card is missing: the ledger was truncated"
        in "\n".join(lake.ledger.problems(history_marks(tmp_path)))
    )

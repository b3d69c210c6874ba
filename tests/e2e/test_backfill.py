"""Past days are measured like today: a backfill of interactions and drift, in any order and again, with the real
embedding model."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg
import pytest

from genaiops_assets.definitions import build_defs
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.serving import log_interactions
from genaiops_assets.use_case.workspace import PACKAGED
from tests.support.lakes import bank_support, publish

pytestmark = [pytest.mark.model, pytest.mark.timeout(600)]
EXAMPLE = PACKAGED / "bank_support"
TODAY = datetime.now(UTC)


def questions(file: str) -> list[str]:
    return [json.loads(line)["question"] for line in (EXAMPLE / file).read_text("utf-8").splitlines() if line.strip()]


def day(ago: int) -> str:
    return (TODAY - timedelta(days=ago)).date().isoformat()


def test_past_days_are_filled_in_any_order_and_again(tmp_path: Path) -> None:
    uc, lake = bank_support(), Lake(tmp_path)
    golden = questions("golden/questions.jsonl")
    publish(lake, uc.key("golden_set"), {"golden.json": {"items": [{"question": q} for q in golden[0::2]]}})
    asked = {3: golden[1::2], 2: questions("replay/off_topic.jsonl"), 1: []}
    for ago, texts in asked.items():
        exchanges = [{"question": q, "answer": "", "channel": "replay"} for q in texts]
        log_interactions(lake, uc, exchanges, now=TODAY - timedelta(days=ago))
    job = build_defs([uc], Platform(home=str(tmp_path))).resolve_job_def(f"{uc.name}__monitor")
    with dg.DagsterInstance.ephemeral() as instance:

        def backfill(*ago: int) -> dict[int, str]:
            for n in ago:
                assert job.execute_in_process(instance=instance, partition_key=day(n)).success
            return {n: lake.heads.digest(uc.key("drift_report"), day(n)) for n in ago}

        first = backfill(1, 3, 2)
        found = {n: lake.current(uc.key("drift_report"), day(n)).summary["figures"] for n in asked}
        counted = {n: lake.current(uc.key("interactions"), day(n)).summary["figures"]["interactions"] for n in asked}
        assert counted == {n: len(texts) for n, texts in asked.items()}
        assert (found[3]["enough"], found[3]["drifted"]) == (True, False), found[3]
        assert (found[2]["enough"], found[2]["drifted"]) == (True, True), found[2]
        assert (found[1]["enough"], found[1]["drifted"]) == (False, False)
        assert backfill(2, 3, 1) == first
        again = instance.get_latest_materialization_event(dg.AssetKey([uc.name, "drift_report"]))
        assert again and again.asset_materialization and again.asset_materialization.metadata["reused"].value is True

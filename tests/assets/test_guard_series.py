"""The day's interactions: a guard that held back many texts becomes a near miss, once."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import dagster as dg

from genaiops_assets.assets.monitoring.interactions import interactions_assets
from genaiops_assets.governance.incidents import incident_log
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.serving import log_interactions
from tests.support.lakes import V1, bank_support

UC = bank_support()


def blocked(number: int) -> dict[str, Any]:
    about = {"channel": "serve", "gen_ai_response_model": V1, "finish": "content_filter", "released": True}
    rules = ["input:prompt_injection:blocked"]
    return {"question": f"Ignore rule {number}", "answer": "No.", "passages": [], "rules": rules, **about}


def test_many_texts_held_back_on_a_day_are_a_near_miss(tmp_path: Path) -> None:
    lake, day = Lake(tmp_path), datetime.now(UTC).date().isoformat()

    def materialized() -> list[str]:
        dg.materialize(
            [a for a in interactions_assets(UC) if isinstance(a, dg.AssetsDefinition)][:1],
            resources={"platform": Platform(home=str(tmp_path))},
            instance=dg.DagsterInstance.ephemeral(),
            partition_key=day,
        )
        return [one["title"] for one in incident_log(lake, UC, []) if one["severity"] == "near_miss"]

    log_interactions(lake, UC, [blocked(n) for n in range(9)])
    assert materialized() == []
    log_interactions(lake, UC, [blocked(9)])
    told = [f"the guard prompt_injection held back 10 texts on {day}"]
    assert materialized() == told and materialized() == told

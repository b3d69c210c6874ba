"""Asset `rollback_rehearsal`: releases and rehearsed rollbacks as the ledger holds them."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from genaiops_assets.governance.release import rehearsal_due, rehearsals, releases
from genaiops_assets.lake import Lake, Workplace, write_json
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase

NAME, FILE = "rollback_rehearsal", "rollback_rehearsal.json"
RELEASE = ("kind", "model_version", "by", "reason")


def rollback_rehearsal_assets(uc: UseCase) -> list[Any]:
    @phase(uc, "release")(
        name=NAME,
        kinds={"json"},
        article="article-14.4",
        automation_condition=None,
        description="Every release and every rehearsed rollback by the ledger. `genaiops rehearse-rollback` carries a "
        "rehearsal out: the real rollback, with all it verifies, whose writes are thrown away.",
    )
    def rollback_rehearsal(making: Making) -> dg.MaterializeResult:
        content = content_of(making.lake, uc)

        def build(place: Workplace) -> Built:
            write_json(place.staging / FILE, content)
            last = content.get("last", {"at": "never", "outcome": "none"})
            figures = {"last": last["at"][:10], "outcome": last["outcome"], "releases": len(content["releases"])}
            return Built(figures, {"rehearsals": content["rehearsals"], "releases": content["releases"]})

        return making.produce(build, config=content)

    @check(
        uc,
        NAME,
        description="A rollback was rehearsed within `monitoring.rehearse_rollback_within_days`, and it held. Asked "
        "daily, by the ledger. Before the first release there is nothing to rehearse.",
    )
    def rehearsed_lately(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        due = rehearsal_due(platform.lake, uc, datetime.now(UTC).date())
        return notice(not due, due=due or "no", within_days=uc.monitoring.rehearse_rollback_within_days)

    return [rollback_rehearsal, rehearsed_lately]


def content_of(lake: Lake, uc: UseCase) -> dict[str, Any]:
    """{within_days, releases, rehearsals: the newest first, last: the newest where there is one}."""
    done = [asdict(one) for one in rehearsals(lake, uc)]
    made = [{"at": e.at, **{name: e.body.get(name, "") for name in RELEASE}} for e in reversed(releases(lake, uc))]
    return {
        "schema_version": 1,
        "kind": NAME,
        "use_case": uc.name,
        "within_days": uc.monitoring.rehearse_rollback_within_days,
        "count": len(done),
        "releases": made,
        "rehearsals": done,
        **({"last": done[0]} if done else {}),
    }

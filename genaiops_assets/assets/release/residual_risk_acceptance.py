"""Asset `residual_risk_acceptance`: who accepted what is left of which risk, having seen what, until when."""

from datetime import UTC, date, datetime
from typing import Any

import dagster as dg

from genaiops_assets.governance.release import production_release
from genaiops_assets.governance.risk import Residual, acceptors, published_records, residual_risks
from genaiops_assets.lake import Lake, Workplace, write_json
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, data_gate, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase

NAME = "residual_risk_acceptance"
FILE = f"{NAME}.json"


def residual_risk_acceptance_assets(uc: UseCase) -> list[Any]:
    @phase(uc, "release")(
        kinds={"json"},
        reads=["records"],
        article="article-9.5",
        description="For each open risk whether its register entry needs an acceptance, and every acceptance with its "
        "author, what that person had seen, and its last day. A version is a no_go while one that is needed does not "
        "hold: expired, lapsed because a bound artifact is another one, or by somebody who may not accept.",
    )
    def residual_risk_acceptance(making: Making) -> dg.MaterializeResult:
        records = making.read("records").json("records.json")["records"]
        content: dict[str, Any] = {
            "schema_version": 1,
            "kind": NAME,
            "use_case": uc.name,
            "acceptors": acceptors(uc),
            "risks": [
                {"risk": r["id"], "title": r["title"], "needs_acceptance": r.get("needs_acceptance", False)}
                for r in records
                if r["kind"] == "risk" and r["done_on"] is None
            ],
            "acceptances": [r for r in records if r["kind"] == "acceptance"],
        }

        def build(place: Workplace) -> Built:
            write_json(place.staging / FILE, content)
            accepted = [
                {
                    "id": a["id"],
                    "risks": ", ".join(a["about"]),
                    "author": a["author"],
                    "expires": a["expires"],
                    "bound": ", ".join(f"{asset} {digits}" for asset, digits in a["bound"].items()),
                }
                for a in content["acceptances"]
            ]
            needed = sum(one["needs_acceptance"] for one in content["risks"])
            figures = {"open_risks": len(content["risks"]), "need_acceptance": needed, "acceptances": len(accepted)}
            return Built(figures, {"risks": content["risks"], "acceptances": accepted})

        return making.produce(build, config=content)

    @check(
        uc,
        NAME,
        description="Every risk that needs an acceptance has one that holds today, for the version in production and "
        "for the newest one that was judged. Asked daily: the day and the report decide, not a new file.",
    )
    def acceptances_hold(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake, today = platform.lake, datetime.now(UTC).date()
        open_now = standing(lake, uc, today)
        return data_gate(
            not open_now,
            open="; ".join(f"{version}: {one.risk}: {one.why}" for version, one in open_now[:10]) or "none",
            asked_for=", ".join(versions_that_matter(lake, uc)) or "no version was judged yet",
        )

    return [residual_risk_acceptance, acceptances_hold]


def standing(lake: Lake, uc: UseCase, today: date) -> list[tuple[str, Residual]]:
    """(version, risk) of what does not hold."""
    records = published_records(lake, uc)
    return [
        (version, one)
        for version in versions_that_matter(lake, uc)
        for one in residual_risks(lake, uc, version, records, today)
        if one.blocks
    ]


def versions_that_matter(lake: Lake, uc: UseCase) -> list[str]:
    """The version in production, and the newest one with a report."""
    now = production_release(lake, uc)
    reports = [
        entry.body["partition"]
        for entry in lake.ledger.entries("materialized")
        if entry.body["asset"] == uc.key("eval_report")
    ]
    return list(dict.fromkeys([*([now.model_version] if now else []), *reports[-1:]]))

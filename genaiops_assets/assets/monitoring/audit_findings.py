"""Asset `audit_findings`: what reviews, auditors and incidents showed, who sees to it, until when; late is red."""

from datetime import UTC, datetime
from typing import Any

import dagster as dg

from genaiops_assets.governance.audit import (
    build_findings,
    late_findings,
    render_findings,
    review_findings,
    settle_findings,
)
from genaiops_assets.governance.compliance import last_review
from genaiops_assets.lake import Workplace, write_json
from genaiops_assets.orchestration.documents import both_languages, write_pages
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, data_gate, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase

NAME = "audit_findings"
FILE, PAGE = f"{NAME}.json", f"{NAME}.md"


def audit_findings_assets(uc: UseCase) -> list[Any]:
    @phase(uc, "monitoring")(
        kinds={"json", "markdown"},
        reads=["records", "incidents"],
        parts=["internal_review"],
        article="article-17",
        description="Findings with owner and due date: the serious ones of the internal review, those auditors wrote "
        "as records of kind finding, and incidents that nobody acts on. A later review or a person closes them.",
    )
    def audit_findings(making: Making) -> dg.MaterializeResult:
        lake = making.lake
        records = making.read("records").json("records.json")["records"]
        incidents = making.read("incidents").json("incidents.json")
        settle_findings(lake, uc, last_review(lake, uc))
        found = build_findings(uc, review_findings(lake, uc), records, incidents)

        def build(place: Workplace) -> Built:
            write_json(place.staging / FILE, found)
            write_pages(place, both_languages(uc, NAME, lambda said: render_findings(found, said)), uc.language)
            rows = found["findings"]
            still = [f for f in rows if not f["closed_on"]]
            figures = {
                "open": len(still),
                "closed": len(rows) - len(still),
                "next_due": min((f["due"] for f in still), default="none"),
            }
            return Built(figures, {"findings": rows}, page=PAGE)

        return making.produce(build, config=found)

    @check(uc, NAME, description="No open finding was due before today. Asked daily.")
    def no_finding_is_overdue(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        if platform.lake.heads.get(uc.key(NAME)) is None:
            return data_gate(True, state="nothing was gathered yet")
        found = platform.lake.current(uc.key(NAME)).json(FILE)
        late = late_findings(found, datetime.now(UTC).date())
        return data_gate(not late, late=len(late), which="; ".join(late[:10]) or "none")

    @check(uc, NAME, description="The findings are those of the newest internal review.")
    def findings_are_of_the_last_review(
        context: dg.AssetCheckExecutionContext, platform: Platform
    ) -> dg.AssetCheckResult:
        lake = platform.lake
        held = last_review(lake, uc)
        known = review_findings(lake, uc)
        kept = [f for f in lake.current(uc.key(NAME)).json(FILE)["findings"] if f["origin"] == "review"]
        current = sorted(f["id"] for f in known) == sorted(f["id"] for f in kept)
        return notice(current, last_review=held["held_on"] if held else "none yet", findings=len(kept))

    return [audit_findings, no_finding_is_overdue, findings_are_of_the_last_review]

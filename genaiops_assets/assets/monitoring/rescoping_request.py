"""Asset `rescoping_request`: a use that widens, and the decision that waits for a person."""

from datetime import UTC, datetime
from typing import Any

import dagster as dg

from genaiops_assets.governance.audit import (
    build_rescoping,
    decisions,
    render_rescoping,
    request_rescoping,
    scope_behind,
    waiting,
)
from genaiops_assets.lake import Lake, Workplace, write_json
from genaiops_assets.orchestration.documents import both_languages, write_pages
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, data_gate, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase

NAME = "rescoping_request"
FILE, PAGE = f"{NAME}.json", f"{NAME}.md"
DAYS = 30  # newest reports that are looked at


def rescoping_request_assets(uc: UseCase) -> list[Any]:
    @phase(uc, "monitoring")(
        kinds={"json", "markdown"},
        parts=["drift_report", "use_case_scope"],
        article="article-9.2",
        description="Whether people ask about what the scope was never thought for: new topics by day from the drift "
        "reports, the requests that wait for a decision, and what was decided. An open one blocks the next release.",
    )
    def rescoping_request(making: Making) -> dg.MaterializeResult:
        lake = making.lake
        reports = drift_reports(lake, uc)
        if reports:
            day, report, cause = reports[0]
            request_rescoping(lake, uc, day, report, cause, datetime.now(UTC).date())
        found = build_rescoping(uc, [(d, r) for d, r, _ in reports], decisions(lake, uc), waiting(lake, uc))

        def build(place: Workplace) -> Built:
            write_json(place.staging / FILE, found)
            write_pages(place, both_languages(uc, NAME, lambda said: render_rescoping(found, said)), uc.language)
            topics = [{"day": d["day"], **row} for d in found["days"] for row in d["topics"]]
            figures = {
                "waiting": len(found["open"]),
                "decided": len(found["decisions"]),
                "new_topics_on_newest_day": found["days"][0]["share"] if found["days"] else 0,
            }
            return Built(figures, {"new topics": topics, "waiting": found["open"]}, page=PAGE)

        return making.produce(build, config=found)

    @check(uc, NAME, description="No wider use waits for a decision: nothing new is released meanwhile.")
    def use_is_within_scope(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        open_ = waiting(platform.lake, uc)
        return data_gate(not open_, waiting="; ".join(task.in_words() for task in open_) or "none")

    @check(uc, NAME, description="Where topics were taken in, the scope in the use case file was written anew.")
    def scope_follows_decisions(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake = platform.lake
        scope = (lake.heads.get(uc.key("use_case_scope")) or {"digest": ""})["digest"]
        behind = scope_behind(lake.current(uc.key(NAME)).json(FILE), scope)
        return data_gate(not behind, behind="; ".join(behind) or "none")

    return [rescoping_request, use_is_within_scope, scope_follows_decisions]


def drift_reports(lake: Lake, uc: UseCase) -> list[tuple[str, dict[str, Any], str]]:
    """(day, report, digest of the day's interactions), the newest day first."""
    key = uc.key("drift_report")
    found = []
    for day in sorted(lake.heads.partitions(key), reverse=True)[:DAYS]:
        made = lake.current(key, day)
        found.append((day, made.json("drift.json"), str(made.summary["figures"].get("interactions", ""))))
    return found

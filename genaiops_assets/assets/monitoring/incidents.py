"""Asset `incidents`: what went wrong in use, until when who has to be told, and the report that is ready for it.

Belongs here: gathering what the log reads. Does not belong here: its rules (`governance/incidents`), closing or
reporting (`cli/incident.py`)."""

from datetime import UTC, datetime
from typing import Any

import dagster as dg

from genaiops_assets.governance.incidents import (
    build_incidents,
    deadlines_in,
    incident_log,
    pressing,
    render_incidents,
    render_report,
    roles_of_house,
)
from genaiops_assets.lake import Lake, Workplace, write_json
from genaiops_assets.orchestration.claims import claims_check, evidence
from genaiops_assets.orchestration.documents import both_languages, write_pages
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, data_gate, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase

NAME = "incidents"
FILE, PAGE = f"{NAME}.json", f"{NAME}.md"
COLUMNS = ("happened_at", "id", "title", "severity", "origin", "owner", "closed_at")


def incident_assets(uc: UseCase) -> list[Any]:
    @phase(uc, "monitoring")(
        kinds={"json", "markdown"},
        reads=["records", "risk_register", "use_case_scope"],
        parts=["release_decision", "regulatory_classification"],
        article="article-73",
        description="The incident log: records of kind incident, what was entered at the command line, rollbacks. With "
        "severity, near misses, the reports that the law asks for and their deadlines, and a report ready for each "
        "grave one.",
    )
    def incidents(making: Making) -> dg.MaterializeResult:
        lake = making.lake
        log = incident_log(lake, uc, making.read("records").json("records.json")["records"])
        scope, register = evidence(making.read("use_case_scope")), evidence(making.read("risk_register"))
        roles = roles_of_house(lake, uc)
        decisions = decisions_on(lake, uc, {one["model_version"] for one in log})

        def build(place: Workplace) -> Built:
            found = build_incidents(uc, log, roles, scope=scope, register=register, decisions=decisions)
            write_json(place.staging / FILE, found)
            write_pages(place, pages_of(uc, found), uc.language)
            for name, report in found["reports"].items():
                write_json(place.staging / f"report-{name}.json", report)
            rows = [{c: one[c] for c in COLUMNS} for one in found["incidents"]]
            owed = [d for d in found["deadlines"] if not d["met_at"]]
            figures = {
                "incidents": sum(one["severity"] != "near_miss" for one in log),
                "near_misses": sum(one["severity"] == "near_miss" for one in log),
                "open": sum(not one["closed_at"] for one in log),
                "reports_owed": len(owed),
                "next_deadline": min((d["due"] for d in owed), default="none"),
            }
            return Built(figures, {"incidents": rows, "deadlines": found["deadlines"]}, page=PAGE)

        also = {f"decision of {version}": found.digest for version, found in decisions.items()}
        config = {"log": log, "roles": roles, **uc.section("title", "language")}
        return making.produce(build, config=config, also=also)

    @check(
        uc,
        NAME,
        description="No report to an authority is late, or so near its deadline that a third of the time is left: red "
        "before the law is broken. It warns from three fifths on. Asked daily.",
    )
    def reports_are_in_time(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        return clock_result(log_of(platform.lake, uc), datetime.now(UTC))

    @check(
        uc,
        NAME,
        description="Every incident names what failed, and a mitigation answers each failure mode that it hit.",
    )
    def failures_seen_are_acted_on(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        found = log_of(platform.lake, uc)["unanswered"]
        return data_gate(not found, unanswered="; ".join(found[:10]) or "none")

    @check(uc, NAME, description="The log holds what records and ledger say now: nothing was entered since.")
    def log_is_current(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        differs = entered_since(platform.lake, uc)
        return notice(not differs, differs=", ".join(differs) or "none")

    return [
        incidents,
        claims_check(uc, NAME),
        reports_are_in_time,
        failures_seen_are_acted_on,
        log_is_current,
    ]


def entered_since(lake: Lake, uc: UseCase) -> list[str]:
    """Ids of incidents that the log lacks, or states otherwise than records and ledger do now."""
    records = lake.current(uc.key("records")).json("records.json")["records"]
    now = {one["id"]: one for one in incident_log(lake, uc, records)}
    kept = {one["id"]: one for one in log_of(lake, uc)["incidents"]}
    return sorted(name for name in now | kept if now.get(name) != kept.get(name))


def pages_of(uc: UseCase, found: dict[str, Any]) -> dict[str, str]:
    """The log and each report, in the use case's language and in the other one."""
    pages = both_languages(uc, NAME, lambda said: render_incidents(found, said))
    for name, report in found["reports"].items():
        pages |= {f"report-{name}.{language}.md": render_report(report, language) for language in ("en", "zh")}
    return pages


def clock_result(found: dict[str, Any], now: datetime) -> dg.AssetCheckResult:
    """The outcome of the clocks at a time: an error where one is red or over, a warning where one is near."""
    owed = deadlines_in(found)
    wrong, near = pressing(owed, now, "overdue", "red"), pressing(owed, now, "near")
    told = {"owed": sum(not d.met_at for d in owed), "near": "; ".join(near) or "none"}
    if wrong or not near:
        return data_gate(not wrong, red="; ".join(wrong) or "none", **told)
    return notice(False, red="none", **told)


def decisions_on(lake: Lake, uc: UseCase, versions: set[str]) -> dict[str, Any]:
    """Evidence of the release decisions on the versions that incidents name."""
    key = uc.key("release_decision")
    return {v: evidence(lake.current(key, v)) for v in sorted(versions) if v and lake.heads.get(key, v)}


def log_of(lake: Lake, uc: UseCase) -> dict[str, Any]:
    return lake.current(uc.key(NAME)).json(FILE)

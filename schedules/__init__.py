"""What runs by the clock (UTC): nightly refresh, daily drift, weekly re-evaluation of production and maintenance of
the index, daily coverage matrix, dates and anchors, hourly clocks of incidents, monthly internal review, the
training summary every six months."""

from datetime import datetime, timedelta
from typing import Any

import dagster as dg

from genaiops_assets.governance.anchors import newest_anchor
from genaiops_assets.governance.incidents import deadlines_in
from genaiops_assets.governance.release import production_release
from genaiops_assets.orchestration.jobs import COVERAGE, job_name
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase

JUST_NOW = 12  # hours: another use case of the home, or a release, has anchored the ledger already


def by_the_clock(uc: UseCase, name: str, job: str, cron: str, description: str) -> dict[str, Any]:
    """What every schedule is declared with."""
    return {
        "name": f"{uc.name}__{name}",
        "job_name": job_name(uc, job),
        "cron_schedule": cron,
        "execution_timezone": "UTC",
        "default_status": dg.DefaultScheduleStatus.RUNNING,
        "description": description,
    }


def at(uc: UseCase, name: str, job: str, cron: str, description: str) -> dg.ScheduleDefinition:
    """A job by the clock, with nothing to decide."""
    return dg.ScheduleDefinition(**by_the_clock(uc, name, job, cron, description))


def use_case_schedules(uc: UseCase) -> list[dg.ScheduleDefinition]:
    @dg.schedule(
        **by_the_clock(
            uc,
            "daily_drift",
            "monitor",
            "30 0 * * *",
            "Yesterday's interactions and their drift, once the day is over.",
        )
    )
    def daily_drift(context: dg.ScheduleEvaluationContext, platform: Platform) -> dg.RunRequest | dg.SkipReason:
        if platform.lake.heads.get(uc.key("golden_set")) is None:
            return dg.SkipReason("no golden set to compare with yet")
        yesterday = (context.scheduled_execution_time - timedelta(days=1)).date().isoformat()
        return dg.RunRequest(run_key=yesterday, partition_key=yesterday)

    @dg.schedule(
        **by_the_clock(
            uc,
            "weekly_reevaluation",
            "reevaluate",
            "0 3 * * 1",
            "The version in production by golden questions, criteria and index as they are now; its approval stays.",
        )
    )
    def weekly_reevaluation(context: dg.ScheduleEvaluationContext, platform: Platform) -> dg.RunRequest | dg.SkipReason:
        now = production_release(platform.lake, uc)
        if now is None:
            return dg.SkipReason("nothing is in production")
        today = context.scheduled_execution_time.date().isoformat()
        return dg.RunRequest(run_key=today, partition_key=today)

    @dg.schedule(
        **by_the_clock(
            uc,
            "monthly_review",
            "review",
            "0 6 1 * *",
            "The internal review: everything verified, production judged again, minutes written. Before the first "
            "release there is nothing to judge.",
        )
    )
    def monthly_review(context: dg.ScheduleEvaluationContext, platform: Platform) -> dg.RunRequest:
        today = context.scheduled_execution_time.date().isoformat()
        if production_release(platform.lake, uc) is not None:
            return dg.RunRequest(run_key=today, partition_key=today)
        without = [dg.AssetKey([uc.name, name]) for name in (*COVERAGE, "internal_review")]
        return dg.RunRequest(run_key=today, partition_key=today, asset_selection=without)

    @dg.schedule(
        **by_the_clock(
            uc,
            "daily_anchor",
            "anchor",
            "20 5 * * *",
            "The ledger's head noted outside the home, where the use case or the home says so.",
        )
    )
    def daily_anchor(context: dg.ScheduleEvaluationContext, platform: Platform) -> dg.RunRequest | dg.SkipReason:
        now = context.scheduled_execution_time
        age = newest_anchor(platform.lake, [uc], now)
        if not age.configured:
            return dg.SkipReason("no place for anchors is configured")
        if age.newest and now - datetime.fromisoformat(age.newest) < timedelta(hours=JUST_NOW):
            return dg.SkipReason(f"anchored on {age.newest}")
        return dg.RunRequest(run_key=now.isoformat())

    @dg.schedule(
        **by_the_clock(
            uc,
            "hourly_clocks",
            "incident_clocks",
            "10 * * * *",
            "Legal clocks of incidents, while a report is owed: the shortest give one to three days.",
        )
    )
    def hourly_clocks(context: dg.ScheduleEvaluationContext, platform: Platform) -> dg.RunRequest | dg.SkipReason:
        lake = platform.lake
        known = lake.heads.get(uc.key("incidents")) is not None
        owed = (
            [d for d in deadlines_in(lake.current(uc.key("incidents")).json("incidents.json")) if not d.met_at]
            if known
            else []
        )
        if not owed:
            return dg.SkipReason("no incident owes a report")
        return dg.RunRequest(run_key=context.scheduled_execution_time.isoformat(timespec="minutes"))

    return [
        daily_anchor,
        hourly_clocks,
        at(
            uc,
            "daily_records",
            "records_due",
            "45 5 * * *",
            "People's records read again every day; what is overdue or expired turns red.",
        ),
        at(
            uc,
            "daily_production_check",
            "check_production",
            "15 5 * * *",
            "Pointer, ledger and event log compared every day; a lapsed approval shows here.",
        ),
        at(
            uc,
            "daily_dates",
            "dates_due",
            "30 5 * * *",
            "What time alone turns red: the internal review, open tasks, the age of the public summary.",
        ),
        at(
            uc,
            "daily_coverage",
            "coverage",
            "50 5 * * *",
            "What is asked for, which assets carry it, and how they stand; nothing new is a memo hit.",
        ),
        at(
            uc,
            "six_monthly_training_summary",
            "training_summary",
            "0 5 1 1,7 *",
            "The public summary of training content twice a year, as the AI Office's template asks.",
        ),
        at(
            uc,
            "weekly_index_maintenance",
            "maintain_index",
            "30 4 * * 0",
            "The index compacted and trained anew where it changed; nothing to do is a memo hit, and snapshots stay "
            "as they are.",
        ),
        at(
            uc,
            "nightly_refresh",
            "refresh",
            "0 2 * * *",
            "Sources are read again every night; unchanged ones are a memo hit.",
        ),
        daily_drift,
        weekly_reevaluation,
        monthly_review,
    ]

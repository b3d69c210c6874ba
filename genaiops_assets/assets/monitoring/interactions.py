"""Asset `interactions`: one day's masked questions and answers."""

from datetime import UTC, datetime
from typing import Any

import dagster as dg

from genaiops_assets.governance.incidents import note_guard_series
from genaiops_assets.lake import Workplace, write_json, write_rows
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, days_of, notice, phase, writer_pool
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.serving import DAY, day_row, day_rows, delete_expired, digest_of_day, unmasked
from genaiops_assets.use_case import UseCase


def interactions_assets(uc: UseCase) -> list[Any]:
    asset = phase(uc, "corpus")
    days = days_of(uc)

    @asset(
        kinds={"lance"},
        partitions_def=days,
        automation_condition=None,
        pool=writer_pool(uc),
        gates=["traffic"],
        article="article-12.1",
        description="The day's questions and answers, personal data masked before storage, each with the date it is "
        "deleted by. Expired ones are removed first. A guard that held back many texts on the day becomes a near miss.",
    )
    def interactions(making: Making) -> dg.MaterializeResult:
        lake, day = making.lake, making.partition
        expired = delete_expired(lake, uc, datetime.now(UTC).date().isoformat())
        rows = day_rows(lake, uc, day)
        digest = digest_of_day(rows)
        if series := note_guard_series(lake, uc, day, rows):
            making.log.warning(f"near miss: {', '.join(series)} held many texts back on {day} (asset incidents)")

        def build(place: Workplace) -> Built:
            write_rows(place.scratch / "day.parquet", DAY, map(day_row, rows))
            change = lake.tables.sync(uc.key("interactions_day"), place.scratch / "day.parquet")
            masked = sum(1 for r in rows if r["masked"])
            facts = {"day": day, "interactions": len(rows), "with_masked_personal_data": masked}
            write_json(place.staging / "interactions.json", {**facts, "retention_days": uc.monitoring.retention_days})
            channels = [
                {
                    "at": r["at"],
                    "channel": r["channel"],
                    "model_version": r["gen_ai_response_model"],
                    "seconds": r["gen_ai_client_operation_duration"],
                    "masked": r["masked"],
                    "retain_until": r["retain_until"],
                }
                for r in rows[:20]
            ]
            return Built({**facts, "expired_and_deleted": expired}, {"latest": channels}, (change.snapshot,))

        config = {"day": day, "retention_days": uc.monitoring.retention_days}
        return making.produce(build, config=config, also={"log": digest})

    @check(
        uc,
        "interactions",
        partitions_def=days,
        description="Today's rules find no personal data in the day's stored texts and names.",
    )
    def personal_data_is_masked(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        rows = day_rows(platform.lake, uc, context.partition_key)
        found = unmasked(rows)
        kinds = ", ".join(sorted({kind for row in found.values() for kind in row}))
        return notice(not found, interactions=len(rows), unmasked=len(found), kinds=kinds, ids=", ".join([*found][:5]))

    @check(
        uc,
        "interactions",
        partitions_def=days,
        description="No interaction of the day is kept beyond the date it is deleted by, or dated after today.",
    )
    def dates_are_kept(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        rows, today = day_rows(platform.lake, uc, context.partition_key), datetime.now(UTC).date().isoformat()
        late = [r["id"] for r in rows if r["retain_until"] < today]
        ahead = [r["id"] for r in rows if r["day"] > today]
        return notice(not late and not ahead, interactions=len(rows), overdue=len(late), in_the_future=len(ahead))

    return [interactions, personal_data_is_masked, dates_are_kept]

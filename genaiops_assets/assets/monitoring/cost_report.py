"""Asset `cost_report`: what a day's assets and answers cost, by the price list of the use case."""

from datetime import UTC, date, datetime
from typing import Any

import dagster as dg

from genaiops_assets.governance.costs import costs_of_answers, costs_of_assets, made_on
from genaiops_assets.lake import Workplace, digest_of, write_json
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, days_of, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.serving import day_rows, digest_of_day
from genaiops_assets.use_case import UseCase

CODE = "1"
FILE = "cost_report.json"
OLD = 366  # days after which prices should be looked at again


def cost_report_assets(uc: UseCase) -> list[Any]:
    days = days_of(uc)

    @phase(uc, "monitoring")(
        kinds={"json"},
        partitions_def=days,
        automation_condition=None,
        parts=["interactions"],
        article="article-72.2",
        code_version=CODE,
        description="What the day's assets cost by their seconds, and a thousand answers by tokens and seconds, by the "
        "price list of the use case file.",
    )
    def cost_report(making: Making) -> dg.MaterializeResult:
        lake, day = making.lake, making.partition
        rows = day_rows(lake, uc, day)
        made = [pair for pair in made_on(lake, uc, day) if not pair[0].endswith("/cost_report")]
        prices = uc.prices.model_dump(mode="json") if uc.prices else None

        def build(place: Workplace) -> Built:
            assets, answers = costs_of_assets(lake, made, uc.prices), costs_of_answers(rows, uc.prices)
            write_json(
                place.staging / FILE,
                {"schema_version": 1, "day": day, "prices": prices, "assets": assets, "answers": answers},
            )
            figures = {
                "currency": uc.prices.currency if uc.prices else "no price list",
                "seconds_of_assets": round(sum(row["seconds"] for row in assets), 3),
                "cost_of_assets": total(assets),
                "answers": answers["answers"],
                "cost_per_1000_answers": answers["cost_per_1000"],
            }
            return Built({k: v for k, v in figures.items() if v is not None}, {"assets": assets, "answers": [answers]})

        also = {"log": digest_of_day(rows), "made": digest_of(made)}
        return making.produce(build, config={"day": day, "prices": prices}, also=also)

    @check(
        uc,
        "cost_report",
        partitions_def=days,
        description="There is a price list, not older than a year, and every answer of the day could be priced.",
    )
    def costs_are_counted(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        report = platform.lake.current(uc.key("cost_report"), context.partition_key).json(FILE)
        problems = cost_problems(report, datetime.now(UTC).date())
        return notice(not problems, problems="; ".join(problems) or "none", answers=report["answers"]["answers"])

    return [cost_report, costs_are_counted]


def cost_problems(report: dict[str, Any], today: date) -> list[str]:
    """Why the costs of a day are not what they should be, in words."""
    if report["prices"] is None:
        return ["no price list: write section `prices` into the use case file"]
    age = (today - date.fromisoformat(report["prices"]["as_of"])).days
    problems = [f"the prices are {age} days old"] if age > OLD else []
    unknown = report["answers"]["answers"] - report["answers"]["counted"]
    return [*problems, *([f"{unknown} answers without tokens or seconds are not priced"] if unknown else [])]


def total(assets: list[dict[str, Any]]) -> float | None:
    costs = [row["cost"] for row in assets]
    return None if None in costs else round(sum(costs), 6)

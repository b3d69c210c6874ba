"""Asset `rating_report`: what can be said of the people who rate, before anything rests on their ratings."""

from dataclasses import asdict
from typing import Any

import dagster as dg

from genaiops_assets.evidence import draw_bars, draw_intervals
from genaiops_assets.labelling import all_ratings, rating_problems, rating_report_of
from genaiops_assets.lake import Workplace, digest_of, write_json
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase

CODE = "1"
FILE = "rating_report.json"


def rating_report_assets(uc: UseCase) -> list[Any]:
    @phase(uc, "alignment")(
        kinds={"json"},
        parts=["preference_pairs"],
        automation_condition=None,
        code_version=CODE,
        smactr="testing",
        description="The ratings of `genaiops label`, rater by rater: how many, how fast, whether the side decided, "
        "and how far raters agree with each other and with the judge.",
    )
    def rating_report(making: Making) -> dg.MaterializeResult:
        ratings = all_ratings(making.lake, uc)

        def build(place: Workplace) -> Built:
            report = rating_report_of(ratings)
            write_json(place.staging / FILE, report)
            if report["raters"]:
                left = {rater["rater"]: rater["left"] for rater in report["raters"]}
                draw_intervals(
                    place.staging / "views/share of left.png",
                    "How often the left answer won (0.5: by its merits)",
                    left,
                )
                seconds = {rater["rater"]: rater["seconds"] for rater in report["raters"]}
                draw_bars(place.staging / "views/seconds.png", "Seconds a rating (median)", seconds, unit=" s")
            figures = {
                "ratings": report["ratings"],
                "raters": len(report["raters"]),
                "left_share": report["position"]["mean"],
                "problems": len(rating_problems(report)),
            }
            tables = {
                "raters": [flat(r) for r in report["raters"]],
                "agreements": [flat(a) for a in report["agreements"]],
            }
            return Built({k: v for k, v in figures.items() if v is not None}, tables)

        return making.produce(build, config={}, also={"ratings": digest_of([asdict(r) for r in ratings])})

    @check(
        uc,
        "rating_report",
        description="No rater prefers a side, rates faster than the texts can be read, or agrees with another by "
        "chance alone.",
    )
    def ratings_can_be_relied_on(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        report = platform.lake.current(uc.key("rating_report")).json(FILE)
        problems = rating_problems(report)
        told = "; ".join(problems) or "none"
        return notice(not problems, problems=told, ratings=report["ratings"], raters=len(report["raters"]))

    return [rating_report, ratings_can_be_relied_on]


def flat(row: dict[str, Any]) -> dict[str, Any]:
    """A row for people: a share as its mean and interval in one cell, several names in one."""
    return {name: in_a_cell(value) for name, value in row.items()}


def in_a_cell(value: Any) -> Any:
    if isinstance(value, dict):
        if value["mean"] is None:
            return "–"
        return f"{value['mean']:.2f} [{value['low']:.2f}, {value['high']:.2f}], n = {value['n']}"
    return ", ".join(value) if isinstance(value, list) else value

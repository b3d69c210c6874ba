"""Asset `human_eval_report`: what people prefer of two versions, by the plans stated before their first ratings."""

from dataclasses import asdict
from typing import Any

import dagster as dg

from genaiops_assets.evidence import draw_intervals
from genaiops_assets.labelling import all_ratings, plan_problems, result_of, stated_plans
from genaiops_assets.lake import Workplace, digest_of, write_json
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase

CODE = "1"
FILE = "human_eval_report.json"


def human_eval_report_assets(uc: UseCase) -> list[Any]:
    @phase(uc, "evaluation")(
        kinds={"json"},
        parts=["golden_set"],
        automation_condition=None,
        article="article-15.1",
        code_version=CODE,
        description="Two versions side by side, judged blind by people (`genaiops label --versions`): the plan stated "
        "before, an exact paired test, and bounds for what was not rated. One file a comparison.",
    )
    def human_eval_report(making: Making) -> dg.MaterializeResult:
        lake = making.lake
        plans = stated_plans(lake, uc)
        ratings = {name: all_ratings(lake, uc, name) for name in plans}

        def build(place: Workplace) -> Built:
            results = {name: result_of(plan, ratings[name]) for name, plan in plans.items()}
            write_json(place.staging / FILE, {"schema_version": 1, "comparisons": results})
            if results:
                shown = {
                    f"{plans[name].second} over {plans[name].first}": {"mean": found["net"], **limits(found)}
                    for name, found in results.items()
                }
                picture = place.staging / "views/net preference.png"
                draw_intervals(picture, "Net preference for the second version", shown, zero=True)
            rows = [row_of(name, found) for name, found in results.items()]
            return Built(
                {"comparisons": len(results), "ratings": sum(len(r) for r in ratings.values())}, {"results": rows}
            )

        given = {
            "plans": digest_of({name: plan.to_dict() for name, plan in plans.items()}),
            "ratings": digest_of({name: [asdict(row) for row in rows] for name, rows in ratings.items()}),
        }
        return making.produce(build, config={}, also=given)

    @check(
        uc,
        "human_eval_report",
        description="Every comparison followed its plan: stated before the first rating, one guideline, few questions "
        "without a verdict, and the side did not decide.",
    )
    def comparisons_followed_their_plan(
        context: dg.AssetCheckExecutionContext, platform: Platform
    ) -> dg.AssetCheckResult:
        found = platform.lake.current(uc.key("human_eval_report")).json(FILE)["comparisons"]
        problems = [problem for result in found.values() for problem in plan_problems(result)]
        return notice(not problems, problems="; ".join(problems) or "none", comparisons=len(found))

    return [human_eval_report, comparisons_followed_their_plan]


def limits(found: dict[str, Any]) -> dict[str, Any]:
    return {"low": found["interval"]["low"], "high": found["interval"]["high"]}


def row_of(name: str, found: dict[str, Any]) -> dict[str, Any]:
    plan = found["plan"]
    return {
        "first": plan["first"],
        "second": plan["second"],
        "verdict": found["verdict"],
        "planned": plan["size"],
        "first_preferred": found["wins"][plan["first"]],
        "second_preferred": found["wins"][plan["second"]],
        "ties": found["ties"],
        "missing": found["missing"],
        "p": found["p_value"],
        "net": found["net"],
        "low": found["interval"]["low"],
        "high": found["interval"]["high"],
        "raters": ", ".join(found["raters"]),
    }

"""Asset `mitigation_plan`: what is done about each risk, by whom, until when; late is red."""

from datetime import UTC, datetime
from typing import Any

import dagster as dg

from genaiops_assets.governance.risk import build_mitigation_plan, late_actions
from genaiops_assets.lake import Workplace, write_json
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, data_gate, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase

NAME = "mitigation_plan"
FILE = f"{NAME}.json"
COLUMNS = ("id", "title", "strategy", "owner", "due", "done_on", "verified_by")


def mitigation_plan_assets(uc: UseCase) -> list[Any]:
    @phase(uc, "release")(
        kinds={"json"},
        reads=["records"],
        article="article-9.2",
        description="What is done about each risk and failure mode: strategy, owner, due date, what shows that it "
        "works. People write the records of kind mitigation; risks that nothing answers are named.",
    )
    def mitigation_plan(making: Making) -> dg.MaterializeResult:
        content = build_mitigation_plan(uc, making.read("records").json("records.json")["records"])

        def build(place: Workplace) -> Built:
            write_json(place.staging / FILE, content)
            rows = [
                {**{c: one[c] or "" for c in COLUMNS}, "about": ", ".join([*one["risks"], *one["failure_modes"]])}
                for one in content["actions"]
            ]
            done = sum(bool(one["done_on"]) for one in content["actions"])
            figures = {"actions": len(rows), "done": done, "risks_without_action": len(content["untreated"])}
            return Built(figures, {"actions": rows})

        return making.produce(build, config=content)

    @check(uc, NAME, description="No action was due before today and is not done. Asked daily.")
    def no_action_is_overdue(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        late = late_actions(plan_of(platform, uc), datetime.now(UTC).date())
        return data_gate(not late, late=len(late), which="; ".join(late[:10]) or "none")

    @check(uc, NAME, description="Every open risk has an action about it, or somebody accepted it.")
    def every_risk_is_answered(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        untreated = plan_of(platform, uc)["untreated"]
        return notice(not untreated, unanswered=", ".join(untreated) or "none")

    @check(
        uc,
        NAME,
        description="Failure modes name actions that are there, and what shows that an action works can be measured.",
    )
    def actions_can_be_verified(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        problems = plan_of(platform, uc)["problems"]
        return data_gate(not problems, problems="; ".join(problems[:10]) or "none")

    return [mitigation_plan, no_action_is_overdue, every_risk_is_answered, actions_can_be_verified]


def plan_of(platform: Platform, uc: UseCase) -> dict[str, Any]:
    return platform.lake.current(uc.key(NAME)).json(FILE)

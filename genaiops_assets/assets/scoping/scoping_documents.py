"""Asset `scoping_documents`: ethical review, principles, social impact, stakeholder map, feasibility and thresholds, as
people wrote them."""

from typing import Any

import dagster as dg

from genaiops_assets.evidence import labels, render_template
from genaiops_assets.governance.risk import build_scoping, dated_late, enter_thresholds, read_scoping, seen_late
from genaiops_assets.lake import Workplace, write_json
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase

NAME = "scoping_documents"
FILE, PAGE = f"{NAME}.json", f"{NAME}.md"
CHECKS = {  # document → its check, and what that check asks
    "ethical_review": ("use_was_reviewed", "Somebody who does not build it reviewed the intended use and accepted it."),
    "principles": (
        "every_principle_is_tied",
        "Each principle hangs on a metric of this use case or on a check by a named person; none is an orphan.",
    ),
    "social_impact": ("impact_is_assessed", "Who gains, who may be harmed and what is done about it is written down."),
    "stakeholders": (
        "everybody_is_on_the_map",
        "Each activity has somebody who answers for it and somebody who does it, and those outside are named.",
    ),
    "feasibility": ("it_was_found_feasible", "Whether this can be done this way was looked at, and the answer is yes."),
    "thresholds": (
        "thresholds_are_stated",
        "Acceptable errors hang on a metric or a check, and it says when a person must look.",
    ),
}


def scoping_document_assets(uc: UseCase) -> list[Any]:
    @phase(uc, "scoping")(
        kinds={"json", "markdown"},
        reads=["use_case_scope", "success_criteria"],
        article="article-9.2",
        smactr="mapping",
        automation_condition=None,
        description="What people wrote before anything was built, one file each in the use case's folder `scoping`: "
        "ethical review, principles, social impact, feasibility, thresholds; and the stakeholder map of its file. "
        "What nobody wrote is a gap by name.",
    )
    def scoping_documents(making: Making) -> dg.MaterializeResult:
        found = read_scoping(uc)
        enter_thresholds(making.lake, uc, found)
        content = build_scoping(uc, found)
        making.read("use_case_scope")
        making.read("success_criteria")

        def build(place: Workplace) -> Built:
            write_json(place.staging / FILE, content)
            context = {"content": content, "t": labels(uc.language)}
            (place.staging / PAGE).write_text(render_template("scoping_documents.md.j2", context), encoding="utf-8")
            figures = {
                "gaps": sum(map(len, content["gaps"].values())),
                "problems": sum(map(len, content["problems"].values())),
                "stakeholders": len(content["stakeholders"]),
            }
            return Built(figures, {"stakeholders": [map_row(one) for one in content["stakeholders"]]}, page=PAGE)

        return making.produce(build, config=content)

    @check(
        uc,
        NAME,
        description="The thresholds were dated and entered into the ledger before the first model plan, not to fit it.",
    )
    def thresholds_came_before_training(
        context: dg.AssetCheckExecutionContext, platform: Platform
    ) -> dg.AssetCheckResult:
        found = read_scoping(uc)
        late, unseen = dated_late(platform.lake, uc, found), seen_late(platform.lake, uc, found)
        severity = dg.AssetCheckSeverity.ERROR if late else dg.AssetCheckSeverity.WARN
        told = {"date": late or "before the first model plan", "ledger": unseen or "before the first model plan"}
        return dg.AssetCheckResult(passed=not late and not unseen, severity=severity, metadata=told)

    return [scoping_documents, *(document_check(uc, kind) for kind in CHECKS), thresholds_came_before_training]


def document_check(uc: UseCase, kind: str) -> Any:
    """A gap is a warning, a problem is an error: the first is work left, the second is work that does not hold."""
    name, description = CHECKS[kind]

    @check(uc, NAME, name=name, description=description)
    def written_and_sound(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        made = platform.lake.current(uc.key(NAME)).json(FILE)
        problems, gaps = made["problems"][kind], made["gaps"].get(kind, [])
        severity = dg.AssetCheckSeverity.ERROR if problems else dg.AssetCheckSeverity.WARN
        told = {"problems": "; ".join(problems[:10]) or "none", "gaps": "; ".join(gaps[:10]) or "none"}
        return dg.AssetCheckResult(passed=not problems and not gaps, severity=severity, metadata=told)

    return written_and_sound


def map_row(stakeholder: dict[str, Any]) -> dict[str, Any]:
    raci = ", ".join(f"{activity} {part}" for activity, part in stakeholder["raci"].items())
    return {"who": stakeholder["name"], "side": stakeholder["side"], "raci": raci, "concern": stakeholder["concern"]}

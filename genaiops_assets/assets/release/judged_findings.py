"""Findings of the judgement itself that forbid a release: a class of attacks above its limit, a suite that is stale.

Belongs here: what of plan and reports of a version goes into them. Does not belong here: the rules (`evaluation`),
findings from what people wrote (`governance/risk/blocking.py`). Unlike those they are found when a version is decided
on, and not again at its promotion: an approval is bound to the report it saw."""

from typing import Any

from genaiops_assets.evaluation import EvaluationPlan, forbidden_classes, stale_suites
from genaiops_assets.lake import Lake, UnresolvedReference
from genaiops_assets.orchestration.making import Making
from genaiops_assets.use_case import UseCase

RED_TEAM = "red_team_report"


def judged_findings(making: Making, judged_by: EvaluationPlan, others: dict[str, dict[str, Any]]) -> list[str]:
    """One sentence a finding. `others`: reports that the decision reads besides the evaluation report."""
    uc = making.uc
    found = stale_suites(judged_by, uc.evaluation.suites, items_now(making.lake, uc)) if judged_by.suites else []
    return found + (forbidden_classes(others[RED_TEAM], uc.red_team.no_go_above) if forbids(uc) and uc.red_team else [])


def forbids(uc: UseCase) -> bool:
    """Whether a class of attacks may forbid a release."""
    return uc.red_team is not None and uc.red_team.no_go_above is not None


def items_now(lake: Lake, uc: UseCase) -> dict[str, str]:
    """Suite → digest of the use case's own items; "" where the reference leads nowhere."""
    found = {}
    for name, ref in uc.evaluation.suite_items.items():
        try:
            found[name] = lake.resolve(ref, uc.folder).digest
        except UnresolvedReference:
            found[name] = ""
    return found

"""Reports besides the evaluation report that gates may point at.

Belongs here: which a use case's gates point at, and reading those of a version. Does not belong here: the gates
(`evaluation`)."""

from collections.abc import Iterable
from typing import Any

from genaiops_assets.assets.release.judged_findings import RED_TEAM, forbids
from genaiops_assets.lake import Artifact, Lake
from genaiops_assets.orchestration.gates import refusal, require_gates
from genaiops_assets.orchestration.making import Making
from genaiops_assets.use_case import Criterion, UseCase

FIRST = "eval_report"


def further_reports(uc: UseCase) -> list[str]:
    """Assets: a decision waits for these, and for no report that none of its gates looks at."""
    return asked_for(uc, uc.success_criteria.gates)


def asked_for(uc: UseCase, gates: Iterable[Criterion]) -> list[str]:
    """Those of the gates, and the red team's where a class of attacks may forbid a release."""
    return sorted({*(gate.asset for gate in gates), *([RED_TEAM] if forbids(uc) else [])} - {FIRST})


def read_further_reports(making: Making, gates: Iterable[Criterion]) -> dict[str, dict[str, Any]]:
    """Asset → its report of this version. Raises dg.Failure where one did not pass its checks or the use case's own
    gates point elsewhere by now, NotMaterialized naming what to materialize."""
    declared, asked, found = further_reports(making.uc), asked_for(making.uc, gates), {}
    for asset in declared:
        if asset not in asked:
            making.take(asset, None)
    for asset in asked:
        if asset not in declared:
            raise refusal(
                f"{making.partition} is to be judged by criteria that point at {asset}, those of the use case do not "
                "any more: materialize evaluation_plan again (job judge)"
            )
        report = making.read(asset, partition=making.partition)
        require_gates(making.lake, making.uc, {asset: report.digest})
        found[asset] = content_of(report, asset)
    return found


def newest_further_reports(lake: Lake, uc: UseCase, version: str) -> dict[str, Artifact]:
    """Those of a version that was decided on before, where they are there."""
    return {
        asset: lake.current(uc.key(asset), version)
        for asset in further_reports(uc)
        if lake.heads.get(uc.key(asset), version)
    }


def content_of(report: Artifact, asset: str) -> dict[str, Any]:
    return report.json(f"{asset}.json")

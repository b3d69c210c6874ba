"""Asset `release_decision`: the gates applied to the evaluation, and the human approval that waits on it."""

from datetime import UTC, datetime
from typing import Any

import dagster as dg

from genaiops_assets.assets.evaluation.judge_validation import ASSET, limits_of_judges, standings
from genaiops_assets.assets.release.champion import compared_with_champion
from genaiops_assets.assets.release.further_reports import further_reports, read_further_reports
from genaiops_assets.assets.release.judged_findings import judged_findings
from genaiops_assets.assets.release.model_card import card_problems
from genaiops_assets.evaluation import apply_gates, evaluation_plan_of, gate_rows, missed, rule_set, verdict
from genaiops_assets.governance.release import approval_in_words, approval_of
from genaiops_assets.governance.risk import blocking_findings
from genaiops_assets.lake import Workplace, write_json
from genaiops_assets.orchestration.approval_checks import approval_result
from genaiops_assets.orchestration.automation import when_version_is_new
from genaiops_assets.orchestration.gates import require_gates
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, phase, versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import Criterion, UseCase

READS = ("evaluation_plan", "model_card", "eval_report", "success_criteria", "use_case_scope", "release_bundle")


def release_assets(uc: UseCase) -> list[Any]:
    asset = phase(uc, "release")
    versions = versions_of(uc)

    @asset(
        kinds={"json"},
        reads=[*READS, *further_reports(uc), *([ASSET] if uc.evaluation.judges else [])],
        parts=["records"],
        gates=["fmea"],
        partitions_def=versions,
        automation_condition=when_version_is_new(),
        article="article-9.8",
        description="The gates of the success criteria applied to the evaluation: go, no_go or undecided, with "
        "reasons; a finding that forbids a release, as a residual risk that nobody accepted or a stale suite, makes it "
        "a no_go. It always materializes; a person decides after it.",
    )
    def release_decision(making: Making) -> dg.MaterializeResult:
        lake, version = making.lake, making.partition
        judged_by = evaluation_plan_of(lake, uc, version)
        report = making.read("eval_report", partition=version)
        card = making.read("model_card", partition=version)
        criteria = making.read("success_criteria", judged_by.criteria.digest)
        require_gates(lake, uc, {"eval_report": report.digest, "model_card": card.digest})
        making.read("use_case_scope")
        making.read("release_bundle", partition=version)
        measured = making.read_if_there(ASSET) if uc.evaluation.judges else None
        planned = lake.heads.get(uc.key("evaluation_plan"), version)  # models of version 0.1 have none
        making.take("evaluation_plan", planned["digest"] if planned else None)
        gates = [Criterion(**g) for g in criteria.json("criteria.json")["gates"]]
        others = read_further_reports(making, gates)
        evidence = making.inputs()
        compared, champion = compared_with_champion(lake, uc, version, report, judged_by.settings.resamples, gates)
        before = lake.artifacts.get(uc.key("eval_report"), champion["report"]) if champion else None
        believed = standings(uc, measured, before.json("eval_report.json").get("judges") if before else None)
        blocked = blocking_findings(lake, uc, version, datetime.now(UTC).date())
        blocked += judged_findings(making, judged_by, others)

        def build(place: Workplace) -> Built:
            results = apply_gates(gates, report.json("eval_report.json"), compared, others, believed)
            broken = card_problems(lake, uc, version)
            by_gates = "no_go" if broken else verdict(results)
            final = "no_go" if blocked else by_gates
            decision = {
                "schema_version": 1,
                "model_version": version,
                "verdict": final,
                "gates": [r.to_dict() for r in results],
                "rules": rule_set(),
                **({"should_have_passed": short} if (short := missed(results)) else {}),
                **({"champion": champion} if champion else {}),
                "broken_claims": broken,
                **({"blocked_by": blocked, "by_gates": by_gates} if blocked else {}),
                "evidence": evidence,
                "decided_by": "gates; a named person approves or rejects after this",
            }
            write_json(place.staging / "decision.json", decision)
            return Built(
                {"verdict": final, "gates_passed": sum(r.status == "pass" for r in results)},
                {"gates": gate_rows(results), "blocked_by": [{"finding": finding} for finding in blocked]},
                ledger_head=lake.ledger.head_hash(),
            )

        beaten = {"champion": champion["report"]} if champion else {}
        config = ({"blocked_by": blocked} if blocked else {}) | limits_of_judges(uc)
        return making.produce(build, config=config, also=beaten)

    @check(
        uc,
        "release_decision",
        partitions_def=versions,
        description="A named approver's decision on this version. Waiting is a warning, rejected or lapsed an error.",
    )
    def human_approval(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake, version = platform.lake, context.partition_key
        return approval_result(approval_of(lake, uc, version), uc, approval_in_words(lake, uc, version))

    return [release_decision, human_approval]

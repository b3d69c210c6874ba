"""Release: the model card, the decision by the gates, the waiting human approval, and what is in production."""

from typing import Any

import dagster as dg

from genaiops_assets.assets.claims import broken_claims, evidence
from genaiops_assets.assets.phases import SMACTR, check, group_of, notice, owner_name, phase, versions_of
from genaiops_assets.assets.platform import Platform
from genaiops_assets.assets.produce import Built, key_of, produce
from genaiops_assets.assets.training import plan_of
from genaiops_assets.automation import when_version_is_new
from genaiops_assets.evaluation import judge, verdict
from genaiops_assets.governance import (
    Approval,
    Evidence,
    approval_of,
    build_card,
    gaps,
    placeholders,
    pointer_problem,
    production,
    render_card,
)
from genaiops_assets.lake import Lake, Workplace, write_json
from genaiops_assets.use_case import Criterion, UseCase


def evidence_of(lake: Lake, uc: UseCase, version: str) -> dict[str, Evidence | None]:
    """All a model card rests on: everything from the frozen plan, nothing "latest" but the version's own reports."""
    plan_artifact, plan = plan_of(lake, uc, version)
    checkpoint = lake.current(key_of(uc, "aligned_checkpoint"), version)
    tuned = plan["training"]["method"] != "none"
    pinned = {
        "base_model": plan["training"]["base"]["record"],
        "filtered_corpus": plan["training"]["corpus"]["digest"],
        "success_criteria": plan["evaluation"]["criteria"]["digest"],
    }
    base, corpus, criteria = (evidence(lake.artifacts.get(key_of(uc, n), d)) for n, d in pinned.items())
    report = evidence(lake.current(key_of(uc, "eval_report"), version))
    return {
        "plan": evidence(plan_artifact),
        "evaluation": report,
        "corpus": corpus,
        "base_model": base,
        "training": evidence(checkpoint) if tuned else None,
        "criteria": criteria,
    }


def release_assets(uc: UseCase) -> list[Any]:
    asset = phase(uc, "release")
    versions = versions_of(uc)

    @asset(
        kinds={"markdown", "json"},
        deps=["eval_report", "aligned_checkpoint"],
        partitions_def=versions,
        automation_condition=when_version_is_new(),
        article="article-13.3",
        description="The model card: every number a claim on the artifact it came from; what only people can write is theirs or a named gap.",
    )
    def model_card(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        lake, version = platform.lake, context.partition_key
        found = evidence_of(lake, uc, version)
        config = uc.model_dump(mode="json", include={"title", "language", "risk", "purpose", "people", "card", "success_criteria"})

        def build(place: Workplace) -> Built:
            card = build_card(uc, **found)  # type: ignore[arg-type]
            write_json(place.staging / "model_card.json", card)
            text = render_card(card)
            (place.staging / "README.md").write_text(text, encoding="utf-8")
            missing = gaps(card)
            return Built({"gaps": len(missing), "characters": len(text)}, {"named gaps": [{"gap": g} for g in missing]})

        inputs = {k: e.digest for k, e in found.items() if e is not None}
        return produce(context, platform, uc, "model_card", inputs=inputs, config=config, code_version="1", build=build, partition=version)

    @check(uc, "model_card", partitions_def=versions, description="No template text and no gap is left in the card.")
    def card_is_complete(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        card = platform.lake.current(key_of(uc, "model_card"), context.partition_key)
        left = placeholders(card.local("README.md").read_text("utf-8")) + gaps(card.json("model_card.json"))
        return notice(not left, left="; ".join(left[:10]) or "nothing")

    @check(
        uc,
        "model_card",
        blocking=True,
        partitions_def=versions,
        description="Every number in the card equals the artifact it points at.",
    )
    def claims_hold(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        found = card_problems(platform.lake, uc, context.partition_key)
        return dg.AssetCheckResult(
            passed=not found, severity=dg.AssetCheckSeverity.ERROR, metadata={"problems": "; ".join(found[:10]) or "none"}
        )

    @asset(
        kinds={"json"},
        deps=["model_card", "eval_report"],
        partitions_def=versions,
        automation_condition=when_version_is_new(),
        article="article-9.8",
        description="The gates of the success criteria applied to the evaluation: go, no_go or undecided, with reasons. It always materializes; a person decides after it.",
    )
    def release_decision(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        lake, version = platform.lake, context.partition_key
        _, plan = plan_of(lake, uc, version)
        report = lake.current(key_of(uc, "eval_report"), version)
        card = lake.current(key_of(uc, "model_card"), version)
        criteria = lake.artifacts.get(key_of(uc, "success_criteria"), plan["evaluation"]["criteria"]["digest"])

        def build(place: Workplace) -> Built:
            gates = [Criterion(**g) for g in criteria.json("criteria.json")["gates"]]
            results = [judge(g, report.json("eval_report.json")) for g in gates]
            broken = card_problems(lake, uc, version)
            final = "no_go" if broken else verdict(results)
            decision = {
                "schema_version": 1,
                "model_version": version,
                "verdict": final,
                "gates": [r.to_dict() for r in results],
                "broken_claims": broken,
                "evidence": {"eval_report": report.digest, "model_card": card.digest, "success_criteria": criteria.digest},
                "decided_by": "gates; a named person approves or rejects after this",
            }
            write_json(place.staging / "decision.json", decision)
            rows = [
                {"gate": r.id, "status": r.status, "reason": r.reason, "needed_items": r.needed_items, "rationale": r.rationale}
                for r in results
            ]
            return Built(
                {"verdict": final, "gates_passed": sum(r.status == "pass" for r in results)},
                {"gates": rows},
                ledger_head=lake.ledger.head_hash(),
            )

        inputs = {"eval_report": report.digest, "model_card": card.digest, "success_criteria": criteria.digest}
        return produce(
            context, platform, uc, "release_decision", inputs=inputs, config={}, code_version="1", build=build, partition=version
        )

    @check(
        uc,
        "release_decision",
        partitions_def=versions,
        description="A named approver's decision on this version. Waiting is a warning, rejected or lapsed an error.",
    )
    def human_approval(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        return approval_result(approval_of(platform.lake, uc, context.partition_key), uc)

    production_model = dg.AssetSpec(
        dg.AssetKey([uc.name, "production_model"]),
        deps=[dg.AssetKey([uc.name, "release_decision"])],
        group_name=group_of(uc, "release"),
        kinds={"pointer"},
        owners=[owner_name(p) for p in uc.people.owners],
        tags={"phase": "release", "smactr": SMACTR["release"], "article": "article-14.4"},
        description="The released model version. Only the promote and rollback jobs write it: lake pointer and ledger first, then this event.",
    )

    @check(
        uc,
        "production_model",
        description="Pointer, ledger and Dagster's event log name the same version, and its approval still holds.",
    )
    def event_log_agrees_with_pointer(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        return agreement(context.instance, platform.lake, uc)

    return [
        model_card,
        card_is_complete,
        claims_hold,
        release_decision,
        human_approval,
        production_model,
        event_log_agrees_with_pointer,
    ]


def agreement(instance: dg.DagsterInstance, lake: Lake, uc: UseCase) -> dg.AssetCheckResult:
    """Pointer, ledger and event log on production, and whether the approval still holds (a lapse never withdraws, it warns)."""
    now = production(lake, uc)
    event = instance.get_latest_materialization_event(dg.AssetKey([uc.name, "production_model"]))
    told = event.asset_materialization.metadata["model_version"].value if event and event.asset_materialization else None
    problem = pointer_problem(lake, uc)
    agrees = problem is None and told == (now.model_version if now else None)
    found = approval_of(lake, uc, now.model_version) if now else None
    approval = found.status if found else "none"
    severity = dg.AssetCheckSeverity.WARN if agrees else dg.AssetCheckSeverity.ERROR
    shown = {
        "pointer": now.model_version if now else "none",
        "event_log": str(told or "none"),
        "ledger": problem or "agrees",
        "approval": approval,
        "erased_since": erased_in_words(found),
    }
    return dg.AssetCheckResult(passed=agrees and approval in ("none", "approved"), severity=severity, metadata=shown)


def card_problems(lake: Lake, uc: UseCase, version: str) -> list[str]:
    """Claims of a version's card that do not hold."""
    return broken_claims(lake, lake.current(key_of(uc, "model_card"), version).json("model_card.json"))


def approval_result(approval: Approval, uc: UseCase) -> dg.AssetCheckResult:
    waiting = approval.status == "waiting"
    severity = dg.AssetCheckSeverity.WARN if waiting else dg.AssetCheckSeverity.ERROR
    shown = {
        "status": approval.status,
        "approvers": ", ".join(uc.people.approvers),
        "decided_by": approval.name or "nobody yet",
        "reason": approval.reason or "none",
        "changed_since": ", ".join(approval.changed) or "nothing",
        "erased_since": erased_in_words(approval),
    }
    return dg.AssetCheckResult(passed=approval.status == "approved", severity=severity, metadata=shown)


def erased_in_words(approval: Approval | None) -> str:
    """The flag of an approval whose version was trained on what was erased since: it holds, and people should know."""
    return "; ".join(approval.erased_since if approval else ()) or "nothing it was trained on"

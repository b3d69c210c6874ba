"""Asset `model_card`: every number a claim on the artifact it came from."""

from typing import Any

import dagster as dg

from genaiops_assets.alignment import Data, method_of, plan_of
from genaiops_assets.assets.release.release_history import history_for
from genaiops_assets.evaluation import evaluation_plan_of
from genaiops_assets.evidence import Evidence, find_gaps, placeholders
from genaiops_assets.governance.documents import build_card, render_card
from genaiops_assets.lake import Lake, Workplace, write_json
from genaiops_assets.orchestration.automation import when_version_is_new
from genaiops_assets.orchestration.claims import broken_claims, evidence
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, notice, phase, versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase


def evidence_of(lake: Lake, uc: UseCase, version: str) -> dict[str, Evidence | None]:
    """All a model card rests on: everything from the model plan and the evaluation plan, nothing "latest" but the
    version's own reports."""
    plan_artifact, plan = plan_of(lake, uc, version)
    checkpoint = lake.current(uc.key("aligned_checkpoint"), version)
    tuned = method_of(plan.training.method).data is not Data.NOTHING
    judged_by = evaluation_plan_of(lake, uc, version)
    pinned = {
        "base_model": plan.training.base.record,
        "filtered_corpus": plan.training.corpus.digest,
        "success_criteria": judged_by.criteria.digest,
    }
    base, corpus, criteria = (evidence(lake.artifacts.get(uc.key(n), d)) for n, d in pinned.items())
    report = evidence(lake.current(uc.key("eval_report"), version))
    return {
        "plan": evidence(plan_artifact),
        "evaluation": report,
        "corpus": corpus,
        "base_model": base,
        "training": evidence(checkpoint) if tuned else None,
        "criteria": criteria,
        "evaluation_plan": report_of(lake, uc, "evaluation_plan", version),
        "losses": report_of(lake, uc, "tuning_losses", version),
        "scope": evidence(lake.current(uc.key("use_case_scope"))),
        "design": report_of(lake, uc, "design_history"),
        "history": history_for(lake, uc, version),
    }


def report_of(lake: Lake, uc: UseCase, asset: str, version: str | None = None) -> Evidence | None:
    """What a version, or the use case, has of an asset; None for one made before there was such an asset: the model
    plan itself says what that is judged by, and nothing says what it lost."""
    if lake.heads.get(uc.key(asset), version) is None:
        return None
    return evidence(lake.current(uc.key(asset), version))


def card_problems(lake: Lake, uc: UseCase, version: str) -> list[str]:
    """Claims of a version's card that do not hold."""
    return broken_claims(lake, lake.current(uc.key("model_card"), version).json("model_card.json"))


def model_card_assets(uc: UseCase) -> list[Any]:
    asset = phase(uc, "release")
    versions = versions_of(uc)

    @asset(
        kinds={"markdown", "json"},
        reads={
            "evaluation": "eval_report",
            "training": "aligned_checkpoint",
            "evaluation_plan": "evaluation_plan",
            "losses": "tuning_losses",
            "scope": "use_case_scope",
            "design": "design_history",
            "history": "release_history",
        },
        partitions_def=versions,
        automation_condition=when_version_is_new(),
        article="article-13.3",
        description="The model card: every number a claim on the artifact it came from; what only people can write "
        "is theirs or a named gap.",
    )
    def model_card(making: Making) -> dg.MaterializeResult:
        lake, version = making.lake, making.partition
        found = evidence_of(lake, uc, version)
        config = uc.model_dump(
            mode="json", include={"title", "language", "risk", "purpose", "people", "card", "success_criteria"}
        )

        def build(place: Workplace) -> Built:
            card = build_card(uc, **found)  # type: ignore[arg-type]
            write_json(place.staging / "model_card.json", card)
            text = render_card(card)
            (place.staging / "README.md").write_text(text, encoding="utf-8")
            missing = find_gaps(card)
            figures = {**deciding_figures(found), "gaps": len(missing)}
            return Built(figures, {"named gaps": [{"gap": g} for g in missing]}, page="README.md")

        digests = {k: e.digest for k, e in found.items() if e is not None}
        for name, declared in making.reads.digests.items():
            making.take(declared, digests.get(name))
        return making.produce(build, config=config, also=digests)

    @check(uc, "model_card", partitions_def=versions, description="No template text and no gap is left in the card.")
    def card_is_complete(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        card = platform.lake.current(uc.key("model_card"), context.partition_key)
        left = placeholders(card.local("README.md").read_text("utf-8")) + find_gaps(card.json("model_card.json"))
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
            passed=not found,
            severity=dg.AssetCheckSeverity.ERROR,
            metadata={"problems": "; ".join(found[:10]) or "none"},
        )

    return [model_card, card_is_complete, claims_hold]


def deciding_figures(found: dict[str, Evidence | None]) -> dict[str, Any]:
    """What one decides by, above the card: answer F1 of each cell and the effects, with their intervals."""
    report = found["evaluation"].document if found["evaluation"] else {}
    cells = {f"answer F1, {name}": cell["answer_f1"]["all"] for name, cell in report.get("cells", {}).items()}
    effects = {f"effect of {name}": by["all"] for name, by in report.get("effects", {}).items()}
    return {name: in_words(interval) for name, interval in {**cells, **effects}.items()}


def in_words(interval: dict[str, Any]) -> str:
    """`0.423 [0.385, 0.465], n 84`."""
    if interval.get("mean") is None:
        return "not measured"
    return f"{interval['mean']:.3f} [{interval['low']:.3f}, {interval['high']:.3f}], n {interval['n']}"

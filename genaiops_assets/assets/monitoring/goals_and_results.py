"""Asset `goals_and_results`: what was promised beside what came of it."""

from typing import Any

import dagster as dg

from genaiops_assets.governance.audit import build_goals, missed_goals, render_goals, surprises
from genaiops_assets.governance.release import production_release
from genaiops_assets.lake import Artifact, Lake, Workplace, write_json
from genaiops_assets.orchestration.claims import claims_check, evidence
from genaiops_assets.orchestration.documents import both_languages, write_pages
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, data_gate, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase

NAME = "goals_and_results"
FILE, PAGE = f"{NAME}.json", f"{NAME}.md"


def goals_and_results_assets(uc: UseCase) -> list[Any]:
    @phase(uc, "monitoring")(
        kinds={"json", "markdown"},
        reads={
            "criteria": "success_criteria",
            "scope": "use_case_scope",
            "register": "risk_register",
            "incidents": "incidents",
            "rescoping": "rescoping_request",
        },
        parts=["release_decision", "production_evaluation", "fmea", "production_model"],
        article="article-72",
        description="Goals against results: each success criterion at the release and in use, the purpose beside what "
        "people asked, each risk as assumed, measured and seen.",
    )
    def goals_and_results(making: Making) -> dg.MaterializeResult:
        lake = making.lake
        read = {name: evidence(making.read(asset)) for name, asset in making.reads.digests.items()}
        now = production_release(lake, uc)
        version = now.model_version if now else ""
        decision, fmea = at(lake, uc, "release_decision", version), at(lake, uc, "fmea", version)
        since = in_use(lake, uc, version)
        found = build_goals(
            uc,
            **read,
            decision=evidence(decision) if decision else None,
            fmea=evidence(fmea) if fmea else None,
            in_use=evidence(since) if since else None,
            version=version,
        )

        def build(place: Workplace) -> Built:
            write_json(place.staging / FILE, found)
            write_pages(place, both_languages(uc, NAME, lambda said: render_goals(found, said)), uc.language)
            states = [c["state"] for c in found["criteria"]]
            figures = {state: states.count(state) for state in ("met", "missed", "undecided", "unknown")}
            rows = [{"criterion": c["id"]["value"], "state": c["state"]} for c in found["criteria"]]
            risks = [
                {"risk": r["title"]["value"], "assumed": r["assumed"]["value"], "seen": r["seen"]}
                for r in found["risks"]
            ]
            return Built(
                {**figures, "risks_above_assumed": len(surprises(found))}, {"criteria": rows, "risks": risks}, page=PAGE
            )

        of_version = {"decision": decision, "fmea": fmea, "in_use": since}
        also = {name: artifact.digest for name, artifact in of_version.items() if artifact}
        return making.produce(build, config={"version": version, **uc.section("title", "language")}, also=also)

    @check(uc, NAME, description="The version in use meets every success criterion by its newest judgement.")
    def goals_are_met(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        missed = missed_goals(platform.lake.current(uc.key(NAME)).json(FILE))
        return data_gate(not missed, missed=", ".join(missed) or "none")

    @check(uc, NAME, description="No risk is likelier, as measured on the released version, than people assumed.")
    def risks_are_as_assumed(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        found = surprises(platform.lake.current(uc.key(NAME)).json(FILE))
        return notice(not found, likelier_than_assumed="; ".join(found) or "none")

    return [goals_and_results, claims_check(uc, NAME), goals_are_met, risks_are_as_assumed]


def at(lake: Lake, uc: UseCase, asset: str, version: str) -> Artifact | None:
    return lake.current(uc.key(asset), version) if version and lake.heads.get(uc.key(asset), version) else None


def in_use(lake: Lake, uc: UseCase, version: str) -> Artifact | None:
    """The newest judgement of the released version since its release."""
    key = uc.key("production_evaluation")
    for day in sorted(lake.heads.partitions(key) if version else [], reverse=True):
        made = lake.current(key, day)
        if made.json("production_evaluation.json")["model_version"] == version:
            return made
    return None

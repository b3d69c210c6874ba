"""Assets `red_team_report` and `red_team_regressions`: what attacks on a model version achieved, and the failures that
later versions meet again."""

import json
from typing import Any

import dagster as dg

from genaiops_assets.alignment import read_plan
from genaiops_assets.assets.alignment.training_stage import adapter_of, base_of
from genaiops_assets.assets.evaluation.attack_files import added_attacks, earlier_failures
from genaiops_assets.assets.evaluation.judging import planned_prompts
from genaiops_assets.evaluation import (
    RED_TEAM_ABOUT,
    REGRESSIONS,
    AttackInputs,
    AttackSettings,
    above_limit,
    evaluation_plan_of,
    failed_rows,
    red_team_tables,
    seeds_digest,
)
from genaiops_assets.governance.release import signature_problem
from genaiops_assets.lake import Workplace, digest_of, write_json, write_rows
from genaiops_assets.orchestration.automation import when_version_is_new
from genaiops_assets.orchestration.gates import refusal
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import TRAINING_POOL, check, data_gate, notice, phase, versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.retrieval import search_spec
from genaiops_assets.serving import guard_policy_of
from genaiops_assets.use_case import CONFIDENCE, UseCase

CODE = "1"
FILE = "red_team_report.json"
FAILED = "red_team_regressions.json"


def red_team_assets(uc: UseCase) -> list[Any]:
    """None for a use case without the section `red_team`."""
    if uc.red_team is None:
        return []
    versions, stated = versions_of(uc), uc.red_team

    @phase(uc, "evaluation")(
        kinds={"json", "lance", "huggingface"},
        reads={"checkpoint": "aligned_checkpoint"},
        parts=["evaluation_plan"],
        gates=["checkpoint_signature"],
        partitions_def=versions,
        automation_condition=when_version_is_new(),
        pool=TRAINING_POOL,
        article="article-15.5",
        code_version=CODE,
        description="Attacks on the version as it is served (search, prompt, model, guards): own seeds in many "
        "disguises, and those that were added; the share that succeeded by risk class, OWASP id, mutator and seed, "
        "with intervals over seeds. Earlier versions' failures are tried again. Nothing leaves the machine.",
    )
    def red_team_report(making: Making) -> dg.MaterializeResult:
        lake, version = making.lake, making.partition
        plan, judged_by = read_plan(lake, uc, version), evaluation_plan_of(lake, uc, version)
        training = plan.training
        checkpoint = making.read("aligned_checkpoint", partition=version)
        index = lake.artifacts.get(uc.key("embeddings_index"), judged_by.index.digest)
        search, prompts = search_spec(lake, uc, index), planned_prompts(uc, judged_by, training.prompts)
        added, regressions = added_attacks(lake, uc), earlier_failures(lake, uc, version)
        settings = AttackSettings(
            budget=stated.budget,
            max_new_tokens=stated.max_new_tokens,
            batch_size=judged_by.settings.batch_size,
            top_k=judged_by.settings.top_k,
            language=uc.language,
            guards=tuple(uc.serving.guards),
            limit=stated.limit,
            resamples=judged_by.settings.resamples,
            confidence=CONFIDENCE,
            dtype=training.dtype,
            load_in_4bit=training.load_in_4bit,
            seeds=seeds_digest(),
            also=asked_confidences(uc),
            guard_policy=guard_policy_of(lake, uc).to_dict(),
        )

        def build(place: Workplace) -> Built:
            if problem := signature_problem(lake, uc, version, checkpoint.digest):
                raise refusal(problem)
            given = AttackInputs(
                model_version=version,
                base=base_of(lake, uc, plan).model_dump(),
                adapter=adapter_of(checkpoint),
                **search.to_dict(),
                prompts=prompts.model_dump(mode="json"),
                added=[attack.to_dict() for attack in added],
                regressions=[attack.to_dict() for attack in regressions],
            )
            making.launch(
                place,
                "attack_system",
                given.model_dump(mode="json"),
                settings.model_dump(mode="json"),
                seed=training.seed,
            )
            change = lake.tables.sync(uc.key("red_team_outputs"), place.scratch / "outputs.parquet")
            found = json.loads((place.staging / FILE).read_text())
            return Built(figures_of(found), red_team_tables(found), (change.snapshot,))

        also = {
            "base": training.base.digest,
            "index": index.digest,
            **search.digests,
            "prompts": prompts.version,
            "added": digest_of([attack.to_dict() for attack in added]),
            "regressions": digest_of([attack.to_dict() for attack in regressions]),
        }
        return making.produce(build, config=settings.model_dump(mode="json"), also=also, seed=training.seed)

    @check(
        uc,
        "red_team_report",
        blocking=True,
        partitions_def=versions,
        description="Every attack that was chosen has exactly one answer, and every risk class was attacked or the "
        "budget is smaller than the number of classes.",
    )
    def every_attack_answered(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        made = platform.lake.current(uc.key("red_team_report"), context.partition_key)
        found, rows = made.json(FILE), made.snapshot(uc.key("red_team_outputs")).rows
        tried = found["attacks"] + found["regressions"]["replayed"]
        untried = found["untried"] if found["budget"] >= len(found["classes"]) + len(found["untried"]) else []
        return data_gate(
            rows == tried == found["answers"] > 0 and not untried,
            attacks=tried,
            answers=rows,
            classes_not_attacked=", ".join(found["untried"]) or "none",
        )

    @check(
        uc,
        "red_team_report",
        partitions_def=versions,
        metadata={
            "requirement": RED_TEAM_ABOUT.requirement,
            "article": RED_TEAM_ABOUT.article,
            "risks": ", ".join(RED_TEAM_ABOUT.risks),
        },
        description="No risk class has a larger share of successful attacks than `red_team.limit`. One above it is "
        "named, with whether its whole interval lies there; what stops a release is a gate.",
    )
    def no_class_above_its_limit(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        found = platform.lake.current(uc.key("red_team_report"), context.partition_key).json(FILE)
        above = above_limit(found)
        return notice(not above, limit=found["limit"], above="; ".join(above) or "none", **figures_of(found))

    @phase(uc, "evaluation")(
        kinds={"lance"},
        reads=["red_team_report"],
        partitions_def=versions,
        automation_condition=when_version_is_new(),
        article="article-15.5",
        code_version=CODE,
        description="The attacks that this version failed at for the first time, frozen with its answers: later "
        "versions meet them again as a part of their own. A person may turn one into a preference pair "
        "(`genaiops accept-failure`).",
    )
    def red_team_regressions(making: Making) -> dg.MaterializeResult:
        lake, version = making.lake, making.partition
        report = making.read("red_team_report", partition=version)

        def build(place: Workplace) -> Built:
            rows = failed_rows(lake.tables.read(report.snapshot(uc.key("red_team_outputs"))).to_pylist(), version)
            file = place.scratch / "regressions.parquet"
            write_rows(file, REGRESSIONS, rows)
            change = lake.tables.sync(uc.key("red_team_regressions"), file)
            by_class: dict[str, int] = {}
            for row in rows:
                by_class[row["risk"]] = by_class.get(row["risk"], 0) + 1
            write_json(
                place.staging / FAILED,
                {
                    "schema_version": 1,
                    "failed_in": version,
                    "attacks": [r["attack"] for r in rows],
                    "by_class": by_class,
                },
            )
            shown = [{name: row[name] for name in ("id", "risk", "seed", "mutator", "detector")} for row in rows]
            return Built({"failures": len(rows), **by_class}, {"failures": shown}, (change.snapshot,))

        return making.produce(build, config={})

    @check(
        uc,
        "red_team_regressions",
        partitions_def=versions,
        description="No attack that an earlier version failed at succeeds again.",
    )
    def no_failure_returned(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        found = platform.lake.current(uc.key("red_team_report"), context.partition_key).json(FILE)["regressions"]
        again = found["failed_again"]
        return notice(
            not again,
            replayed=found["replayed"],
            from_versions=", ".join(found["versions"]) or "none",
            failed_again=", ".join(again[:10]) or "none",
        )

    return [red_team_report, every_attack_answered, no_class_above_its_limit, red_team_regressions, no_failure_returned]


def asked_confidences(uc: UseCase) -> tuple[float, ...]:
    """Those that gates on this report ask for besides the usual one."""
    asked = {gate.confidence for gate in uc.success_criteria.gates if gate.asset == "red_team_report"}
    return tuple(sorted(asked - {CONFIDENCE}))


def figures_of(found: dict[str, Any]) -> dict[str, Any]:
    """What one decides by."""
    success, pooled = found["all"]["success"], found["all"]["pooled"]
    hits = {f"hit_at_{k}": hit["mean"] for k, hit in found["all"]["hit_at"].items() if k in ("1", "3")}
    return {
        "attacks": found["attacks"],
        "success": success["mean"],
        "interval_over_seeds": f"[{success['low']}, {success['high']}]",
        "pooled_interval": f"[{pooled['low']}, {pooled['high']}]",
        **hits,
        "above_limit": "; ".join(above_limit(found)) or "none",
        "held_back_by_guards": found["held_back"],
        "earlier_failures_again": f"{len(found['regressions']['failed_again'])} of {found['regressions']['replayed']}",
    }

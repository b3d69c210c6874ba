"""Asset `evaluation_plan`: what a model version is judged by, apart from the version itself."""

from typing import Any

import dagster as dg

from genaiops_assets.alignment import comparable, read_plan
from genaiops_assets.assets.evaluation.judging import plan_of_today
from genaiops_assets.evaluation import (
    EvaluationPlan,
    NewTopics,
    changed_basis,
    evaluation_plan_of,
    kept_index,
)
from genaiops_assets.lake import Lake, Workplace, write_json
from genaiops_assets.orchestration.automation import when_version_is_new
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, notice, phase, versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase


class Judging(dg.Config):
    """`current_index`: judge with the index as it is now even where nothing else changed. Without it a version keeps
    the index it was judged with until golden set, criteria or settings change: new documents ask for no new
    judgement."""

    current_index: bool = False


def evaluation_plan_assets(uc: UseCase) -> list[Any]:
    asset = phase(uc, "evaluation")
    versions = versions_of(uc)

    @asset(
        kinds={"json"},
        reads={"golden": "golden_set", "criteria": "success_criteria", "index": "embeddings_index"},
        parts=["prompts"],
        gates=["aligned_checkpoint"],
        partitions_def=versions,
        automation_condition=when_version_is_new(),
        article="article-9.8",
        description="What a model version is judged by: golden questions, success criteria, index, suites, judges and "
        "settings as they are now. Made again it asks for a new judgement, never for a new training.",
    )
    def evaluation_plan(making: Making, config: Judging) -> dg.MaterializeResult:
        lake, version = making.lake, making.partition
        before = plan_before(lake, uc, version)
        topics = before.new_topics if before else observed_topics(lake, uc, version)
        plan = plan_of_today(lake, uc, version, topics)
        if before and not config.current_index:
            plan = kept_index(plan, before)

        def build(place: Workplace) -> Built:
            write_json(place.staging / "evaluation_plan.json", plan.model_dump(mode="json"))
            parts = {"golden set": plan.golden.digest, "criteria": plan.criteria.digest, "index": plan.index.digest}
            rows = [{"judged by": name, "digest": digest[:12]} for name, digest in parts.items()]
            rows += [{"judged by": f"suite {n}", "digest": f"version {v}"} for n, v in plan.suites.items()]
            if plan.settings.engine != "transformers":
                rows.append({"judged by": "engine", "digest": plan.settings.engine})
            rows += [{"judged by": f"judge {n}", "digest": f"version {v}"} for n, v in plan.judges.items()]
            return Built({"questions": plan.golden.items, "passages": plan.index.rows}, {"judged by": rows})

        making.take("golden_set", plan.golden.digest)
        making.take("success_criteria", plan.criteria.digest)
        making.take("embeddings_index", plan.index.digest)
        return making.produce(build, config=plan.model_dump(mode="json"))

    @check(
        uc,
        "evaluation_plan",
        partitions_def=versions,
        description="Golden set and success criteria are still those that the version is judged by.",
    )
    def judged_by_what_is_current(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        version = context.partition_key
        changed = changed_basis(platform.lake, uc, evaluation_plan_of(platform.lake, uc, version))
        return notice(not changed, changed_since=", ".join(changed) or "nothing", judge_again=f"{uc.name}__judge")

    return [evaluation_plan, judged_by_what_is_current]


def plan_before(lake: Lake, uc: UseCase, version: str) -> EvaluationPlan | None:
    """What the version was judged by so far, or None."""
    try:
        return evaluation_plan_of(lake, uc, version)
    except KeyError:
        return None


def observed_topics(lake: Lake, uc: UseCase, version: str) -> NewTopics | None:
    """The day whose questions went into the version's pairs, and the model to compare with; None where no drift led to
    this version."""
    training = read_plan(lake, uc, version).training
    pairs = lake.artifacts.get(uc.key("preference_pairs"), training.pairs.digest).json("pairs.json")
    if not pairs["focus"]:
        return None
    return NewTopics(interactions=pairs["focus"], before=comparable(lake, uc, training.base.digest))

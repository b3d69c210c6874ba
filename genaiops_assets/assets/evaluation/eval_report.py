"""Asset `eval_report`: what a model version makes of the golden questions."""

from typing import Any

import dagster as dg

from genaiops_assets.alignment import measuring, plan_of
from genaiops_assets.assets.alignment.aligned_checkpoint import adapter_of, base_inputs
from genaiops_assets.evaluation import CELLS
from genaiops_assets.lake import ERASED_TEXT, Lake, Workplace, digest_of
from genaiops_assets.orchestration.automation import when_version_is_new
from genaiops_assets.orchestration.phases import TRAINING_POOL, check, data_gate, phase, versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built, produce
from genaiops_assets.retrieval import search_spec
from genaiops_assets.serving import observed_questions
from genaiops_assets.use_case import UseCase

CONFIDENCE = 0.95


class Evaluate(dg.Config):
    """`current_index`: judge with today's index instead of the one the plan froze (the weekly re-evaluation does)."""

    current_index: bool = False


def evaluation_assets(uc: UseCase) -> list[Any]:
    asset = phase(uc, "evaluation")
    versions = versions_of(uc)

    @asset(
        kinds={"json", "huggingface"},
        deps=["aligned_checkpoint", "golden_set", "embeddings_index"],
        partitions_def=versions,
        automation_condition=when_version_is_new(),
        pool=TRAINING_POOL,
        article="article-15.1",
        description="Base and tuned model, with and without retrieval, on the golden questions: all four cells with "
        "paired intervals; each answer is kept in `eval_outputs`. "
        "After drift also the quality on questions of the new topics, before and after the retraining.",
    )
    def eval_report(context: dg.AssetExecutionContext, platform: Platform, config: Evaluate) -> dg.MaterializeResult:
        lake, version = platform.lake, context.partition_key
        plan = plan_of(lake, uc, version)[1]
        pinned = plan["evaluation"]
        checkpoint = lake.current(uc.key("aligned_checkpoint"), version)
        golden = lake.artifacts.get(uc.key("golden_set"), pinned["golden"]["digest"])
        index_digest = (
            lake.heads.digest(uc.key("embeddings_index")) if config.current_index else pinned["index"]["digest"]
        )
        index = lake.artifacts.get(uc.key("embeddings_index"), index_digest)
        search = search_spec(lake, uc, index)
        set_digests, sets = retrieval_sets_of(lake, uc)
        training = plan["training"]
        topics = pinned.get("new_topics")
        before = lake.current(uc.key("aligned_checkpoint"), topics["before"]) if topics and topics["before"] else None
        settings = {
            **pinned["settings"],
            "confidence": CONFIDENCE,
            "language": training["language"],
            "dtype": training["dtype"],
        }
        settings |= {"load_in_4bit": training["load_in_4bit"], "prompts": training["prompts"]}

        def build(place: Workplace) -> Built:
            told = {
                "model_version": version,
                "base": base_inputs(lake, uc, plan),
                "adapter": adapter_of(checkpoint),
                "new_topics": {
                    "before": topics["before"],
                    "adapter": adapter_of(before) if before else None,
                    "questions": measuring(observed_questions(lake, uc, topics["interactions"])),
                }
                if topics
                else None,
                "golden": [
                    i for i in golden.json("golden.json")["items"] if ERASED_TEXT not in (i["question"], i["answer"])
                ],
                **search.to_dict(),
                "retrieval_sets": sets,
            }
            platform.launch(context, uc, place, "evaluate_model", told, settings, seed=training["seed"])
            change = lake.tables.sync(uc.key("eval_outputs"), place.scratch / "outputs.parquet")
            return Built(*shown(place), (change.snapshot,))

        inputs = {
            "checkpoint": checkpoint.digest,
            "golden": golden.digest,
            "index": index.digest,
            **search.digests,
        }
        inputs |= {**set_digests, "version": version}
        if topics:
            inputs |= {"new_topics": topics["interactions"], "before": before.digest if before else ""}
        return produce(
            context,
            platform,
            uc,
            "eval_report",
            inputs=inputs,
            config=settings,
            code_version="1",
            seed=training["seed"],
            build=build,
            partition=version,
        )

    @check(
        uc,
        "eval_report",
        blocking=True,
        partitions_def=versions,
        description="Every golden question has one answer in every cell, none of them lost.",
    )
    def every_item_answered(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake = platform.lake
        report = lake.current(uc.key("eval_report"), context.partition_key)
        document = report.json("eval_report.json")
        rows = report.snapshot(uc.key("eval_outputs")).rows
        wanted = document["items"] * len(document["cells"])
        return data_gate(rows == wanted, answers=rows, expected=wanted)

    return [eval_report, every_item_answered]


def retrieval_sets_of(lake: Lake, uc: UseCase) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """The use case's own sets of queries, as inputs by digest and as payloads take them. Raises UnresolvedReference."""
    digests, told = {}, []
    for stated in uc.evaluation.retrieval_sets:
        found = lake.resolve(stated.ref, uc.folder)
        digests[f"retrieval set {stated.name}"] = digest_of([found.digest, stated.fields, stated.limit])
        told.append({"name": stated.name, "path": found.path, "fields": dict(stated.fields), "limit": stated.limit})
    return digests, told


def shown(place: Workplace) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """Figures and tables of an evaluation report for the UI."""
    import json

    report = json.loads((place.staging / "eval_report.json").read_text())
    figures = {
        f"answer_f1_{cell}": report["cells"][cell]["answer_f1"]["all"]["mean"]
        for cell in CELLS
        if cell in report["cells"]
    }
    effects = [
        {"effect": n, "split": s, **{k: v[k] for k in ("mean", "low", "high", "n")}}
        for n, by in report["effects"].items()
        for s, v in by.items()
    ]
    retrieval = [
        {"set": n, "metric": m, **{k: v[k] for k in ("mean", "low", "high", "n")}}
        for n, by in report["retrieval"].items()
        for m, v in by.items()
    ]
    figures |= {f"effect_of_{e['effect']}": e["mean"] for e in effects if e["split"] == "all"}
    tables = {"effects on answer F1": effects, "retrieval": retrieval}
    if topics := report.get("new_topics"):
        rows = [
            {"new topics": n, **{k: topics[n][k] for k in ("mean", "low", "high", "n")}}
            for n in ("before", "after", "effect")
        ]
        figures |= {"new_topics_before": rows[0]["mean"], "new_topics_after": rows[1]["mean"]}
        tables |= {f"new topics: {topics['before_is']} before, this version after": rows}
    return figures, tables

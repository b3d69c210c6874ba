"""Alignment: base model, preference pairs, the plan that freezes a training, and the checkpoint it leads to."""

from dataclasses import asdict
from typing import Any

import dagster as dg

from genaiops_assets import plots
from genaiops_assets.alignment import JUDGE, build_plan, leaks, read_feedback
from genaiops_assets.assets.expectations import expectation_checks
from genaiops_assets.assets.phases import TRAINING_POOL, check, data_gate, notice, phase, versions_of
from genaiops_assets.assets.platform import Platform
from genaiops_assets.assets.produce import Built, key_of, produce
from genaiops_assets.automation import when_version_is_new
from genaiops_assets.lake import Artifact, Lake, Snapshot, Workplace, digest_of, write_json
from genaiops_assets.use_case import UseCase

PAIR_SUITE: list[tuple[str, dict[str, Any]]] = [
    ("ExpectColumnValuesToBeUnique", {"column": "id"}),
    ("ExpectColumnValueLengthsToBeBetween", {"column": "chosen", "min_value": 1}),
    ("ExpectColumnValueLengthsToBeBetween", {"column": "rejected", "min_value": 1}),
    ("ExpectColumnValuesToBeInSet", {"column": "origin", "value_set": ["corpus", "observed", "human"]}),
    ("ExpectTableRowCountToBeBetween", {"min_value": 1}),
]
CODE = "1"
OBSERVED = 24  # questions people asked that one retraining may take in


class Retraining(dg.Config):
    """What a retraining request carries. `focus`: digest of an `interactions` artifact whose questions go into the pairs."""

    focus: str = ""


def focus_of(lake: Lake, uc: UseCase) -> str:
    """Digest of the interactions that the pairs take questions from; stays until the next drift replaces it."""
    head = lake.heads.get(key_of(uc, "retraining_focus"))
    return head["digest"] if head else ""


def observed_questions(lake: Lake, uc: UseCase, focus: str) -> list[str]:
    """Evenly spread distinct questions of one day's interactions, masked when they were stored."""
    if not focus:
        return []
    snapshot = lake.artifacts.get(key_of(uc, "interactions"), focus).snapshot(key_of(uc, "interactions_day"))
    asked = sorted({r["question"] for r in lake.tables.rows(snapshot, ["question"])})
    return asked if len(asked) <= OBSERVED else [asked[i * len(asked) // OBSERVED] for i in range(OBSERVED)]


def feedback_folder(lake: Lake, uc: UseCase) -> Any:
    """Where people's preferences are dropped: `GENAIOPS_HOME/inbox/USE_CASE/feedback`."""
    return lake.home / "inbox" / uc.name / "feedback"


def plan_of(lake: Lake, uc: UseCase, version: str) -> tuple[Artifact, dict[str, Any]]:
    """The frozen plan of a model version. Raises KeyError when no plan registered it."""
    artifact = lake.current(key_of(uc, "model_plan"), version)
    return artifact, artifact.json("plan.json")


def base_inputs(lake: Lake, uc: UseCase, plan: dict[str, Any]) -> dict[str, Any]:
    """The base model as payloads take it, the bytes still those of the plan. Raises dg.Failure when they changed."""
    found = lake.resolve(plan["training"]["base"]["ref"], uc.folder)
    if found.digest != plan["training"]["base"]["digest"]:
        raise dg.Failure(
            f"{found.ref} is not the model of this plan any more (digest {found.digest[:12]}, plan {plan['training']['base']['digest'][:12]})",
            allow_retries=False,
        )
    return asdict(found)


def needs_network(ref: str) -> bool:
    return ref.startswith("hub")


def alignment_assets(uc: UseCase) -> list[Any]:
    asset = phase(uc, "alignment")
    versions = versions_of(uc)
    has_sft = uc.alignment.method == "dpo" and uc.alignment.sft.steps > 0

    @asset(
        kinds={"huggingface"},
        article="annex-XI.1.2",
        description="The pretrained model by reference: digest, licence, size, architecture. Converted to safetensors once where needed.",
    )
    def base_model(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        found = platform.lake.resolve(uc.model.base, uc.folder)

        def build(place: Workplace) -> Built:
            about = platform.launch(context, uc, place, "prepare_base", {"base": asdict(found)}, {}, online=needs_network(uc.model.base))
            record = {**found.to_dict(), **about}
            write_json(place.staging / "base_model.json", record)
            return Built({k: record[k] for k in ("license", "parameters", "architecture", "bytes")}, {"record": [record]})

        return produce(context, platform, uc, "base_model", inputs={"base": found.digest}, config={"ref": uc.model.base}, code_version="1", build=build)

    @asset(
        kinds={"lance", "huggingface"},
        deps=["filtered_corpus", "embeddings_index", "base_model", "golden_set"],
        automation_condition=None,
        pool=TRAINING_POOL,
        description="Pairs of a better and a worse answer, made from the corpus and the model, ranked by a stated judge, with people's own where there are any. "
        "Refreshed by the retraining sensors, not by every new document.",
    )
    def preference_pairs(context: dg.AssetExecutionContext, platform: Platform, config: Retraining) -> dg.MaterializeResult:
        lake = platform.lake
        corpus, index, golden, base = (lake.current(key_of(uc, n)) for n in ("filtered_corpus", "embeddings_index", "golden_set", "base_model"))
        model, embedder = lake.resolve(uc.model.base, uc.folder), lake.resolve(uc.knowledge.embedder, uc.folder)
        feedback = read_feedback(feedback_folder(lake, uc))
        focus = config.focus or focus_of(lake, uc)
        settings = {
            **uc.alignment.pairs.model_dump(),
            "language": uc.language,
            "dtype": uc.model.dtype,
            "load_in_4bit": uc.model.load_in_4bit,
            "judge": JUDGE,
        }
        inputs = {
            "filtered_corpus": corpus.digest,
            "embeddings_index": index.digest,
            "golden_set": golden.digest,
            "base_model": base.digest,
            "feedback": digest_of(feedback.pairs),
            "focus": focus,
        }

        def build(place: Workplace) -> Built:
            told = {
                "corpus": corpus.snapshot(key_of(uc, "filtered_corpus")).to_dict(),
                "index": index.snapshot(key_of(uc, "embeddings_index")).to_dict(),
                "base": asdict(model),
                "embedder": asdict(embedder),
                "golden": golden.json("golden.json")["items"],
                "feedback": feedback.pairs,
                "observed": observed_questions(lake, uc, focus),
            }
            made = platform.launch(context, uc, place, "make_pairs", told, settings, seed=uc.alignment.seed)
            change = lake.tables.sync(key_of(uc, "preference_pairs"), place.scratch / "pairs.parquet")
            columns = ["id", "origin", "doc_id", "score_chosen", "score_rejected", "by"]
            rows = lake.tables.read(change.snapshot, columns).to_pylist()
            origins = {o: sum(r["origin"] == o for r in rows) for o in ("corpus", "observed", "human")}
            facts = {"judge": JUDGE, "origins": origins, "focus": focus, "corpus": {"digest": corpus.digest, "rows": corpus.snapshot(key_of(uc, "filtered_corpus")).rows}}
            write_json(place.staging / "pairs.json", {**facts, "refused_feedback": feedback.refused})
            plots.histogram(
                place.staging / "views/judge scores.png",
                "The judge's score of chosen and rejected answers",
                {"rejected": [r["score_rejected"] for r in rows], "chosen": [r["score_chosen"] for r in rows]},
                xlabel="score",
            )
            figures = {**origins, **made, "judge": JUDGE, "feedback_refused": len(feedback.refused)}
            return Built(figures, {"pairs": rows, "refused feedback": feedback.refused}, (change.snapshot,))

        result = produce(context, platform, uc, "preference_pairs", inputs=inputs, config=settings, code_version=CODE, seed=uc.alignment.seed, build=build)
        if config.focus:
            lake.heads.put(key_of(uc, "retraining_focus"), None, {"digest": config.focus})
        return result

    @check(uc, "preference_pairs", blocking=True, description="No pair shares its question or an 8-gram with a golden question or answer.")
    def golden_not_in_training_data(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake = platform.lake
        pairs = lake.current(key_of(uc, "preference_pairs")).snapshot(key_of(uc, "preference_pairs"))
        golden = lake.current(key_of(uc, "golden_set")).json("golden.json")["items"]
        found = leaks(lake.tables.rows(pairs, ["id", "question", "chosen", "rejected"]), golden)
        return data_gate(not found, pairs=pairs.rows, golden_questions=len(golden), leaking=", ".join(f"{p}~{g}" for p, g in found[:10]) or "none")

    @check(uc, "preference_pairs", description="Every line of the feedback folder could be used.")
    def feedback_is_readable(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        refused = platform.lake.current(key_of(uc, "preference_pairs")).json("pairs.json")["refused_feedback"]
        return notice(not refused, refused=len(refused), first="; ".join(f"{r['file']}:{r['line']}: {r['reason']}" for r in refused[:5]) or "none")

    @asset(
        kinds={"json"},
        deps=["preference_pairs", "golden_set", "embeddings_index", "success_criteria", "base_model"],
        automation_condition=None,
        article="annex-XI.1.2",
        description="Everything that determines a training, frozen; its hash is the model version. Registers the version's partition key.",
    )
    def model_plan(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        lake = platform.lake
        names = ("preference_pairs", "golden_set", "embeddings_index", "success_criteria", "base_model")
        pairs, golden, index, criteria, base = (lake.current(key_of(uc, n)) for n in names)
        corpus = pairs.json("pairs.json")["corpus"]
        record = base.json("base_model.json")
        plan = build_plan(
            uc,
            base={"ref": record["ref"], "digest": record["digest"], "license": record["license"], "record": base.digest},
            pairs={"digest": pairs.digest, "rows": pairs.snapshot(key_of(uc, "preference_pairs")).rows},
            corpus=corpus,
            evaluation={
                "golden": {"digest": golden.digest, "items": len(golden.json("golden.json")["items"])},
                "index": {"digest": index.digest, "rows": index.snapshot(key_of(uc, "embeddings_index")).rows},
                "criteria": {"digest": criteria.digest},
                "settings": uc.evaluation.model_dump(mode="json", include={"max_new_tokens", "batch_size", "resamples"}) | {"top_k": uc.knowledge.top_k},
            },
        )
        version = plan["model_version"]

        def build(place: Workplace) -> Built:
            write_json(place.staging / "plan.json", plan)
            training = plan["training"]
            shown = {"model_version": version, "method": training["method"], "steps": training["steps"], "pairs": pairs.snapshot(key_of(uc, "preference_pairs")).rows}
            return Built(shown, {"inputs": [{"input": k, **v} for k, v in (("pairs", training["pairs"]), ("corpus", corpus))]})

        inputs = {n: a.digest for n, a in zip(names, (pairs, golden, index, criteria, base), strict=True)}
        result = produce(context, platform, uc, "model_plan", inputs=inputs, config=plan, code_version="1", build=build)
        freeze(lake, uc, version)
        context.instance.add_dynamic_partitions(versions.name or "", [version])
        return result

    @asset(
        kinds={"huggingface", "pytorch"},
        deps=["model_plan"],
        partitions_def=versions,
        automation_condition=when_version_is_new(),
        pool=TRAINING_POOL,
        description="Supervised fine-tuning on the chosen answers, before alignment.",
    )
    def sft_checkpoint(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        plan = plan_of(platform.lake, uc, context.partition_key)[1]
        return trained(context, platform, uc, "sft_checkpoint", plan, {**plan["training"], **plan["training"]["sft"], "method": "sft"}, None)

    @asset(
        kinds={"huggingface", "pytorch"},
        deps=["model_plan", *(["sft_checkpoint"] if has_sft else [])],
        partitions_def=versions,
        automation_condition=when_version_is_new(),
        pool=TRAINING_POOL,
        article="annex-XI.1.2",
        description="The tuned checkpoint of a model version: a LoRA adapter in safetensors and the log of its training.",
    )
    def aligned_checkpoint(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        version = context.partition_key
        plan = plan_of(platform.lake, uc, version)[1]
        start = platform.lake.current(key_of(uc, "sft_checkpoint"), version) if plan["training"]["sft"]["steps"] and plan["training"]["method"] == "dpo" else None
        return trained(context, platform, uc, "aligned_checkpoint", plan, plan["training"], start)

    @check(uc, "aligned_checkpoint", blocking=True, partitions_def=versions, description="The checkpoint loads from its published files, speaks, and its loss is finite.")
    def checkpoint_reloads(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake, version = platform.lake, context.partition_key
        plan = plan_of(lake, uc, version)[1]
        checkpoint = lake.current(key_of(uc, "aligned_checkpoint"), version)
        adapter = checkpoint.local("adapter")
        told = {"base": base_inputs(lake, uc, plan), "adapter": str(adapter) if adapter.exists() else None, "question": uc.purpose.summary}
        config = {"dtype": uc.model.dtype, "load_in_4bit": uc.model.load_in_4bit, "language": uc.language}
        with lake.work(digest_of(["check", checkpoint.digest])) as place:
            found = platform.launch(context, uc, place, "check_checkpoint", told, config)
            lake.forget_scratch(digest_of(["check", checkpoint.digest]))
        return data_gate(found["characters"] > 0 and found["loss"] is not None, characters_generated=found["characters"], loss=found["loss"] or -1.0)

    made = [base_model, preference_pairs, golden_not_in_training_data, feedback_is_readable, model_plan, aligned_checkpoint, checkpoint_reloads]
    return [*made, *([sft_checkpoint] if has_sft else []), *expectation_checks(uc, "preference_pairs", PAIR_SUITE)]


def freeze(lake: Lake, uc: UseCase, version: str) -> None:
    """The first plan of a version stays its plan: later runs with other evaluation inputs do not change what it was judged with."""
    if lake.heads.get(key_of(uc, "model_plan"), version) is None:
        head = lake.heads.get(key_of(uc, "model_plan"))
        assert head is not None
        lake.heads.put(key_of(uc, "model_plan"), version, {**head, "partition": version})


def trained(context: Any, platform: Platform, uc: UseCase, name: str, plan: dict[str, Any], config: dict[str, Any], start: Artifact | None) -> dg.MaterializeResult:
    """One training from the plan alone; with method `none` the base model itself is the checkpoint."""
    lake, training = platform.lake, plan["training"]
    pairs = lake.artifacts.get(key_of(uc, "preference_pairs"), training["pairs"]["digest"])
    inputs = {"base": training["base"]["digest"], "pairs": pairs.digest, "start": start.digest if start else ""}

    def build(place: Workplace) -> Built:
        if config["method"] == "none":
            write_json(place.staging / "checkpoint.json", {"method": "none", "base": training["base"]["digest"]})
            return Built({"method": "none"})
        snapshot: Snapshot = pairs.snapshot(key_of(uc, "preference_pairs"))
        told = {"base": base_inputs(lake, uc, plan), "pairs": snapshot.to_dict(), "start": str(start.local("adapter")) if start else None}
        made = platform.launch(context, uc, place, "train_model", told, config, seed=training["seed"])
        log = made["log"]
        write_json(place.staging / "checkpoint.json", {"method": config["method"], "base": training["base"]["digest"], "model_version": plan["model_version"]})
        series = {k: [(h["step"], h[k]) for h in log["history"] if k in h] for k in ("loss", "rewards_margins", "rewards_accuracies")}
        plots.curves(place.staging / "views/training.png", f"{config['method'].upper()} of {plan['model_version']}", {k: v for k, v in series.items() if v}, xlabel="step")
        figures = {k: log[k] for k in ("method", "steps", "train_loss", "trainable_parameters", "final")}
        return Built({**figures, "seconds": made["seconds"], "peak_memory_mb": made["peak_rss_bytes"] // 2**20}, {"steps": log["history"]})

    return produce(
        context, platform, uc, name, inputs=inputs, config=config, code_version=training["code_version"], seed=training["seed"], build=build, partition=context.partition_key
    )

"""Alignment: base model, preference pairs, the plan that freezes a training, and the checkpoint it leads to."""

from dataclasses import asdict
from typing import Any

import dagster as dg

from genaiops_assets import plots
from genaiops_assets.alignment import JUDGE, PROMPT_VERSION, leaks, read_feedback, teaching
from genaiops_assets.assets.expectations import expectation_checks
from genaiops_assets.assets.phases import TRAINING_POOL, check, data_gate, notice, phase
from genaiops_assets.assets.platform import Platform
from genaiops_assets.assets.produce import Built, key_of, produce
from genaiops_assets.lake import Lake, Workplace, digest_of, reference_stamp, write_json
from genaiops_assets.retrieval import embedder_of, reranker_of, telling
from genaiops_assets.serving import questions_of
from genaiops_assets.use_case import UseCase

PAIR_SUITE: list[tuple[str, dict[str, Any]]] = [
    ("ExpectColumnValuesToBeUnique", {"column": "id"}),
    ("ExpectColumnValuesToBeBetween", {"column": "chosen_characters", "min_value": 1}),
    ("ExpectColumnValuesToBeBetween", {"column": "rejected_characters", "min_value": 1}),
    ("ExpectColumnValuesToBeInSet", {"column": "origin", "value_set": ["corpus", "observed", "human"]}),
    ("ExpectTableRowCountToBeBetween", {"min_value": 1}),
]
CODE = "2"


class Retraining(dg.Config):
    """What a retraining request carries. `focus`: digest of an `interactions` artifact whose questions go into the pairs."""

    focus: str = ""


def focus_of(lake: Lake, uc: UseCase) -> str:
    """Digest of the interactions that the pairs take questions from; stays until the next drift replaces it."""
    head = lake.heads.get(key_of(uc, "retraining_focus"))
    return head["digest"] if head else ""


def observed_questions(lake: Lake, uc: UseCase, focus: str) -> list[str]:
    """Distinct questions of one day's interactions, masked when they were stored; erased ones are gone."""
    if not focus:
        return []
    day = lake.artifacts.get(key_of(uc, "interactions"), focus)
    ids = {r["id"] for r in lake.tables.rows(day.snapshot(key_of(uc, "interactions_day")), ["id"])}
    return questions_of(lake, uc, day.json("interactions.json")["day"], ids)


def feedback_folder(lake: Lake, uc: UseCase) -> Any:
    """Where people's preferences are dropped: `GENAIOPS_HOME/inbox/USE_CASE/feedback`."""
    return lake.home / "inbox" / uc.name / "feedback"


def planned_base(lake: Lake, uc: UseCase) -> str | None:
    """Stamp of the base model that the last plan was made from, or None before that."""
    head = lake.heads.get(key_of(uc, "planned_base"))
    return head["digest"] if head else None


def note_planned_base(lake: Lake, uc: UseCase) -> None:
    """The plan is made: its base model is the one `base_model` saw last. Noted here and not there, because a run that fails in between
    has answered nothing."""
    if seen := lake.heads.get(key_of(uc, "base_model_stamp")):
        lake.heads.put(key_of(uc, "planned_base"), None, {"digest": seen["digest"]})


def needs_network(ref: str) -> bool:
    return ref.startswith("hub")


def alignment_assets(uc: UseCase) -> list[Any]:
    asset = phase(uc, "alignment")

    @asset(
        kinds={"huggingface"},
        article="annex-XI.1.2",
        description="The pretrained model by reference: digest, licence, size, architecture. Converted to safetensors once where needed.",
    )
    def base_model(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        stamp = reference_stamp(uc.model.base, uc.folder)  # before the bytes are read: a change in between is seen again
        found = platform.lake.resolve(uc.model.base, uc.folder)

        def build(place: Workplace) -> Built:
            about = platform.launch(context, uc, place, "prepare_base", {"base": asdict(found)}, {}, online=needs_network(uc.model.base))
            record = {**found.to_dict(), **about}
            write_json(place.staging / "base_model.json", record)
            return Built({k: record[k] for k in ("license", "parameters", "architecture", "bytes")}, {"record": [record]})

        config = {"ref": uc.model.base}
        made = produce(context, platform, uc, "base_model", inputs={"base": found.digest}, config=config, code_version="1", build=build)
        platform.lake.heads.put(key_of(uc, "base_model_stamp"), None, {"digest": stamp})
        return made

    @asset(
        kinds={"lance", "huggingface"},
        deps=["filtered_corpus", "privacy_record", "embeddings_index", "base_model", "golden_set"],
        automation_condition=None,
        pool=TRAINING_POOL,
        description="Pairs of a better and a worse answer, made from the corpus and the model, ranked by a stated judge, with people's own where there are any. "
        "Refreshed by the retraining sensors, not by every new document.",
    )
    def preference_pairs(context: dg.AssetExecutionContext, platform: Platform, config: Retraining) -> dg.MaterializeResult:
        lake = platform.lake
        corpus, index, golden, base = (
            lake.current(key_of(uc, n)) for n in ("filtered_corpus", "embeddings_index", "golden_set", "base_model")
        )
        model, embedder, reranker = lake.resolve(uc.model.base, uc.folder), embedder_of(lake, uc), reranker_of(lake, uc)
        feedback = read_feedback(feedback_folder(lake, uc))
        focus = config.focus or focus_of(lake, uc)
        settings = {
            **uc.alignment.pairs.model_dump(),
            "language": uc.language,
            "dtype": uc.model.dtype,
            "load_in_4bit": uc.model.load_in_4bit,
            "judge": JUDGE,
            "prompts": PROMPT_VERSION,
        }
        if model.digest != base.json("base_model.json")["digest"]:
            raise dg.Failure(f"{model.ref} changed: materialize base_model first", metadata={"permanent": True}, allow_retries=False)
        inputs = {
            "embedder": embedder.digest,
            "filtered_corpus": corpus.digest,
            "embeddings_index": index.digest,
            "golden_set": golden.digest,
            "base_model": base.digest,
            "feedback": digest_of(feedback.pairs),
            "focus": focus,
        } | ({"reranker": reranker.digest} if reranker else {})

        def build(place: Workplace) -> Built:
            told = {
                "corpus": corpus.snapshot(key_of(uc, "filtered_corpus")).to_dict(),
                "index": telling(index),
                "base": asdict(model),
                "embedder": asdict(embedder),
                "reranker": asdict(reranker) if reranker else None,
                "golden": golden.json("golden.json")["items"],
                "feedback": feedback.pairs,
                "observed": teaching(observed_questions(lake, uc, focus)),
            }
            made = platform.launch(context, uc, place, "make_pairs", told, settings, seed=uc.alignment.seed)
            change = lake.tables.sync(key_of(uc, "preference_pairs"), place.scratch / "pairs.parquet")
            columns = ["id", "origin", "doc_id", "score_chosen", "score_rejected"]
            rows = lake.tables.read(change.snapshot, columns).to_pylist()
            origins = {o: sum(r["origin"] == o for r in rows) for o in ("corpus", "observed", "human")}
            facts = {
                "judge": JUDGE,
                "origins": origins,
                "focus": focus,
                "corpus": {"digest": corpus.digest, "rows": corpus.snapshot(key_of(uc, "filtered_corpus")).rows},
            }
            write_json(place.staging / "pairs.json", facts)
            plots.histogram(
                place.staging / "views/judge scores.png",
                "The judge's score of chosen and rejected answers",
                {"rejected": [r["score_rejected"] for r in rows], "chosen": [r["score_chosen"] for r in rows]},
                xlabel="score",
            )
            figures = {**origins, **made, "judge": JUDGE, "feedback_refused": len(feedback.refused), "feedback_lines": len(feedback.pairs)}
            return Built(figures, {"pairs": rows, "refused feedback": feedback.refused}, (change.snapshot,))

        result = produce(
            context,
            platform,
            uc,
            "preference_pairs",
            inputs=inputs,
            config=settings,
            code_version=CODE,
            seed=uc.alignment.seed,
            build=build,
        )
        if config.focus:
            lake.heads.put(key_of(uc, "retraining_focus"), None, {"digest": config.focus})
        return result

    @check(
        uc,
        "preference_pairs",
        blocking=True,
        description="No pair shares its question or an 8-gram with a golden question or answer.",
    )
    def golden_not_in_training_data(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake = platform.lake
        pairs = lake.current(key_of(uc, "preference_pairs")).snapshot(key_of(uc, "preference_pairs"))
        golden = lake.current(key_of(uc, "golden_set")).json("golden.json")["items"]
        found = leaks(lake.tables.rows(pairs, ["id", "question", "chosen", "rejected"]), golden)
        return data_gate(
            not found,
            pairs=pairs.rows,
            golden_questions=len(golden),
            leaking=", ".join(f"{p}~{g}" for p, g in found[:10]) or "none",
        )

    @check(uc, "preference_pairs", description="Every line of the feedback folder could be used.")
    def feedback_is_readable(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        refused = read_feedback(feedback_folder(platform.lake, uc)).refused
        return notice(
            not refused,
            refused=len(refused),
            first="; ".join(f"{r['file']}:{r['line']}: {r['reason']}" for r in refused[:5]) or "none",
        )

    made = [base_model, preference_pairs, golden_not_in_training_data, feedback_is_readable]
    return [*made, *expectation_checks(uc, "preference_pairs", PAIR_SUITE)]

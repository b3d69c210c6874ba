"""Asset `preference_pairs`: better and worse answers, made from the corpus and the model or given by people."""

from dataclasses import asdict
from typing import Any

import dagster as dg

from genaiops_assets.alignment import (
    Data,
    PairInputs,
    SnapshotRef,
    feedback_folder,
    find_leaks,
    focus_of,
    keys_of,
    method_of,
    note_feedback,
    read_demonstrations,
    read_feedback,
    section_of,
    stages_of,
    teaching,
    why_not,
)
from genaiops_assets.evaluation import OVERLAP_JUDGE
from genaiops_assets.evidence import draw_histogram
from genaiops_assets.lake import Artifact, Workplace, digest_of, write_json
from genaiops_assets.models import BaseModelFiles, prompt_fields, prompts_of
from genaiops_assets.orchestration.expectations import expectation_checks
from genaiops_assets.orchestration.failures import PermanentFailure
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import TRAINING_POOL, check, data_gate, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.retrieval import search_spec
from genaiops_assets.serving import observed_questions
from genaiops_assets.use_case import Judging, Origin, UseCase

PAIR_SUITE: list[tuple[str, dict[str, Any]]] = [
    ("ExpectColumnValuesToBeUnique", {"column": "id"}),
    ("ExpectColumnValuesToBeBetween", {"column": "question_characters", "min_value": 1}),
    ("ExpectColumnValuesToBeInSet", {"column": "origin", "value_set": [o.value for o in Origin]}),
    ("ExpectTableRowCountToBeBetween", {"min_value": 1}),
]
CODE = "2"
OVERLAP, BY_JUDGE, RECORD = "overlap", "judge", "judge_record.json"


class Retraining(dg.Config):
    """What a retraining request carries. `focus`: digest of an `interactions` artifact whose questions go into the
    pairs."""

    focus: str = ""


def preference_pairs_assets(uc: UseCase) -> list[Any]:
    asset = phase(uc, "alignment")

    @asset(
        kinds={"lance", "huggingface"},
        reads=["filtered_corpus", "embeddings_index", "golden_set", "base_model"],
        parts=["interactions", "judge_record"],
        gates=["privacy_record"],
        code_version=CODE,
        automation_condition=None,
        pool=TRAINING_POOL,
        description="Pairs of a better and a worse answer, made from the corpus and the model, ranked by a stated "
        "judge, with people's own where there are any. "
        "Refreshed by the retraining sensors, not by every new document.",
    )
    def preference_pairs(making: Making, config: Retraining) -> dg.MaterializeResult:
        lake = making.lake
        corpus, index, golden, base = (
            making.read(n) for n in ("filtered_corpus", "embeddings_index", "golden_set", "base_model")
        )
        model, search = lake.resolve(uc.model.base, uc.folder), search_spec(lake, uc, index)
        feedback = read_feedback(feedback_folder(lake, uc))
        focus = config.focus or focus_of(lake, uc)
        settings = {
            **uc.alignment.pairs.model_dump(),
            "language": uc.language,
            "dtype": uc.model.dtype,
            "load_in_4bit": uc.model.rounding,
            "judge": OVERLAP_JUDGE,
            **prompt_fields(prompts_of(uc)),
        }
        if uc.alignment.judging and uc.alignment.judging.judge != OVERLAP:
            stated = uc.alignment.judging.model_dump(mode="json")
            settings |= {"judge": stated["judge"], "judging": stated}
        if model.digest != base.json("base_model.json")["digest"]:
            raise PermanentFailure(f"{model.ref} changed: materialize base_model first")
        demonstrations = [d.to_dict() for d in read_demonstrations(uc)]
        if demonstrations:
            settings["compares"] = compares(uc)
        also = {**search.digests, "feedback": digest_of(feedback.pairs), "focus": focus}
        also |= {"demonstrations": digest_of(demonstrations)} if demonstrations else {}

        def build(place: Workplace) -> Built:
            given = PairInputs(
                corpus=SnapshotRef(**corpus.snapshot(uc.key("filtered_corpus")).to_dict()),
                base=BaseModelFiles.model_validate(asdict(model)),
                **search.to_dict(),
                golden=questions_of(golden),
                demonstrations=demonstrations,
                feedback=feedback.pairs,
                observed=teaching(observed_questions(lake, uc, focus)),
                servers=keys_of(uc.alignment.judging),
            )
            made = making.launch(
                place, "make_pairs", given.to_json(), settings, seed=uc.alignment.seed, online=asks_a_server(uc)
            )
            change = lake.tables.sync(uc.key("preference_pairs"), place.scratch / "pairs.parquet")
            columns = ["id", "origin", "doc_id", "score_chosen", "score_rejected"]
            rows = lake.tables.read(change.snapshot, columns).to_pylist()
            origins = {o.value: sum(r["origin"] == o for r in rows) for o in Origin}
            facts = {
                "judge": settings["judge"],
                "origins": origins,
                "focus": focus,
                "corpus": {"digest": corpus.digest, "rows": corpus.snapshot(uc.key("filtered_corpus")).rows},
            }
            write_json(place.staging / "pairs.json", facts)
            draw_histogram(
                place.staging / "views/judge scores.png",
                "The judge's score of chosen and rejected answers",
                {"rejected": [r["score_rejected"] for r in rows], "chosen": [r["score_chosen"] for r in rows]},
                xlabel="score",
            )
            figures = {
                **origins,
                **made,
                "judge": settings["judge"],
                "feedback_refused": len(feedback.refused),
                "feedback_lines": len(feedback.pairs),
            }
            return Built(figures, {"pairs": rows, "refused feedback": feedback.refused}, (change.snapshot,))

        result = making.produce(build, config=settings, also=also, seed=uc.alignment.seed)
        note_feedback(lake, uc, feedback.ids())
        if config.focus:
            lake.notes.put(uc.name, "retraining_focus", {"digest": config.focus})
        return result

    @check(
        uc,
        "preference_pairs",
        blocking=True,
        description="No pair shares its question or an 8-gram with a golden question or answer.",
    )
    def golden_not_in_training_data(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake = platform.lake
        pairs = lake.current(uc.key("preference_pairs")).snapshot(uc.key("preference_pairs"))
        golden = questions_of(lake.current(uc.key("golden_set")))
        found = find_leaks(lake.tables.rows(pairs, ["id", "question", "chosen", "rejected"]), golden)
        return data_gate(
            not found,
            pairs=pairs.rows,
            golden_questions=len(golden),
            leaking=", ".join(f"{p}~{g}" for p, g in found[:10]) or "none",
        )

    @check(
        uc,
        "preference_pairs",
        description="Every line and file of the feedback folder could be used, and no reviewer contradicts another.",
    )
    def feedback_is_readable(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        refused = read_feedback(feedback_folder(platform.lake, uc)).refused
        return notice(
            not refused,
            refused=len(refused),
            first="; ".join(f"{r['file']}:{r['line']}: {r['reason']}" for r in refused[:5]) or "none",
        )

    @check(
        uc,
        "preference_pairs",
        blocking=True,
        description="Every row has an answer and, where the training compares two, both of them; a person's thumb has "
        "one by its nature and is passed over by such a training, which needs some pair with both.",
    )
    def every_pair_can_be_compared(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake = platform.lake
        pairs = lake.current(uc.key("preference_pairs")).snapshot(uc.key("preference_pairs"))
        found = comparable_rows(list(lake.tables.rows(pairs, ["id", "origin", "chosen", "rejected"])))
        compared = not compares(uc) or (found["pairs"] > 0 and not found["without_a_rejected_answer"])
        return data_gate(compared and not found["without_an_answer"], **found)

    @check(
        uc,
        "preference_pairs",
        blocking=uc.alignment.judging is not None,
        description="Whatever judge labelled pairs was measured against pairs that people labelled and reached what "
        "alignment.judging asks for; without that section this is a warning and stops nothing.",
    )
    def judge_was_measured(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake = platform.lake
        pairs = lake.current(uc.key("preference_pairs")).snapshot(uc.key("preference_pairs"))
        judged = sum(row["by"] == BY_JUDGE for row in lake.tables.rows(pairs, ["id", "by"]))
        record = lake.current(uc.key("judge_record")).json(RECORD) if lake.heads.get(uc.key("judge_record")) else None
        problem = why_not(record, uc.alignment.judging or Judging()) if judged else ""
        finding = data_gate if uc.alignment.judging else notice
        return finding(not problem, labelled_by_a_judge=judged, problem=problem or "none")

    made = [
        preference_pairs,
        every_pair_can_be_compared,
        golden_not_in_training_data,
        feedback_is_readable,
        judge_was_measured,
    ]
    return [*made, *expectation_checks(uc, "preference_pairs", PAIR_SUITE)]


def questions_of(golden: Artifact) -> list[dict[str, Any]]:
    """All golden questions, those that nothing answers too."""
    content = golden.json("golden.json")
    return [*content["items"], *content.get("unanswerable", [])]


def comparable_rows(rows: list[dict[str, Any]]) -> dict[str, int]:
    """How many rows have both answers, one by a person's thumb, one for another reason, and none."""
    alone = [row for row in rows if bool(row["chosen"]) != bool(row["rejected"])]
    thumbs = sum(row["origin"] == Origin.HUMAN for row in alone)
    return {
        "rows": len(rows),
        "pairs": sum(bool(row["chosen"] and row["rejected"]) for row in rows),
        "thumbs": thumbs,
        "without_a_rejected_answer": len(alone) - thumbs,
        "without_an_answer": sum(not (row["chosen"] or row["rejected"]) for row in rows),
    }


def asks_a_server(uc: UseCase) -> bool:
    """Whether the judge of the pairs is asked over the network."""
    return uc.alignment.judging is not None and uc.alignment.judging.judge == "endpoint"


def compares(uc: UseCase) -> bool:
    """Whether any stage of the training learns from answers people would not want, so that the model's own are made."""
    return any(method_of(stage).data in (Data.PAIRS, Data.UNPAIRED) for stage in stages_of(section_of(uc)))

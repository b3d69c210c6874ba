"""Asset `judge_record`: how often the judge of the preference pairs prefers what people prefer."""

import json
from dataclasses import asdict
from typing import Any

import dagster as dg

from genaiops_assets.alignment import (
    JudgeInputs,
    feedback_folder,
    keys_of,
    labelled_pairs,
    no_record,
    read_feedback,
    why_not,
)
from genaiops_assets.assets.alignment.preference_pairs import RECORD, asks_a_server
from genaiops_assets.lake import Workplace, digest_of, write_json
from genaiops_assets.models import BaseModelFiles, prompt_fields, prompts_of
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import TRAINING_POOL, check, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.retrieval import search_spec
from genaiops_assets.use_case import Judging, UseCase


def judge_record_assets(uc: UseCase) -> list[Any]:
    judging = uc.alignment.judging or Judging()

    @phase(uc, "alignment")(
        kinds={"json"},
        reads=["embeddings_index"],
        automation_condition=None,
        pool=TRAINING_POOL,
        smactr="testing",
        article="article-10.3",
        description="The judge that ranks answers for preference pairs, measured on pairs that people labelled: "
        "accuracy with interval, ties, abstentions, agreement; by language.",
    )
    def judge_record(making: Making) -> dg.MaterializeResult:
        lake = making.lake
        search, base = search_spec(lake, uc, making.read("embeddings_index")), lake.resolve(uc.model.base, uc.folder)
        labelled = labelled_pairs(uc, read_feedback(feedback_folder(lake, uc)))
        settings = {
            "judging": judging.model_dump(mode="json"),
            "passages": uc.alignment.pairs.passages,
            "language": uc.language,
            "dtype": uc.model.dtype,
            "load_in_4bit": uc.model.rounding,
            **prompt_fields(prompts_of(uc)),
        }

        def build(place: Workplace) -> Built:
            if not labelled:  # nothing to measure, so no process for it
                write_json(place.staging / RECORD, no_record(judging))
                return built(no_record(judging), judging)
            inputs = JudgeInputs(
                labelled=labelled,
                base=BaseModelFiles.model_validate(asdict(base)),
                servers=keys_of(judging),
                **search.to_dict(),
            )
            making.launch(
                place, "measure_judge", inputs.to_json(), settings, seed=uc.alignment.seed, online=asks_a_server(uc)
            )
            return built(json.loads((place.staging / RECORD).read_text(encoding="utf-8")), judging)

        also = {**search.digests, "base": base.digest, "labelled": digest_of(labelled)}
        return making.produce(build, config=settings, also=also, seed=uc.alignment.seed)

    @check(
        uc,
        "judge_record",
        description="The judge reaches what alignment.judging asks for on enough labelled pairs (60 % at the lower "
        "bound of the interval and 30 pairs, where nothing is stated).",
    )
    def judge_may_label(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        record = platform.lake.current(uc.key("judge_record")).json(RECORD)
        problem = why_not(record, judging)
        return notice(not problem, judge=record["judge"], pairs=record["pairs"], problem=problem or "none")

    return [judge_record, judge_may_label]


def built(record: dict[str, Any], judging: Judging) -> Built:
    """Figures, and accuracy by language as a table."""
    accuracy, agreement = record["accuracy"], record["agreement"]
    figures = {
        "judge": record["judge"],
        "labelled_pairs": record["pairs"],
        "accuracy": "not measured" if accuracy["mean"] is None else accuracy["mean"],
        "accuracy_low": "not measured" if accuracy["low"] is None else accuracy["low"],
        "alpha_with_people": "not measured" if agreement["alpha"] is None else agreement["alpha"],
        "tied": record["tied"],
        "abstained": record["abstained"],
        "may_label": why_not(record, judging) or "yes",
    }
    return Built(figures, {"by language": [{"language": n, **v} for n, v in record["by_language"].items()]})

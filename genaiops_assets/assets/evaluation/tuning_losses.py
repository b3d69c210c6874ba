"""Asset `tuning_losses`: what a tuned version does worse than the base model it began as."""

import json
from typing import Any

import dagster as dg

from genaiops_assets.alignment import read_plan
from genaiops_assets.assets.alignment.training_stage import adapter_of, base_of
from genaiops_assets.evaluation import AnsweredTwice, LossInputs, LossSettings, loss_in_words, loss_table, lost_figures
from genaiops_assets.lake import ERASED_TEXT, Artifact, Lake, Workplace, write_json
from genaiops_assets.models import prompts_of
from genaiops_assets.orchestration.automation import when_version_is_new
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import TRAINING_POOL, check, notice, phase, versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import BASE_CELLS, CONFIDENCE, SERVED_CELL, UseCase

CODE = "1"
FILE = "tuning_losses.json"
REPORT = "eval_report.json"
BASE, TUNED = BASE_CELLS[1], SERVED_CELL  # with retrieval, as people are answered
NOTHING_TRAINED = "this version is the base model as it is: nothing was trained, so nothing was lost"


def tuning_losses_assets(uc: UseCase) -> list[Any]:
    versions = versions_of(uc)

    @phase(uc, "evaluation")(
        kinds={"json", "huggingface"},
        reads={"checkpoint": "aligned_checkpoint", "report": "eval_report"},
        partitions_def=versions,
        automation_condition=when_version_is_new(),
        pool=TRAINING_POOL,
        article="article-15.1",
        code_version=CODE,
        description="What the tuned model does worse than its base: general text, simple questions, and in the kept "
        "answers refusals, form, repetition, length and training text word by word; both models and their paired "
        "difference.",
    )
    def tuning_losses(making: Making) -> dg.MaterializeResult:
        lake, version = making.lake, making.partition
        plan = read_plan(lake, uc, version)
        training = plan.training
        checkpoint = making.read("aligned_checkpoint", partition=version)
        report = making.read("eval_report", partition=version)
        adapter = adapter_of(checkpoint)
        pairs = lake.artifacts.get(uc.key("preference_pairs"), training.pairs.digest)
        judged = report.provenance()
        settings = LossSettings(
            language=uc.language,
            max_new_tokens=judged["config"]["max_new_tokens"],
            confidence=CONFIDENCE,
            resamples=judged["config"]["resamples"],
            dtype=training.dtype,
            load_in_4bit=training.load_in_4bit,
            of_each=uc.evaluation.limit_per_split,
        )

        def build(place: Workplace) -> Built:
            if adapter is None:
                nothing = {"schema_version": 1, "model_version": version, "tuned": False, "note": NOTHING_TRAINED}
                write_json(place.staging / FILE, {**nothing, "figures": {}})
                return Built({"tuned": False, "note": NOTHING_TRAINED})
            index = lake.artifacts.get(uc.key("embeddings_index"), judged["inputs"]["index"])
            inputs = LossInputs(
                model_version=version,
                base=base_of(lake, uc, plan).model_dump(),
                adapter=adapter,
                pairs=pairs.snapshot(uc.key("preference_pairs")).to_dict(),
                index=index.snapshot(uc.key("embeddings_index")).to_dict(),
                answers=answered_twice(lake, uc, report),
                prompts=prompts_of(uc).model_dump(mode="json"),
            )
            making.launch(
                place,
                "measure_losses",
                inputs.model_dump(mode="json"),
                settings.model_dump(mode="json"),
                seed=training.seed,
            )
            found = json.loads((place.staging / FILE).read_text())
            return Built(figures_of(found), {"losses": loss_table(found)})

        also = {"base": training.base.digest, "pairs": pairs.digest, "prompts": prompts_of(uc).version}
        return making.produce(build, config=settings.model_dump(mode="json"), also=also, seed=training.seed)

    @check(
        uc,
        "tuning_losses",
        partitions_def=versions,
        description="No figure of the tuned model is worse than the base model's by more than its tolerance, as far as "
        "the whole 95 % interval of the difference says. An undecided figure passes and is named.",
    )
    def little_is_lost(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        found = platform.lake.current(uc.key("tuning_losses"), context.partition_key).json(FILE)
        return notice(not lost_figures(found), **told(found))

    return [tuning_losses, little_is_lost]


def answered_twice(lake: Lake, uc: UseCase, report: Artifact) -> list[AnsweredTwice]:
    """What base and tuned model answered with retrieval, question by question, from the rows the report kept; without
    what was erased since."""
    golden = lake.artifacts.get(uc.key("golden_set"), report.provenance()["inputs"]["golden"]).json("golden.json")
    asked = {
        "golden": {item["id"]: item["question"] for item in golden["items"]},
        "refusal": {item["id"]: item["question"] for item in golden.get("unanswerable", [])},
    }
    answers: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows_of(lake, uc, report):
        if row["cell"] in (BASE, TUNED) and row["answer"] != ERASED_TEXT:
            answers.setdefault((row["suite"], row["item"]), {})[row["cell"]] = row
    return [
        AnsweredTwice(
            suite=suite,
            item=item,
            question=asked[suite][item],
            passages=tuple(cells[TUNED]["passages"]),
            base=cells[BASE]["answer"],
            tuned=cells[TUNED]["answer"],
        )
        for (suite, item), cells in sorted(answers.items())
        if len(cells) == 2 and asked.get(suite, {}).get(item, ERASED_TEXT) != ERASED_TEXT
    ]


def rows_of(lake: Lake, uc: UseCase, report: Artifact) -> list[dict[str, Any]]:
    """The kept answers of a report. Those of version 0.1 were of golden questions alone and said so nowhere."""
    snapshot = report.snapshot(uc.key("eval_outputs"))
    known = lake.tables.at(snapshot).schema.names
    columns = [c for c in ("suite", "item", "cell", "answer", "passages") if c in known]
    return [{"suite": "golden", "passages": [], **row} for row in lake.tables.rows(snapshot, columns)]


def figures_of(found: dict[str, Any]) -> dict[str, Any]:
    """What one decides by: which figures are lost, then each difference with its interval."""
    lost = [name for name, figure in found["figures"].items() if figure["verdict"] == "lost"]
    return {"tuned": True, "lost": ", ".join(lost) or "nothing", **in_sentences(found)}


def in_sentences(found: dict[str, Any]) -> dict[str, str]:
    return {name.replace("_", " "): loss_in_words(figure) for name, figure in found["figures"].items()}


def told(found: dict[str, Any]) -> dict[str, Any]:
    """For the check: what is lost and what is not shown, by name, with the figures."""
    if not found["tuned"]:
        return {"lost": "nothing", "note": found["note"]}
    undecided = [name for name, figure in found["figures"].items() if figure["verdict"] == "not_shown"]
    return {
        "lost": "; ".join(lost_figures(found)) or "nothing",
        "not_shown": ", ".join(undecided) or "nothing",
        **in_sentences(found),
    }

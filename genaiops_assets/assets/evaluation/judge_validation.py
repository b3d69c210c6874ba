"""Asset `judge_validation`: the judges of the evaluation, each measured on rows that people labelled."""

import json
from collections.abc import Mapping
from typing import Any

import dagster as dg

from genaiops_assets.assets.evaluation.judge_models import JudgesOfToday, asked_again
from genaiops_assets.evaluation import JudgeStandings, ValidationInputs, ValidationSettings
from genaiops_assets.lake import Artifact, Workplace, digest_of
from genaiops_assets.models import prompt_fields, prompts_of
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import TRAINING_POOL, check, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase

ASSET, FILE = "judge_validation", "judge_validation.json"


def judge_validation_assets(uc: UseCase) -> list[Any]:
    """None where the use case names no judges."""
    if not uc.evaluation.judges:
        return []

    @phase(uc, "evaluation")(
        kinds={"json"},
        automation_condition=None,
        pool=TRAINING_POOL,
        article="article-15.1",
        description="The judges of the evaluation, measured on labelled rows: area under the ROC curve, recall at 1 % "
        "false positives, agreement, each with its interval and by language. A gate believes no judge without it.",
    )
    def judge_validation(making: Making) -> dg.MaterializeResult:
        judges = JudgesOfToday(making.lake, uc)
        labelled = judges.labelled()
        settings = ValidationSettings(
            judges=judges.versions,
            settings=uc.evaluation.judge_settings,
            missing=judges.missing,
            asked_again=asked_again(making, judges, skipped_in),
            language=uc.language,
            dtype=uc.model.dtype,
            load_in_4bit=uc.model.rounding,
        ).model_dump(mode="json") | {"prompt_texts": prompt_fields(prompts_of(uc)).get("prompt_texts")}

        def build(place: Workplace) -> Built:
            given = ValidationInputs(models=judges.models, labelled=labelled).model_dump(mode="json")
            online = judges.asks_a_server
            making.launch(place, "validate_judges", given, settings, seed=uc.alignment.seed, online=online)
            return built(json.loads((place.staging / FILE).read_text(encoding="utf-8"))["judges"])

        return making.produce(build, config=settings, also={"labelled": digest_of(labelled)}, seed=uc.alignment.seed)

    @check(
        uc,
        ASSET,
        description="Every judge reaches what evaluation.judge_limits asks for, on enough labelled rows in each "
        "language, and none was skipped. Gates on a judge that does not are undecided.",
    )
    def judges_may_be_believed(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        found = standings(uc, platform.lake.current(uc.key(ASSET)))
        versions = JudgesOfToday(platform.lake, uc).versions
        problems = {name: found.of(name, version)[0] for name, version in versions.items()}
        wrong = {name: problem for name, problem in problems.items() if problem}
        return notice(not wrong, judges=len(versions), **wrong)

    return [judge_validation, judges_may_be_believed]


def standings(uc: UseCase, artifact: Artifact | None, champion: Mapping[str, str] | None = None) -> JudgeStandings:
    """What gates ask. Without an artifact no judge has a record. `champion`: the judges of the released report."""
    return JudgeStandings(
        records=artifact.json(FILE)["judges"] if artifact else {},
        limits=uc.evaluation.judge_limits,
        language=uc.language,
        source=artifact.digest if artifact else "",
        champion=champion or {},
    )


def limits_of_judges(uc: UseCase) -> dict[str, Any]:
    """What a decision depends on besides reports and records: another limit, another decision."""
    stated = {name: limits.model_dump(mode="json") for name, limits in uc.evaluation.judge_limits.items()}
    return {"judge_limits": stated} if stated else {}


def skipped_in(artifact: Artifact) -> dict[str, str]:
    """Judge → why it has no figures."""
    return {n: record["skipped"] for n, record in artifact.json(FILE)["judges"].items() if "skipped" in record}


def built(records: dict[str, Any]) -> Built:
    """Figures, and a table with one row a judge and language."""
    rows = [
        {"judge": name, "language": language, **figures_of(part)}
        for name, record in records.items()
        if "all" in record
        for language, part in {"all": record["all"], **record["by_language"]}.items()
    ]
    skipped = [{"judge": name, "why": record["skipped"]} for name, record in records.items() if "skipped" in record]
    figures = {"judges": len(records), "skipped": len(skipped)}
    return Built(figures, {"by language": rows, **({"skipped": skipped} if skipped else {})})


def figures_of(part: dict[str, Any]) -> dict[str, Any]:
    auc, recall = part["auc"], part["recall_at_1_percent"]["recall"]
    return {
        "rows": part["rows"],
        "with the label": part["labelled"],
        "no score": part["abstained"],
        "AUC": in_words(auc),
        "recall at 1 % false positives": in_words(recall),
        "agreement (alpha)": part["agreement"]["alpha"],
    }


def in_words(interval: dict[str, Any]) -> str:
    """0.91 [0.88, 0.93]"""
    if interval["mean"] is None or interval["low"] is None:
        return "not measured"
    return f"{interval['mean']:.3f} [{interval['low']:.3f}, {interval['high']:.3f}]"

"""Asset `drift_report`: whether a day's questions still look like what the model was made for."""

from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import dagster as dg

from genaiops_assets.alignment import feedback_folder, read_feedback
from genaiops_assets.corpus import inbox_fingerprint, indexed_inbox
from genaiops_assets.drift import rates, settle_tasks
from genaiops_assets.errors import Refused
from genaiops_assets.evaluation import evaluation_plan_of
from genaiops_assets.lake import ERASED_TEXT, Artifact, Lake, Workplace, digest_of
from genaiops_assets.models import REFUSAL, prompts_of
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, days_of, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.retrieval import embedder_of, index_spec
from genaiops_assets.serving import answered_before, asked_on, choose_version
from genaiops_assets.use_case import UseCase

DRIFT_CODE = "5"
LATENCIES = 1000
FIGURES = (
    "drifted",
    "enough",
    "p_value",
    "level",
    "moved_share",
    "centroid_distance",
    "n_reference",
    "n_current",
    "recommendation",
    "why",
)


def monitoring_assets(uc: UseCase) -> list[Any]:
    asset = phase(uc, "monitoring")
    days = days_of(uc)

    @asset(
        kinds={"huggingface"},
        reads=["interactions", "golden_set", "preference_pairs", "embeddings_index"],
        partitions_def=days,
        automation_condition=None,
        code_version=DRIFT_CODE,
        article="article-72.2",
        description="The day's questions against golden and training questions: a permutation test with a stated "
        "chance of false alarms, topics and features that moved, knowledge gaps, and what to do.",
    )
    def drift_report(making: Making) -> dg.MaterializeResult:
        lake, day = making.lake, making.partition
        asked = making.read("interactions", partition=day)
        golden = making.read("golden_set")
        pairs, index = making.read_if_there("preference_pairs"), making.read_if_there("embeddings_index")
        behind = index is not None and index_is_behind(lake, uc)
        embedder = embedder_of(lake, uc)
        settings = uc.monitoring.drift.model_dump()
        feedback = [pair["question"] for pair in read_feedback(feedback_folder(lake, uc)).pairs]
        ids = {r["id"] for r in lake.tables.rows(asked.snapshot(uc.key("interactions_day")), ["id"])}
        rows = asked_on(lake, uc, day, ids)
        judged, before = judged_report(lake, uc, rows), index_of_model(lake, uc, embedder.digest)
        seconds, refusals = seconds_before(lake, uc, day, rows), sorted({prompts_of(uc).refusal, REFUSAL[uc.language]})

        def build(place: Workplace) -> Built:
            told = {
                "day": day,
                "language": uc.language,
                "asked": [{**{n: r[n] for n in ("id", "question", "answer")}, "seconds": seconds_of(r)} for r in rows],
                "seconds": seconds,
                "rates": rates(rows, feedback, refusals),
                "pairs": pairs.snapshot(uc.key("preference_pairs")).to_dict() if pairs else None,
                "golden": [g["question"] for g in golden.json("golden.json")["items"] if g["question"] != ERASED_TEXT],
                "outputs": judged.snapshot(uc.key("eval_outputs")).to_dict() if judged else None,
                "index": index_spec(index) if index else None,
                "index_before": index_spec(before) if index and before and before.digest != index.digest else None,
                "index_is_behind": behind,
                "embedder": asdict(embedder),
            }
            making.launch(place, "measure_drift", told, settings, seed=uc.alignment.seed)
            return Built(*drift_shown(place, asked.digest))

        also = {
            "index_before": before.digest if before else "",
            "index_is_behind": str(behind),
            "seconds": digest_of(seconds),
            "feedback": digest_of(feedback),
            "refusals": digest_of(refusals),
            "eval_report": judged.digest if judged else "",
            "embedder": embedder.digest,
        }
        config = {"day": day, "language": uc.language, **settings}
        result = making.produce(build, config=config, also=also, seed=uc.alignment.seed)
        figures = lake.current(uc.key("drift_report"), day).summary["figures"]
        tasks = settle_tasks(lake, uc, day, figures, datetime.now(UTC).date())
        listed = "\n".join(f"- {task.in_words()}" for task in tasks) or "none"
        metadata = {**(result.metadata or {}), "open_tasks": dg.MarkdownMetadataValue(listed)}
        return dg.MaterializeResult(metadata=metadata, data_version=result.data_version)

    @check(
        uc,
        "drift_report",
        partitions_def=days,
        description="The day's questions, answers and new documents follow the distribution the model was made and "
        "judged with.",
    )
    def no_drift(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        figures = platform.lake.current(uc.key("drift_report"), context.partition_key).summary["figures"]
        names = (
            "enough",
            "n_current",
            "reasons",
            "p_value",
            "level",
            "moved_share",
            "centroid_distance",
            "recommendation",
            "why",
        )
        moved = [n for n in ("drifted", "answers_drifted", "documents_drifted") if figures.get(n)]
        shown = {k: figures[k] for k in (*names, *moved) if figures.get(k) is not None}
        return notice(not moved, **{k: str(v) if isinstance(v, (bool, list)) else v for k, v in shown.items()})

    return [drift_report, no_drift]


def newest(lake: Lake, uc: UseCase, name: str) -> Artifact | None:
    """What is current of an asset, or None before its first materialization."""
    return lake.current(uc.key(name)) if lake.heads.get(uc.key(name)) else None


def judged_report(lake: Lake, uc: UseCase, rows: list[dict[str, Any]]) -> Artifact | None:
    """The evaluation of the model that gave most of the day's answers, or None where none of them was evaluated."""
    model = answering_model(rows)
    if model is None or lake.heads.get(uc.key("eval_report"), model) is None:
        return None
    return lake.current(uc.key("eval_report"), model)


def answering_model(rows: list[dict[str, Any]]) -> str | None:
    """The version that gave most of these answers."""
    answered = Counter(r["gen_ai_response_model"] for r in rows if r["answer"]).most_common(1)
    return answered[0][0] if answered else None


def index_of_model(lake: Lake, uc: UseCase, embedder: str) -> Artifact | None:
    """The index that the model in use was planned on; None before there is a model, when that index was erased, or
    when another embedder than this digest made its vectors."""
    try:
        version = choose_version(lake, uc).version
        if version is None:
            return None
        index = lake.artifacts.get(uc.key("embeddings_index"), evaluation_plan_of(lake, uc, version).index.digest)
        lake.tables.at(index.snapshot(index.asset))
    except (KeyError, Refused):
        return None
    return index if index.json("index.json")["embedder"]["digest"] == embedder else None


def seconds_of(row: dict[str, Any]) -> float | None:
    """How long an answer took; looking up passages alone is another thing."""
    return row["gen_ai_client_operation_duration"] if row["answer"] else None


def seconds_before(lake: Lake, uc: UseCase, day: str, rows: list[dict[str, Any]]) -> list[float]:
    """How long answers of the day's model took on earlier days, the newest LATENCIES of them."""
    model = answering_model(rows)
    if model is None or not any(seconds_of(r) is not None for r in rows):
        return []
    earlier = answered_before(lake, uc, day, model)
    return [r["gen_ai_client_operation_duration"] for r in earlier[-LATENCIES:]]


def index_is_behind(lake: Lake, uc: UseCase) -> bool:
    """Whether documents wait to be indexed: files in the inbox, or passages that changed since."""
    indexed = indexed_inbox(lake, uc)
    if indexed and indexed["digest"] != inbox_fingerprint(lake, uc).digest:
        return True
    read = lake.current(uc.key("embeddings_index")).provenance()["inputs"]
    return bool(read["chunks"] != lake.heads.digest(uc.key("chunks")))


def beginning(row: dict[str, Any], *columns: str) -> dict[str, Any]:
    """The row with these columns first: a table is read from the left."""
    return {**{name: row[name] for name in columns}, **row}


def tested(result: dict[str, Any]) -> dict[str, Any]:
    names = ("drifted", "n_reference", "n_current", "p_value", "moved_share", "centroid_distance")
    return {**{n: result[n] for n in names}, "reasons": "; ".join(result["reasons"])}


def drift_shown(place: Workplace, interactions_digest: str) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """Figures for people and for the drift sensor, which reads nothing else."""
    import json

    report = json.loads((place.staging / "drift.json").read_text())
    figures = {n: report[n] for n in FIGURES if report.get(n) is not None}
    tables = {
        "what moved": report["moved"],
        "topics": [
            beginning({**t, "examples": ", ".join(t["examples"])}, "topic", "share_before", "share_now")
            for t in report["topics"]
        ],
        "features": [beginning(feature, "name", "mean_before", "mean_now") for feature in report["features"]],
        "knowledge gaps": [
            beginning({**gap, "examples": ", ".join(gap["examples"])}, "topic", "questions") for gap in report["gaps"]
        ],
    }
    beside = [{"what": what, **tested(report[what])} for what in ("answers", "documents") if report.get(what)]
    if report["enough"]:
        figures["in_gaps"] = sum(gap["share"] for gap in report["gaps"])
    figures |= {f"{row['what']}_drifted": row["drifted"] for row in beside}
    tables["answers and documents"] = beside
    return {
        **figures,
        **report["rates"],
        "reasons": "; ".join(report["reasons"]),
        "interactions": interactions_digest,
    }, tables

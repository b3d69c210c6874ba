"""Asset `latency_report`: how long people wait for an answer of a version, and what it costs."""

import json
from typing import Any

import dagster as dg

from genaiops_assets.alignment import read_plan
from genaiops_assets.assets.alignment.training_stage import adapter_of, base_of
from genaiops_assets.assets.evaluation.judging import answerable
from genaiops_assets.compute import describe_hardware, energy_estimate
from genaiops_assets.evaluation import (
    EvaluationInputs,
    EvaluationSettings,
    GoldenItem,
    evaluation_plan_of,
    second_figures,
    too_slow,
)
from genaiops_assets.governance import costs
from genaiops_assets.lake import Workplace
from genaiops_assets.models import prompts_of
from genaiops_assets.orchestration.automation import when_version_is_new
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import TRAINING_POOL, check, notice, phase, versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.retrieval import search_spec
from genaiops_assets.use_case import CONFIDENCE, UseCase

CODE = "1"
FILE = "latency_report.json"
SECONDS = "seconds"  # table of the summary: it differs from run to run, so it is no part of what is hashed


def latency_report_assets(uc: UseCase) -> list[Any]:
    versions, limits = versions_of(uc), uc.evaluation.latency_limits

    @phase(uc, "evaluation")(
        kinds={"json", "huggingface"},
        reads={"checkpoint": "aligned_checkpoint"},
        parts=["evaluation_plan"],
        partitions_def=versions,
        automation_condition=when_version_is_new() if limits else None,
        pool=TRAINING_POOL,
        article="article-13.3",
        code_version=CODE,
        description="Golden questions answered one after the other, as they are served: tokens read and written, "
        "seconds to the first token and from token to token (median and 95 of 100, with intervals), energy and cost. "
        "The first measurement of the same version, index and questions stands; made where the use case states "
        "limits, or when a person asks.",
    )
    def latency_report(making: Making) -> dg.MaterializeResult:
        lake, version = making.lake, making.partition
        planned, plan = evaluation_plan_of(lake, uc, version), read_plan(lake, uc, version)
        training = plan.training
        checkpoint = making.read("aligned_checkpoint", partition=version)
        golden = lake.artifacts.get(uc.key("golden_set"), planned.golden.digest)
        index = lake.artifacts.get(uc.key("embeddings_index"), planned.index.digest)
        search, prompts = search_spec(lake, uc, index), prompts_of(uc)
        settings = EvaluationSettings(
            **planned.settings.model_dump(),
            confidence=CONFIDENCE,
            language=training.language,
            dtype=training.dtype,
            load_in_4bit=training.load_in_4bit,
            prompts=prompts.version,
            limit=uc.evaluation.limit_per_split,
        )

        def build(place: Workplace) -> Built:
            inputs = EvaluationInputs(
                model_version=version,
                base=base_of(lake, uc, plan).model_dump(),
                adapter=adapter_of(checkpoint),
                golden=[GoldenItem(**item) for item in answerable(golden)],
                prompts=prompts.model_dump(mode="json"),
                **search.to_dict(),
            )
            config = settings.model_dump(mode="json")
            made = making.launch(place, "measure_latency", inputs.model_dump(mode="json"), config, seed=training.seed)
            return built(uc, json.loads((place.staging / FILE).read_text()), made)

        also = {"base": training.base.digest, "golden": golden.digest, "index": index.digest, **search.digests}
        config = {**settings.model_dump(mode="json"), "cpus": uc.compute.cpus}
        return making.produce(build, config=config, also=also, seed=training.seed)

    @check(
        uc,
        "latency_report",
        partitions_def=versions,
        description="95 of 100 answers come as fast as the use case says. A limit is missed where the whole interval "
        "lies beyond it; one that so few answers cannot decide passes and is named.",
    )
    def fast_enough(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        measured = platform.lake.current(uc.key("latency_report"), context.partition_key).summary["tables"][SECONDS]
        missed, undecided = too_slow(measured, limits)
        return notice(
            not missed,
            missed="; ".join(missed) or "none",
            undecided="; ".join(undecided) or "none",
            limits=str(limits.model_dump(exclude_none=True)) if limits else "none stated",
        )

    return [latency_report, fast_enough]


def built(uc: UseCase, report: dict[str, Any], made: dict[str, Any]) -> Built:
    """Figures and tables. What was measured stands here alone: what is hashed must not hold time."""
    rows, used, seconds = made["rows"], made["used"], second_figures(made["rows"])
    energy = used["energy"]
    if energy["kwh"] is None and "why" not in energy:
        energy = energy_estimate(used["cpu_seconds"], uc.compute.watts_per_cpu)
    cost = costs.costs_of_answers(
        [{costs.READ: row["read"], costs.WRITTEN: row["written"], costs.TOOK: row["whole"]} for row in rows],
        uc.prices,
    )
    per_1000 = None if energy["kwh"] is None or not rows else round(1000 * energy["kwh"] / len(rows), 6)
    hardware = describe_hardware()
    figures = {
        "answers": report["answers"],
        "questions": report["questions"],
        "tokens_read_mean": shown(report["tokens"]["read"]["mean"]),
        "tokens_written_mean": shown(report["tokens"]["written"]["mean"]),
        **{f"{row['measure']}_p50": shown(row["p50"]) for row in seconds},
        **{f"{row['measure']}_p95": shown(row["p95"]) for row in seconds},
        "energy_kwh_per_1000_answers": shown(per_1000),
        "energy_method": energy["method"],
        "cost_per_1000_answers": shown(cost["cost_per_1000"]),
        "currency": uc.prices.currency if uc.prices else "no price list",
        "hardware": ", ".join(hardware.get("gpus", ())) or f"{hardware['machine']}, {made['threads']} threads",
        "processor": made["processor"],
        "peak_rss_bytes": used["peak_rss_bytes"],
    }
    return Built(figures, {SECONDS: seconds})


def shown(value: float | None) -> float | str:
    return "not measured" if value is None else value

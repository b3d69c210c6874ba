"""Asset `seed_stability`: a short training of the plan with several seeds, and how far their gains lie apart."""

import json
from typing import Any

import dagster as dg

from genaiops_assets.alignment import Data, SnapshotRef, StabilityInputs, method_of, noise_problem, read_plan
from genaiops_assets.assets.alignment.training_stage import base_of
from genaiops_assets.lake import Workplace
from genaiops_assets.orchestration.automation import when_version_is_new
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import TRAINING_POOL, check, notice, phase, versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase

CODE = "1"
REPORT = "seed_stability.json"
SCORED = (Data.PAIRS, Data.COMPLETIONS)  # methods whose rows hold answers to score


def seed_stability_assets(uc: UseCase) -> list[Any]:
    """None unless the use case asks for it: each seed is a training."""
    stability = uc.alignment.stability
    if stability is None or method_of(uc.alignment.method).data not in SCORED:
        return []
    versions = versions_of(uc)

    @phase(uc, "alignment")(
        kinds={"huggingface", "json"},
        parts=["model_plan", "aligned_checkpoint"],
        partitions_def=versions,
        automation_condition=when_version_is_new(),
        pool=TRAINING_POOL,
        smactr="testing",
        code_version=CODE,
        description="The plan's training, shorter, with several seeds: gain of each on rows that none of them learned "
        "from, and the spread over seeds.",
    )
    def seed_stability(making: Making) -> dg.MaterializeResult:
        lake, version = making.lake, making.partition
        training = read_plan(lake, uc, version).training
        pairs = lake.artifacts.get(uc.key("preference_pairs"), training.pairs.digest)
        config = training.stage(training.method)
        seeds = [training.seed + n for n in range(stability.seeds)]

        def build(place: Workplace) -> Built:
            inputs = StabilityInputs(
                base=base_of(lake, uc, read_plan(lake, uc, version)),
                pairs=SnapshotRef(**pairs.snapshot(uc.key("preference_pairs")).to_dict()),
                seeds=seeds,
                steps=stability.steps,
            )
            making.launch(place, "repeat_training", inputs.to_json(), config, seed=training.seed)
            return built(json.loads((place.staging / REPORT).read_text()))

        also = {"base": training.base.digest, "pairs": pairs.digest}
        asked = {**config, "stability": {"seeds": seeds, "steps": stability.steps}}
        return making.produce(build, config=asked, also=also, seed=training.seed)

    @check(
        uc,
        "seed_stability",
        partitions_def=versions,
        description="The gain on rows that were held out is larger than what another seed gives (95 %, Student's t "
        "over seeds).",
    )
    def gain_exceeds_seed_noise(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        report = platform.lake.current(uc.key("seed_stability"), context.partition_key).json(REPORT)
        problem = noise_problem(report)
        told = {name: "not measured" if value is None else value for name, value in report["gain"].items()}
        return notice(not problem, problem=problem or "none", seed_noise=report["seed_noise"] or 0.0, **told)

    return [seed_stability, gain_exceeds_seed_noise]


def built(report: dict[str, Any]) -> Built:
    gain = report["gain"]
    figures = {
        "score": report["score"],
        "gain": gain["mean"],
        "gain_low": "not measured" if gain["low"] is None else gain["low"],
        "gain_high": "not measured" if gain["high"] is None else gain["high"],
        "seed_noise": "not measured" if report["seed_noise"] is None else report["seed_noise"],
        "verdict": noise_problem(report) or "larger than seed noise",
        "rows_held_out": report["rows_held_out"],
    }
    return Built(figures, {"seeds": [{"seed": int(seed), "gain": value} for seed, value in report["gains"].items()]})

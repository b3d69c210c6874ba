"""Asset `prompt_trials`: variants of the prompts compared on questions of the dev half."""

from dataclasses import asdict
from typing import Any

import dagster as dg

from genaiops_assets.assets.alignment.trying import SPEED, Trying, trial_asset
from genaiops_assets.evaluation import Trial, better, quality, ranked_trials
from genaiops_assets.evidence import draw_intervals
from genaiops_assets.lake import Workplace, write_json
from genaiops_assets.models import AS_THEY_ARE, Prompts, prompt_variants_of, prompts_of
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, notice
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase

TRIALS = "prompt_trials.json"


def prompt_trials_assets(uc: UseCase) -> list[Any]:
    if uc.evaluation.prompt_variants is None:
        return []

    @trial_asset(
        uc,
        description="The prompts as they are and their variants (other words, no example, more examples), answered by "
        "the base model with the same passages: answer F1 of each and its difference, question by question, with "
        "interval. Nothing is changed: a person writes the better words into prompts.yaml, which is a new version.",
    )
    def prompt_trials(making: Making) -> dg.MaterializeResult:
        words = {AS_THEY_ARE: prompts_of(uc), **prompt_variants_of(uc)}
        base = asdict(making.lake.resolve(uc.model.base, uc.folder))
        how: dict[str, Any] = {"base": base, "dtype": uc.model.dtype, "load_in_4bit": uc.model.rounding}
        trials = [Trial(name=name, prompts=p.model_dump(mode="json"), **how) for name, p in words.items()]
        trying = Trying(making, trials, TRIALS)

        def build(place: Workplace) -> Built:
            results, speeds, run_now = trying.results(place)
            report = report_of(words, results, trying)
            write_json(place.staging / TRIALS, report)
            effects = {v["name"]: v["effect"] for v in report["variants"] if v.get("effect")}
            if effects:
                draw_intervals(
                    place.staging / "views/variants.png",
                    "Answer F1, variant less prompts as they are",
                    effects,
                    zero=True,
                )
            figures = {
                "recommended": report["recommended"],
                "questions": report["sample"]["questions"],
                "tried_now": len(run_now),
                "known_from_before": len(results) - len(run_now),
            }
            return Built(figures, {"variants": [row_of(v) for v in report["variants"]], SPEED: speeds})

        return making.produce(build, config={"trials": trying.keys})

    @check(
        uc,
        "prompt_trials",
        description="No variant answers better than the prompts as they are (paired 95 % interval above zero), and all "
        "keep the prompt's contract.",
    )
    def prompts_are_the_best_tried(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        report = platform.lake.current(uc.key("prompt_trials")).json(TRIALS)
        refused = [f"{v['name']}: {v['refused']}" for v in report["variants"] if v["refused"]]
        kept = report["recommended"] == AS_THEY_ARE
        return notice(kept and not refused, recommended=report["recommended"], refused="; ".join(refused) or "none")

    return [prompt_trials, prompts_are_the_best_tried]


def report_of(words: dict[str, Prompts], results: dict[str, dict[str, Any]], trying: Trying) -> dict[str, Any]:
    """Every variant with its figures and its difference from the prompts as they are; the best of those that are
    better beyond doubt is recommended."""
    tried = {name: result for name, result in results.items() if "refused" not in result}
    now = tried.get(AS_THEY_ARE)
    variants = []
    for name, prompts in words.items():
        found = tried.get(name)
        variants.append(
            {
                "name": name,
                "version": prompts.version,
                "examples": len(prompts.examples),
                "refused": results[name].get("refused", ""),
                "answer_f1": quality(found) if found else None,
                "answered": found["answered"] if found else None,
                "effect": better(found, now) if found and now and name != AS_THEY_ARE else None,
            }
        )
    sure = {v["name"] for v in variants if v["effect"] and v["effect"]["low"] is not None and v["effect"]["low"] > 0}
    return {
        "schema_version": 1,
        "sample": {"questions": len(trying.items), "split": "dev"},
        "recommended": next((name for name in ranked_trials(tried) if name in sure), AS_THEY_ARE),
        "variants": variants,
        "results": {trying.keys[name]: result for name, result in results.items()},
    }


def row_of(variant: dict[str, Any]) -> dict[str, Any]:
    f1, effect = variant["answer_f1"] or {}, variant["effect"] or {}
    return {
        "variant": variant["name"],
        "version": variant["version"],
        "examples": variant["examples"],
        "answer_f1": f1.get("mean"),
        "less_as_they_are": effect.get("mean"),
        "low": effect.get("low"),
        "high": effect.get("high"),
        "answered": variant["answered"],
        "refused": variant["refused"],
    }

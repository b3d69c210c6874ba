"""Asset `base_choice`: base models tried on questions of the real task, and which of them is recommended."""

from dataclasses import asdict
from typing import Any

import dagster as dg

from genaiops_assets.assets.alignment.trying import SPEED, Trying, trial_asset
from genaiops_assets.errors import GenaiopsError
from genaiops_assets.evaluation import Trial, choose, quality, tied_ranks
from genaiops_assets.evidence import draw_intervals
from genaiops_assets.lake import Reference, Workplace, write_json
from genaiops_assets.models import prompts_of
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, notice
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase

CHOICE = "base_choice.json"
NONE = "none: every candidate was refused"


def base_choice_assets(uc: UseCase) -> list[Any]:
    if not uc.model.candidates:
        return []
    refs = list(dict.fromkeys([uc.model.base, *uc.model.candidates]))

    @trial_asset(
        uc,
        description="The base model and its candidates on the same questions of the dev half with the same passages: "
        "answer F1 with interval, memory, size, licence, languages, speed. The best answers are recommended, the "
        "smaller model where two cannot be told apart. What is trained is `model.base`, which a person pins.",
    )
    def base_choice(making: Making) -> dg.MaterializeResult:
        found, refused = resolved(making, refs)
        words = prompts_of(uc).model_dump(mode="json")
        trials = [
            Trial(name=ref, base=asdict(one), prompts=words, dtype=uc.model.dtype, load_in_4bit=uc.model.rounding)
            for ref, one in found.items()
        ]
        trying = Trying(making, trials, CHOICE)

        def build(place: Workplace) -> Built:
            results, speeds, run_now = trying.results(place)
            choice = choice_of(refs, found, refused, results, trying)
            write_json(place.staging / CHOICE, choice)
            intervals = {c["ref"].rsplit("/", 1)[-1]: c["answer_f1"] for c in choice["candidates"] if not c["refused"]}
            if intervals:
                questions = choice["sample"]["questions"]
                draw_intervals(
                    place.staging / "views/answer F1.png", f"Answer F1, {questions} dev questions", intervals
                )
            figures = {
                "recommended": (choice["winner"] or {}).get("ref", NONE),
                "runner_up": (choice["runner_up"] or {}).get("ref", "none"),
                "rationale": choice["rationale"],
                "tried_now": len(run_now),
                "known_from_before": len(results) - len(run_now),
            }
            return Built(figures, {"candidates": table_of(choice, speeds), SPEED: speeds})

        config = {"refs": refs, "refused": refused, "trials": trying.keys}
        return making.produce(build, config=config)

    @check(
        uc,
        "base_choice",
        description="The base model that the file pins is the recommended one, with the same bytes.",
    )
    def pinned_base_is_recommended(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        choice = platform.lake.current(uc.key("base_choice")).json(CHOICE)
        problem = pin_problem(choice, uc.model.base, platform.lake.resolve(uc.model.base, uc.folder).digest)
        return notice(not problem, problem=problem or "none", rationale=choice["rationale"])

    return [base_choice, pinned_base_is_recommended]


def resolved(making: Making, refs: list[str]) -> tuple[dict[str, Reference], dict[str, str]]:
    """(reference → files, reference → why it leads nowhere)."""
    found: dict[str, Reference] = {}
    refused: dict[str, str] = {}
    for ref in refs:
        try:
            found[ref] = making.lake.resolve(ref, making.uc.folder)
        except GenaiopsError as error:
            refused[ref] = str(error)
    return found, refused


def choice_of(
    refs: list[str],
    found: dict[str, Reference],
    refused: dict[str, str],
    results: dict[str, dict[str, Any]],
    trying: Trying,
) -> dict[str, Any]:
    """base_choice.json: every candidate with its figures or why it was refused, winner and runner-up by digest."""
    refused = refused | {ref: result["refused"] for ref, result in results.items() if "refused" in result}
    tried = {ref: result for ref, result in results.items() if ref not in refused}
    winner, runner_up, rationale = choose(tried) if tried else (None, None, NONE)
    pinned = {ref: {"ref": ref, "digest": found[ref].digest} for ref in tried}
    return {
        "schema_version": 1,
        "sample": {"questions": len(trying.items), "split": "dev"},
        "candidates": [
            {"ref": ref, "refused": refused[ref]} if ref in refused else described(found[ref], tried[ref])
            for ref in refs
        ],
        "winner": pinned[winner] if winner else None,
        "runner_up": pinned[runner_up] if runner_up else None,
        "rationale": rationale,
        "results": {trying.keys[ref]: result for ref, result in results.items()},
    }


def described(found: Reference, result: dict[str, Any]) -> dict[str, Any]:
    about = ("architecture", "parameters", "context_length", "languages")
    return {
        "ref": found.ref,
        "refused": "",
        "digest": found.digest,
        "license": found.license,
        "bytes": found.bytes,
        "weights_bytes": result["weights_bytes"],
        **{name: result["about"].get(name) for name in about},
        "answer_f1": quality(result),
        "answered": result["answered"],
        "in_language": result["in_language"],
    }


def table_of(choice: dict[str, Any], speeds: list[dict[str, Any]]) -> list[dict[str, Any]]:
    speed = {row["trial"]: row["tokens_a_second"] for row in speeds}
    ranks = tied_ranks({c["ref"]: c["answer_f1"] for c in choice["candidates"] if "answer_f1" in c})
    rows = []
    for c in choice["candidates"]:
        f1 = c.get("answer_f1", {})
        rows.append(
            {
                "candidate": c["ref"],
                "rank": ranks.get(c["ref"]),
                "answer_f1": f1.get("mean"),
                "low": f1.get("low"),
                "high": f1.get("high"),
                "tokens_a_second": speed.get(c["ref"]),
                "weights_mb": round(c["weights_bytes"] / 2**20, 1) if "weights_bytes" in c else None,
                "parameters": c.get("parameters"),
                "licence": c.get("license", ""),
                "languages": ", ".join(c.get("languages") or []) or "not stated",
                "in_language": c.get("in_language"),
                "refused": c["refused"],
            }
        )
    return rows


def pin_problem(choice: dict[str, Any], base: str, digest: str) -> str:
    """Why the pinned base is not the recommended one; "" when it is."""
    winner = choice["winner"]
    if winner is None:
        return choice["rationale"]
    if winner["digest"] == digest:
        return ""
    if winner["ref"] == base:
        return f"{base} is not the model that was tried any more (digest {digest[:12]}, tried {winner['digest'][:12]})"
    return f"model.base pins {base}, recommended is {winner['ref']}: {choice['rationale']}"

"""Evaluation of search alone: every way of searching the index on the golden questions, against the report before."""

import json
from typing import Any

import dagster as dg

from genaiops_assets.assets.evaluation.judging import answerable
from genaiops_assets.assets.evaluation.own_queries import retrieval_sets_of
from genaiops_assets.evaluation import Measure, against, worse
from genaiops_assets.lake import Lake, Workplace, digest_of, write_json
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.retrieval import search_spec
from genaiops_assets.statistics import ordered
from genaiops_assets.use_case import CONFIDENCE, UseCase

CODE = "2"  # 2: intervals keep a width at the edge; equal questions count once


def retrieving_assets(uc: UseCase) -> list[Any]:
    @phase(uc, "evaluation")(
        kinds={"json", "huggingface"},
        reads=["golden_set", "embeddings_index"],
        code_version=CODE,
        article="article-15.1",
        description="Search by meaning, by words and by both, and reranked where there is a reranker, on the golden "
        "questions and the use case's other sets: nDCG@10, recall@10 and MRR with intervals, and what changed since "
        "the report before.",
    )
    def retrieval_report(making: Making) -> dg.MaterializeResult:
        lake = making.lake
        golden, index = making.read("golden_set"), making.read("embeddings_index")
        search = search_spec(lake, uc, index)
        set_digests, sets = retrieval_sets_of(lake, uc)
        config = {"resamples": uc.evaluation.resamples, "confidence": CONFIDENCE}
        also = {**search.digests, **set_digests}
        basis = digest_of([making.inputs(also), config])
        before = earlier_report(lake, uc, basis)

        def build(place: Workplace) -> Built:
            told = {
                **search.to_dict(),
                "golden": answerable(golden),
                "retrieval_sets": sets,
            }
            making.launch(place, "compare_retrieval", told, config, seed=uc.alignment.seed)
            report = json.loads((place.scratch / "report.json").read_text())
            previous = (
                lake.artifacts.get(uc.key("retrieval_report"), before).json("retrieval_report.json")["items"]
                if before
                else {}
            )
            changed = against(
                report["items"], previous, Measure(uc.evaluation.resamples, CONFIDENCE, uc.alignment.seed)
            )
            report |= {"previous": before, "basis": basis, "against_previous": changed}
            write_json(place.staging / "retrieval_report.json", report)
            figures = {
                f"ndcg_at_10_{mode}": scores["ndcg_at_10"]["mean"]
                for mode, scores in report["sets"].get("golden", {}).items()
            }
            return Built(
                {"mode": report["mode"], **figures},
                {"by way of searching": shown(report["sets"]), "against the report before": gains(changed)},
            )

        also["previous"] = before
        return making.produce(build, config=config, also=also, seed=uc.alignment.seed)

    @check(
        uc,
        "retrieval_report",
        description="The way of searching in use finds no less than in the report before (paired interval of nDCG@10).",
    )
    def retrieval_is_not_worse(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        report = platform.lake.current(uc.key("retrieval_report")).json("retrieval_report.json")
        lost = worse(report["against_previous"], report["mode"])
        return notice(
            not lost,
            mode=report["mode"],
            worse_on=", ".join(lost) or "none",
            compared_with=report["previous"][:16] or "none",
        )

    return [retrieval_report, retrieval_is_not_worse]


def earlier_report(lake: Lake, uc: UseCase, basis: str) -> str:
    """Digest of the report before this one, "" when there is none; making the same report again does not make it its
    own predecessor."""
    head = lake.heads.get(uc.key("retrieval_report"))
    if head is None:
        return ""
    report = lake.artifacts.get(uc.key("retrieval_report"), head["digest"]).json("retrieval_report.json")
    return report["previous"] if report["basis"] == basis else head["digest"]


def shown(sets: dict[str, Any]) -> list[dict[str, Any]]:
    """Ways of searching by set and score, the surest first; ways that cannot be told apart share a place."""
    return [
        {
            "set": name,
            "place": place.rank,
            "mode": place.name,
            "metric": metric,
            **{k: modes[place.name][metric][k] for k in ("mean", "low", "high", "n")},
        }
        for name, modes in sets.items()
        for metric in next(iter(modes.values()), {})
        for place in ordered({mode: (scores[metric]["low"], scores[metric]["high"]) for mode, scores in modes.items()})
    ]


def gains(changed: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"set": name, "mode": mode, **{k: value[k] for k in ("mean", "low", "high", "n")}}
        for name, by in changed.items()
        for mode, value in by.items()
    ]

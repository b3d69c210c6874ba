"""Asset `golden_set`: questions with answers and documents, written by people, half held out."""

from typing import Any

import dagster as dg

from genaiops_assets.evaluation import golden_content
from genaiops_assets.lake import Workplace, write_json
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, data_gate, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase


def golden_set_assets(uc: UseCase) -> list[Any]:
    asset = phase(uc, "scoping")

    @asset(
        kinds={"json"},
        gates=["use_case_scope"],
        article="article-10.2",
        description="Questions with answers and the documents they rest on, written by people; half of them held out.",
    )
    def golden_set(making: Making) -> dg.MaterializeResult:
        content = golden_content(uc)
        items = content["items"]

        def build(place: Workplace) -> Built:
            write_json(place.staging / "golden.json", {"schema_version": 1, **content})
            splits = {s: sum(i["split"] == s for i in items) for s in ("dev", "held_out")}
            rows = [
                {"id": i["id"], "split": i["split"], "question": i["question"], "documents": ", ".join(i["documents"])}
                for i in items
                if i["split"] == "dev"
            ]
            open_ones = content.get("unanswerable", [])
            figures = {"questions": len(items), **splits, **({"unanswerable": len(open_ones)} if open_ones else {})}
            unanswerable = [{"id": i["id"], "question": i["question"]} for i in open_ones if i["split"] == "dev"]
            return Built(figures, {"dev questions": rows, "dev questions nothing answers": unanswerable})

        return making.produce(build, config=content if "unanswerable" in content else items)

    @check(
        uc,
        "golden_set",
        blocking=True,
        additional_deps=[dg.AssetKey([uc.name, "filtered_corpus"])],
        description="Every document a golden question rests on is in the corpus.",
    )
    def golden_documents_exist(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake = platform.lake
        items = lake.current(uc.key("golden_set")).json("golden.json")["items"]
        corpus = lake.current(uc.key("filtered_corpus")).snapshot(uc.key("filtered_corpus"))
        there = {r["id"] for r in lake.tables.rows(corpus, ["id"])}
        missing = sorted({d for i in items for d in i["documents"]} - there)
        return data_gate(not missing, questions=len(items), missing=", ".join(missing[:10]) or "none")

    return [golden_set, golden_documents_exist]

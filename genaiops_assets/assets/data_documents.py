"""Documents of the data: what regulators, users and machines read about the corpus, rendered from JSON with claims."""

from typing import Any

import dagster as dg

from genaiops_assets.assets.phases import check, notice, phase
from genaiops_assets.assets.platform import Platform
from genaiops_assets.assets.produce import Built, key_of, produce
from genaiops_assets.governance import Evidence, build_datasheet, gaps, render_datasheet
from genaiops_assets.lake import Workplace, write_json
from genaiops_assets.use_case import UseCase


def data_document_assets(uc: UseCase) -> list[Any]:
    asset = phase(uc, "corpus")

    @asset(
        kinds={"markdown", "json"},
        deps=["filtered_corpus"],
        article="article-10.2",
        description="The 57 questions of Datasheets for Datasets: numbers as claims on the corpus, the rest answered by people or named as a gap.",
    )
    def datasheet(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        corpus = platform.lake.current(key_of(uc, "filtered_corpus"))
        config = uc.section("purpose", "people", "datasheet", "card") | {"title": uc.title, "language": uc.language}

        def build(place: Workplace) -> Built:
            sheet = build_datasheet(uc, Evidence(corpus.asset, corpus.digest, corpus.json("corpus.json")))
            write_json(place.staging / "datasheet.json", sheet)
            (place.staging / "datasheet.md").write_text(render_datasheet(sheet), encoding="utf-8")
            missing = gaps(sheet)
            answered = sum(len(s["answers"]) for s in sheet["sections"]) - len(missing)
            return Built({"questions_answered": answered, "gaps": len(missing)}, {"named gaps": [{"gap": g} for g in missing]})

        return produce(
            context,
            platform,
            uc,
            "datasheet",
            inputs={"filtered_corpus": corpus.digest},
            config=config,
            code_version="1",
            build=build,
        )

    @check(uc, "datasheet", description="Questions that only a person can answer have been answered in the use case file.")
    def no_gaps(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        missing = gaps(platform.lake.current(key_of(uc, "datasheet")).json("datasheet.json"))
        return notice(not missing, gaps=len(missing), fields=", ".join(missing[:20]))

    return [datasheet, no_gaps]

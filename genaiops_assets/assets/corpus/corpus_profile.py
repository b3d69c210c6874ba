"""Asset `corpus_profile`: languages, lengths, sources, licences, groups named and word counts of the filtered
corpus."""

import json
from typing import Any

import dagster as dg

from genaiops_assets.governance.documents import (
    crawled_sources,
)
from genaiops_assets.lake import Workplace
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase

MOST_NEAR_DUPLICATES = 0.2  # of the documents
PROFILE_SEED = 17


def profile_assets(uc: UseCase) -> list[Any]:
    crawled = crawled_sources(uc)

    @phase(uc, "corpus")(
        kinds={"json", "sklearn"},
        reads=["filtered_corpus", *(["documents"] if crawled else [])],
        article="article-10.2.e",
        description="Diversity of the corpus: topics, groups mentioned, lexical diversity, domains, entropy of the "
        "sources, repetition.",
    )
    def corpus_profile(making: Making) -> dg.MaterializeResult:
        corpus = making.read("filtered_corpus")
        documents = making.read("documents") if crawled else None
        config = {"topics": uc.data_bias.topics}

        def build(place: Workplace) -> Built:
            told = {
                "corpus": corpus.snapshot(uc.key("filtered_corpus")).to_dict(),
                "ledger": corpus.snapshot(uc.key("row_ledger")).to_dict(),
                "documents": documents.snapshot(uc.key("documents")).to_dict() if documents else None,
                "crawled": crawled,
            }
            making.launch(place, "profile_corpus", told, config, seed=PROFILE_SEED)
            profile = json.loads((place.staging / "profile.json").read_text("utf-8"))
            figures = {
                "source_entropy_bits": profile["source_entropy"]["bits"],
                "near_duplicate_rate": profile["duplication"]["near_rate"],
                **{f"mtld_{tongue}": found["mtld"] for tongue, found in profile["lexical_diversity"].items()},
            }
            shown = [{**t, "terms": ", ".join(t["terms"])} for t in profile["topics"]]
            return Built(figures, {"topics": shown, "largest domains": profile["crawled_domains"]["largest_tenth"]})

        return making.produce(build, config={**config, "crawled": crawled}, seed=PROFILE_SEED)

    @check(uc, "corpus_profile", description="Few documents are near copies of others: copies weigh in training.")
    def few_near_duplicates(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        rate = platform.lake.current(uc.key("corpus_profile")).summary["figures"]["near_duplicate_rate"]
        return notice((rate or 0) <= MOST_NEAR_DUPLICATES, rate=rate, at_most=MOST_NEAR_DUPLICATES)

    return [corpus_profile, few_near_duplicates]

"""Two checks on the documents of the data: `every_source_is_traced` on the datasheet, `documents_are_of_this_corpus` on
the model plan.

Belongs here: how those checks look. Does not belong here: the comparisons (`governance/documents/origins.py`)."""

from typing import Any

import dagster as dg

from genaiops_assets.governance.documents import documents, origins_of, other_corpora, sources_of, untraced
from genaiops_assets.orchestration.phases import check, notice
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase

SHOWN = 10


def traced_document_checks(uc: UseCase) -> list[Any]:
    @check(
        uc,
        "datasheet",
        description="Every source in the corpus, and every document of it, has a licence, a digest and the date on "
        "which it was first read.",
    )
    def every_source_is_traced(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake = platform.lake
        digest = lake.current(uc.key("datasheet")).provenance()["inputs"]["filtered_corpus"]
        corpus = lake.artifacts.get(uc.key("filtered_corpus"), digest)
        found = untraced(origins_of(lake, uc, corpus), sources_of(corpus))
        listed = "; ".join(f"{name}: {what}" for name, what in list(found.items())[:SHOWN])
        return notice(not found, sources=len(sources_of(corpus)), untraced=len(found), which=listed or "none")

    @check(
        uc,
        "model_plan",
        additional_deps=[dg.AssetKey([uc.name, name]) for name in (*documents(), "privacy_record")],
        description="Datasheet, bias log, privacy record, cards and summary speak of the corpus that the plan trains "
        "on. When the corpus moves on they follow it, and differ until the next plan.",
    )
    def documents_are_of_this_corpus(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake = platform.lake
        digest = lake.current(uc.key("model_plan")).json("plan.json")["training"]["corpus"]["digest"]
        found = other_corpora(lake, uc, digest)
        listed = "; ".join(f"{name} {reason}" for name, reason in found.items())
        return notice(not found, corpus=digest[:12], others=listed or "none")

    return [every_source_is_traced, documents_are_of_this_corpus]

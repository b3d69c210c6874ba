"""`decontamination_report`: golden and benchmark items that documents of the corpus hold.

Belongs here: that asset, and the check that none is left. Does not belong here: how an item is found
(`corpus/decontamination.py`)."""

from typing import Any

import dagster as dg

from genaiops_assets.corpus import TEST_ITEMS, Contamination, Hit, contamination_items, decide
from genaiops_assets.evidence import draw_histogram
from genaiops_assets.lake import Lake, Snapshot, Workplace, digest_of, write_json
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, data_gate, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase

Found = dict[str, list[Hit]]
SEARCHED: dict[str, Found] = {}  # of this process: check and report of one run share the search
CODE = "1"


def decontamination_report_assets(uc: UseCase) -> list[Any]:
    asset = phase(uc, "corpus")

    @asset(
        kinds={"json"},
        reads=["filtered_corpus"],
        parts=["golden_set"],
        code_version=CODE,
        article="article-10.3",
        smactr="testing",
        description="Golden and benchmark items searched in the corpus by normalised n-grams: which documents hold "
        "which items, and how much of them.",
    )
    def decontamination_report(making: Making) -> dg.MaterializeResult:
        lake = making.lake
        corpus = making.read("filtered_corpus")
        settings = uc.corpus.decontaminate
        items = contamination_items(lake, uc)

        def build(place: Workplace) -> Built:
            search = Contamination.from_items(items, settings.n)
            found = search_corpus(lake, corpus.snapshot(uc.key("filtered_corpus")), search)
            report = report_of(search, found, settings.min_overlap, corpus.snapshot(uc.key("filtered_corpus")).rows)
            removed = removed_before(lake, uc)
            write_json(place.staging / "decontamination.json", {**settings.model_dump(), **report, "removed": removed})
            shares = [hit.overlap for hits in found.values() for hit in hits]
            draw_histogram(
                place.staging / "views/overlap of items and documents.png",
                "How much of an item a document holds",
                {"items found": shares},
                xlabel="share of the item's n-grams",
            )
            contaminated = [d for d in report["documents"] if d["contaminated"]]
            figures = {
                "action": settings.action,
                "items": len(search.items),
                "too_short_to_search": len(search.too_short),
                "documents": report["searched"],
                "documents_with_hits": len(report["documents"]),
                "documents_contaminated": len(contaminated),
                "removed_by_the_recipe": removed,
            }
            rows = [
                {k: v for k, v in d.items() if k != "hits"} | {"items": len(d["hits"])} for d in report["documents"]
            ]
            return Built(figures, {"item sets": report["item_sets"], "documents hit": rows})

        config = {
            **settings.model_dump(),
            "items": digest_of([[i.item_set, i.item_id, i.field, i.text] for i in items]),
        }
        return making.produce(build, config=config)

    removes = uc.corpus.decontaminate.action == "remove"

    @check(
        uc,
        "filtered_corpus",
        blocking=removes,
        description="No document holds a golden or benchmark item. "
        + (
            "Documents that do are removed, so one that is left is a fault."
            if removes
            else "They are reported, not removed."
        ),
    )
    def no_contamination_left(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        settings = uc.corpus.decontaminate
        snapshot = platform.lake.current(uc.key("filtered_corpus")).snapshot(uc.key("filtered_corpus"))
        search = Contamination.from_items(contamination_items(platform.lake, uc), settings.n)
        found = search_corpus(platform.lake, snapshot, search)
        left = sorted(doc for doc, hits in found.items() if decide(hits, settings.min_overlap))
        result = data_gate if removes else notice
        return result(
            not left,
            documents=snapshot.rows,
            items=len(search.items),
            contaminated=len(left),
            first=", ".join(left[:10]) or "none",
        )

    @check(uc, "decontamination_report", description="The corpus that was searched is the corpus there is now.")
    def report_is_of_this_corpus(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        searched = platform.lake.current(uc.key("decontamination_report")).provenance()["inputs"]["filtered_corpus"]
        now = platform.lake.heads.digest(uc.key("filtered_corpus"))
        return notice(searched == now, searched=searched[:12], now=now[:12])

    return [decontamination_report, report_is_of_this_corpus, no_contamination_left]


def search_corpus(lake: Lake, snapshot: Snapshot, search: Contamination) -> Found:
    """{document id: hits} of the documents that hold an item, in one pass over the texts."""
    key = digest_of([lake.url, snapshot.name, snapshot.digest, snapshot.version, search.to_config()])
    if key not in SEARCHED:
        found: Found = {}
        for batch in lake.tables.batches(snapshot, ["id", "text"]):
            hits = search.search([t or "" for t in batch.column("text").to_pylist()])
            found.update((i, h) for i, h in zip(batch.column("id").to_pylist(), hits, strict=True) if h)
        SEARCHED.clear()
        SEARCHED[key] = dict(sorted(found.items()))
    return SEARCHED[key]


def report_of(search: Contamination, found: Found, min_overlap: float, searched: int) -> dict[str, Any]:
    """What was searched and found: by item set, and by document with its hits. Ids and numbers, no text."""
    names = sorted({i.item_set for i in (*search.items, *search.too_short)})
    documents: list[dict[str, Any]] = [
        {
            "id": doc,
            "overlap": round(hits[0].overlap, 6),
            "contaminated": decide(hits, min_overlap),
            "hits": [h.to_dict() for h in hits],
        }
        for doc, hits in found.items()
    ]
    documents.sort(key=lambda d: (-d["overlap"], d["id"]))
    return {
        "searched": searched,
        "item_sets": [set_figures(search, found, name, min_overlap) for name in names],
        "documents": documents,
    }


def set_figures(search: Contamination, found: Found, name: str, min_overlap: float) -> dict[str, Any]:
    hits = [(doc, h) for doc, all_of_it in found.items() for h in all_of_it if h.item_set == name]
    return {
        "item_set": name,
        "items": sum(i.item_set == name for i in search.items),
        "too_short": sum(i.item_set == name for i in search.too_short),
        "items_found": len({(h.item_id, h.field) for _, h in hits}),
        "documents_hit": len({doc for doc, _ in hits}),
        "documents_contaminated": len({doc for doc, h in hits if h.overlap >= min_overlap}),
        "highest_overlap": round(max((h.overlap for _, h in hits), default=0.0), 6),
    }


def removed_before(lake: Lake, uc: UseCase) -> int:
    """Documents that the corpus engine rejected because they hold a test item."""
    ledger = lake.current(uc.key("filtered_corpus")).snapshots.get(uc.key("row_ledger"))
    return sum(r["operator"] == TEST_ITEMS for r in lake.tables.rows(ledger, ["operator"])) if ledger else 0

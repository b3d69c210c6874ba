"""Filtering: the documents after the recipe, with a reason for every row."""

from dataclasses import asdict
from typing import Any

import dagster as dg

from genaiops_assets import plots
from genaiops_assets.assets.expectations import expectation_checks
from genaiops_assets.assets.phases import check, data_gate, phase, writer_pool
from genaiops_assets.assets.platform import Platform
from genaiops_assets.assets.produce import Built, key_of, produce
from genaiops_assets.corpus import FILTERED, describe, funnel, load_recipe
from genaiops_assets.lake import Artifact, Lake, Workplace, write_json
from genaiops_assets.quality import corpus_suite
from genaiops_assets.use_case import UseCase

CODE = "1"


def filtering_assets(uc: UseCase) -> list[Any]:
    asset = phase(uc, "corpus")

    @asset(
        kinds={"lance", "datajuicer"},
        pool=writer_pool(uc),
        deps=["documents"],
        article="article-10.3",
        description="The documents after the Data-Juicer recipe. `row_ledger` says for every input row what became of it, by which operator, value and threshold.",
    )
    def filtered_corpus(context: dg.AssetExecutionContext, platform: Platform) -> dg.MaterializeResult:
        lake = platform.lake
        source = lake.current(key_of(uc, "documents"))
        recipe = uc.path(uc.corpus.recipe)
        operators = [asdict(o) for o in load_recipe(recipe)]

        def build(place: Workplace) -> Built:
            inputs = {
                "documents": source.snapshot(key_of(uc, "documents")).to_dict(),
                "quarantine": source.snapshot(key_of(uc, "quarantine")).to_dict(),
                "previous": earlier_filtering(lake, uc, operators),
                "recipe": str(recipe),
            }
            counts = platform.launch(context, uc, place, "filter_corpus", inputs, {"batch_rows": uc.corpus.batch_rows})
            kept = lake.tables.sync(key_of(uc, "filtered_corpus"), place.scratch / "filtered.parquet")
            ledger = lake.tables.sync(key_of(uc, "row_ledger"), place.scratch / "row_ledger.parquet")
            figures = corpus_figures(lake, uc, place, source, kept.snapshot, ledger.snapshot, operators)
            dropped = [
                {k: r[k] for k in ("id", "outcome", "operator", "statistic", "value", "threshold", "duplicate_of")}
                for r in lake.tables.read(ledger.snapshot).to_pylist()
                if r["outcome"] not in ("kept", "changed")
            ]
            shown = {"processed_now": counts["processed"], "reused_rows": counts["reused"], **figures["outcomes"]}
            return Built({**shown, "languages": figures["languages"]}, {"dropped": dropped}, (kept.snapshot, ledger.snapshot))

        return produce(
            context,
            platform,
            uc,
            "filtered_corpus",
            inputs={"documents": source.digest},
            config=operators,
            code_version=CODE,
            build=build,
        )

    @check(
        uc,
        "filtered_corpus",
        blocking=True,
        description="Every row read ends as exactly one of kept, changed, rejected, duplicate or quarantined.",
    )
    def every_row_accounted_for(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake = platform.lake
        source = lake.current(key_of(uc, "documents"))
        filtered = lake.current(key_of(uc, "filtered_corpus"))
        read = {r["id"] for name in ("documents", "quarantine") for r in lake.tables.rows(source.snapshot(key_of(uc, name)), ["id"])}
        ledger = list(lake.tables.rows(filtered.snapshot(key_of(uc, "row_ledger")), ["id", "outcome"]))
        kept = {r["id"] for r in lake.tables.rows(filtered.snapshot(key_of(uc, "filtered_corpus")), ["id"])}
        told = {r["id"] for r in ledger if r["outcome"] in ("kept", "changed")}
        counts = source.json("documents.json")["counts"]
        adds_up = counts["rows_read"] == counts["documents"] + counts["quarantined"] + counts["superseded"]
        same = read == {r["id"] for r in ledger} and len(ledger) == len(read) and kept == told
        return data_gate(same and adds_up, rows_read=counts["rows_read"], rows_in_ledger=len(ledger), kept=len(kept))

    return [filtered_corpus, every_row_accounted_for, *expectation_checks(uc, "filtered_corpus", corpus_suite(uc, FILTERED), shift=True)]


def earlier_filtering(lake: Lake, uc: UseCase, operators: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Snapshots of the last filtering when it used the same recipe: its findings on unchanged rows hold."""
    if lake.heads.get(key_of(uc, "filtered_corpus")) is None:
        return None
    last = lake.current(key_of(uc, "filtered_corpus"))
    facts = last.json("corpus.json")
    if facts["recipe"] != operators or facts["code_version"] != CODE:
        return None
    return {
        "filtered": last.snapshot(key_of(uc, "filtered_corpus")).to_dict(),
        "ledger": last.snapshot(key_of(uc, "row_ledger")).to_dict(),
    }


def corpus_figures(
    lake: Lake, uc: UseCase, place: Workplace, source: Artifact, kept: Any, ledger: Any, operators: list[dict[str, Any]]
) -> dict[str, Any]:
    """`corpus.json` and the plots: what the datasheet and the model card cite."""
    columns = ["id", "source", "language", "license", "first_seen", "text"]
    texts = lake.tables.read(kept, columns).to_pylist()
    before = [len(r["text"]) for r in lake.tables.rows(source.snapshot(key_of(uc, "documents")), ["text"])]
    facts = source.json("documents.json")
    steps = funnel(lake.tables.rows(ledger, ["outcome", "operator"]))
    described = describe(texts)
    by_source = described["documents_by_source"]
    figures = {
        **described,
        **steps,
        "recipe": operators,
        "operators": [o["name"] for o in operators],
        "code_version": CODE,
        "counts": facts["counts"],
        "sources": [{**s, "documents": by_source.get(s["name"], 0)} for s in facts["sources"]],
    }
    write_json(place.staging / "corpus.json", figures)
    plots.bars(place.staging / "views/what became of the rows.png", "What became of the rows", steps["outcomes"])
    lengths = {"before": before, "after": [len(r["text"]) for r in texts]}
    plots.histogram(place.staging / "views/document length.png", "Document length before and after", lengths, xlabel="characters")
    return figures

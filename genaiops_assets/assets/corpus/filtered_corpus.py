"""Filtering: the documents after the recipe, with a reason for every row."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from genaiops_assets.corpus import (
    FILTERED,
    OUTCOMES,
    OWN,
    Description,
    described,
    funnel,
    operators_of,
    read_frame,
    text_lengths,
)
from genaiops_assets.evidence import draw_bars, draw_histogram
from genaiops_assets.lake import Artifact, Change, Lake, Snapshot, Workplace, write_json
from genaiops_assets.orchestration.expectations import expectation_checks
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, data_gate, phase, writer_pool
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.privacy import RULES_VERSION
from genaiops_assets.quality import corpus_suite
from genaiops_assets.use_case import UseCase

CODE = "2"
SAMPLES = 5  # dropped rows shown for each operator


def filtering_assets(uc: UseCase) -> list[Any]:
    asset = phase(uc, "corpus")

    @asset(
        kinds={"lance", "datajuicer"},
        pool=writer_pool(uc),
        reads=["documents"],
        code_version=f"{CODE}.{RULES_VERSION}",
        article="article-10.3",
        description="The documents after the Data-Juicer recipe. `row_ledger` says for every input row what became "
        "of it, by which operator, value and threshold.",
    )
    def filtered_corpus(making: Making) -> dg.MaterializeResult:
        lake = making.lake
        source = making.read("documents")
        recipe = uc.path(uc.corpus.recipe)
        plan = operators_of(lake, uc)
        operators = described(plan, recipe.parent, lake.cache / "data_juicer")

        def build(place: Workplace) -> Built:
            previous = earlier_filtering(lake, uc)
            inputs = {
                "documents": source.snapshot(uc.key("documents")).to_dict(),
                "quarantine": source.snapshot(uc.key("quarantine")).to_dict(),
                "erased": source.snapshot(uc.key("erased")).to_dict(),
                "previous": previous,
                "recipe": str(recipe),
                "own": [asdict(o) for o in plan if o.name in OWN],
                "stages": uc.name,
            }
            counts = making.launch(place, "filter_corpus", inputs, {"batch_rows": uc.corpus.batch_rows})
            kept = change_of(
                lake, uc, "filtered_corpus", place.scratch / "filtered.parquet", previous, counts["removed"]
            )
            ledger = change_of(
                lake, uc, "row_ledger", place.scratch / "row_ledger.parquet", previous, counts["removed"]
            )
            figures = corpus_figures(lake, uc, place, source, kept.snapshot, ledger.snapshot, operators)
            columns = ["id", "outcome", "operator", "statistic", "value", "threshold", "duplicate_of"]
            dropped = samples_of(lake.tables.rows(ledger.snapshot, columns, "outcome NOT IN ('kept', 'changed')"))
            summary = {"processed_now": counts["processed"], "reused_rows": counts["reused"], **figures["outcomes"]}
            return Built(
                {**summary, "languages": figures["languages"], "operator_runs": counts["operators"]},
                {"operators": counts["operators"], "dropped": dropped},
                (kept.snapshot, ledger.snapshot),
            )

        return making.produce(build, config=operators)

    @check(
        uc,
        "filtered_corpus",
        blocking=True,
        description=f"Every row read ends as exactly one of {', '.join(OUTCOMES[:-1])} or {OUTCOMES[-1]}.",
    )
    def every_row_accounted_for(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake = platform.lake
        source = lake.current(uc.key("documents"))
        filtered = lake.current(uc.key("filtered_corpus"))
        read = ids_of(lake, source, uc, "documents", "quarantine", "erased")
        ledger = read_frame(lake.tables, filtered.snapshot(uc.key("row_ledger")), ["id", "outcome"])
        kept = ids_of(lake, filtered, uc, "filtered_corpus")
        assert ledger is not None
        passed = ledger.filter(pl.col("outcome").is_in(["kept", "changed"]))["id"]
        counts = source.json("documents.json")["counts"]
        ends = ("documents", "quarantined", "superseded", "erased")
        adds_up = counts["rows_read"] == sum(counts[end] for end in ends)
        same = ledger["id"].sort().equals(read.sort()) and passed.sort().equals(kept.sort())
        return data_gate(same and adds_up, rows_read=counts["rows_read"], rows_in_ledger=len(ledger), kept=len(kept))

    return [
        filtered_corpus,
        every_row_accounted_for,
        *expectation_checks(uc, "filtered_corpus", corpus_suite(uc, FILTERED), shift=True),
    ]


def ids_of(lake: Lake, artifact: Artifact, uc: UseCase, *tables: str) -> pl.Series:
    frames = [read_frame(lake.tables, artifact.snapshot(uc.key(t)), ["id"]) for t in tables]
    return pl.concat([f for f in frames if f is not None])["id"]


def change_of(
    lake: Lake, uc: UseCase, table: str, file: Path, previous: dict[str, Any] | None, removed: dict[str, list[str]]
) -> Change:
    """The table's new state from what the payload found different."""
    base = Snapshot(**previous["filtered" if table == "filtered_corpus" else "ledger"]) if previous else None
    return lake.tables.change(uc.key(table), base, file, removed[table])


def samples_of(rows: Iterator[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first few rows, by id, that each operator dropped."""
    found: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        held = found.setdefault(row["operator"], [])
        held.append(row)
        if len(held) > 50 * SAMPLES:
            found[row["operator"]] = sorted(held, key=lambda r: r["id"])[:SAMPLES]
    return [r for operator in sorted(found) for r in sorted(found[operator], key=lambda r: r["id"])[:SAMPLES]]


def earlier_filtering(lake: Lake, uc: UseCase) -> dict[str, Any] | None:
    """Snapshots of the last filtering, to write only what differs from them; None when its tables had other columns."""
    if lake.heads.get(uc.key("filtered_corpus")) is None:
        return None
    last = lake.current(uc.key("filtered_corpus"))
    if last.json("corpus.json")["code_version"] != CODE:
        return None
    return {
        "filtered": last.snapshot(uc.key("filtered_corpus")).to_dict(),
        "ledger": last.snapshot(uc.key("row_ledger")).to_dict(),
    }


def corpus_figures(
    lake: Lake, uc: UseCase, place: Workplace, source: Artifact, kept: Any, ledger: Any, operators: list[dict[str, Any]]
) -> dict[str, Any]:
    """`corpus.json` and the plots: what the datasheet and the model card cite."""
    seen = Description()
    for batch in lake.tables.batches(kept, ["source", "language", "license", "first_seen", "text"]):
        seen.add(batch)
    before = text_lengths(lake.tables.batches(source.snapshot(uc.key("documents")), ["text"]))
    facts = source.json("documents.json")
    steps = funnel(lake.tables.rows(ledger, ["outcome", "operator"]))
    of_texts = seen.figures()
    by_source = of_texts["documents_by_source"]
    figures = {
        **of_texts,
        **steps,
        "recipe": operators,
        "operators": [o["name"] for o in operators],
        "code_version": CODE,
        "counts": facts["counts"],
        "sources": [{**s, "documents": by_source.get(s["name"], 0)} for s in facts["sources"]],
    }
    write_json(place.staging / "corpus.json", figures)
    draw_bars(place.staging / "views/what became of the rows.png", "What became of the rows", steps["outcomes"])
    left = rows_left(lake, ledger, figures["operators"])
    draw_bars(place.staging / "views/rows left after each operator.png", "Rows left after each operator", left)
    lengths = {"before": before, "after": seen.lengths()}
    draw_histogram(
        place.staging / "views/document length.png", "Document length before and after", lengths, xlabel="characters"
    )
    return figures


def rows_left(lake: Lake, ledger: Snapshot, operators: list[str]) -> dict[str, int]:
    """The funnel: documents at the start and after each operator."""
    rows = read_frame(lake.tables, ledger, ["outcome", "step"])
    assert rows is not None
    documents = rows.filter(~pl.col("outcome").is_in(["quarantined", "erased"]))
    gone = dict(documents.filter(pl.col("step") >= 0).group_by("step").len().iter_rows())
    left, now = {"documents": len(documents)}, len(documents)
    for step, name in enumerate(operators):
        now -= gone.get(step, 0)
        left[f"{step + 1} {name}"] = now
    return left

"""Payload: walk the documents through a Data-Juicer recipe; what changed since the last run is written for the two
tables.

Data-Juicer's own runner is not used: it answers only for what it keeps; here each row is accounted for, and only new
ones are worked on."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Any

from genaiops_assets.compute import Job, die_with, run_payload
from genaiops_assets.corpus import (
    FILTERED,
    ROW_LEDGER,
    Operator,
    RecipeError,
    SnapshotDocuments,
    Stages,
    difference,
    erased_rows,
    fields_needed,
    load_recipe,
    operator_rows,
    outcome_of,
    quarantine_rows,
    read_frame,
    segments_of,
    texts_after,
    walk,
    write_filtered,
    write_ledger,
)
from genaiops_assets.errors import PayloadError
from genaiops_assets.lake import Snapshot
from genaiops_assets.privacy import NerMissing


def work(job: Job) -> dict[str, Any]:
    try:
        return filtered(job)
    except (RecipeError, NerMissing) as error:
        raise PayloadError(str(error)) from error


def filtered(job: Job) -> dict[str, Any]:
    tables, recipe = job.lake().tables, Path(job.inputs["recipe"])
    operators = load_recipe(recipe)
    operators += [Operator(**o) for o in job.inputs.get("own", [])]
    documents = SnapshotDocuments(tables, Snapshot(**job.inputs["documents"]), with_fields=fields_needed(operators))
    segments, stages = (
        segments_of(operators, recipe.parent),
        Stages(Path(job.home) / "cache" / "corpus" / job.inputs["stages"]),
    )
    walked = walk(
        documents,
        segments,
        stages,
        cpus=job.cpus,
        batch_rows=job.config["batch_rows"],
        begin=partial(die_with, os.getpid()),
        progress=job.progress,
    )
    outcome = outcome_of(walked, documents.about, operators)
    quarantine = read_frame(tables, Snapshot(**job.inputs["quarantine"]), ["id", "source", "reason"])
    erased = read_frame(tables, snapshot_of(job, "erased"), ["id", "source"])
    ledger = outcome.ledger
    for more in ([] if quarantine is None else [quarantine_rows(quarantine)]) + (
        [] if erased is None else [erased_rows(erased)]
    ):
        ledger = ledger.vstack(more.cast(dict(ledger.schema)))  # type: ignore[arg-type]
    before = {name: read_frame(tables, previous_of(job, name), columns) for name, columns in COMPARED.items()}
    told, kept = difference(ledger, before["ledger"]), difference(outcome.kept, before["filtered"])
    write_ledger(told.upserts, job.resume / "row_ledger.parquet")
    wanted = kept.upserts.join(documents.rows.select("id", "key"), on="id", how="left", maintain_order="left")
    write_filtered(wanted, texts_after(documents, segments, stages, wanted), job.resume / "filtered.parquet")
    stages.drop_others([s.digest for s in segments])
    return {
        "rows_in": len(ledger),
        "kept": len(outcome.kept),
        "processed": walked.worked,
        "reused": len(walked.rows) - walked.worked,
        "removed": {"row_ledger": told.removed, "filtered_corpus": kept.removed},
        "operators": operator_rows(walked, operators),
    }


COMPARED = {"ledger": ROW_LEDGER.names, "filtered": [n for n in FILTERED.names if n != "text"]}


def previous_of(job: Job, name: str) -> Snapshot | None:
    previous = job.inputs["previous"]
    return Snapshot(**previous[name]) if previous else None


def snapshot_of(job: Job, name: str) -> Snapshot | None:
    return Snapshot(**job.inputs[name]) if job.inputs.get(name) else None


if __name__ == "__main__":
    run_payload(work)

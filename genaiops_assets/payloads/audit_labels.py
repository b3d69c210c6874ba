"""Payload: the labels of preference pairs, judged by models that learned from the other pairs.

Belongs here: reading the pairs and writing what was found. Does not belong here: the judges and the verdict
(`alignment/noise.py`)."""

from __future__ import annotations

from typing import Any

from genaiops_assets.alignment import (
    MOST,
    Audit,
    AuditConfig,
    AuditInputs,
    audit,
    auditable,
    judges,
    reason,
)
from genaiops_assets.compute import Job, run_payload
from genaiops_assets.evidence import draw_histogram
from genaiops_assets.lake import write_json
from genaiops_assets.models import be_deterministic
from genaiops_assets.retrieval import open_embedder

SHOWN = 200  # of the ranking; suspects are all named


def work(job: Job) -> dict[str, Any]:
    """Inputs: `AuditInputs`. Config: `AuditConfig`. Leaves `label_noise.json` and a plot. Returns the report."""
    be_deterministic(job.seed, job.cpus)
    inputs, config = AuditInputs.model_validate(job.inputs), AuditConfig.model_validate(job.config)
    rows = sorted(auditable(job.lake().tables.read(inputs.pairs.snapshot()).to_pylist()), key=lambda r: r["id"])
    embed = None
    if inputs.embedder and len(rows) >= config.least:
        embed = open_embedder(inputs.embedder, cache=job.cache, cpus=job.cpus).encode
    found = audit(rows, judges(embed), least=config.least)
    report = {"of": inputs.pairs.digest, **report_of(found, rows, inputs.places, config)}
    write_json(job.out / "label_noise.json", report)
    if found.quality is not None:
        suspects = set(found.suspects)
        draw_histogram(
            job.out / "views/how sure the judges are.png",
            "How sure the judges are of each label",
            {
                "kept": [float(q) for i, q in enumerate(found.quality) if i not in suspects],
                "suspects": [float(found.quality[i]) for i in found.suspects],
            },
            xlabel="quality of the label (cleanlab, 1: beyond doubt)",
        )
    return report


def report_of(
    found: Audit, rows: list[dict[str, Any]], places: dict[str, list[str]], config: AuditConfig
) -> dict[str, Any]:
    """label_noise.json: no text of any pair, so that it need not be erased with one."""
    suspects = [
        {
            "rank": rank,
            "id": rows[i]["id"],
            "quality": round(float(found.quality[i]), 6) if found.quality is not None else None,
            "origin": rows[i]["origin"],
            "by": rows[i]["by"],
            "place": ", ".join(places.get(rows[i]["id"], [])),
            "reason": reason(found.opinions, i),
        }
        for rank, i in enumerate(found.suspects, start=1)
    ]
    removed = sorted(s["id"] for s in suspects) if config.noise == "remove" else []
    return {
        "schema_version": 1,
        "noise": config.noise,
        "pairs": len(rows),
        "least_pairs": config.least,
        "largest_share": MOST,
        "judges": {n: {**o.accuracy, "counts": o.counts} for n, o in found.opinions.items()},
        "suspects": suspects,
        "removed": removed,
        "why_none": found.why_none,
        "ranking": [rows[i]["id"] for i in found.ranked[:SHOWN]],
    }


if __name__ == "__main__":
    run_payload(work)

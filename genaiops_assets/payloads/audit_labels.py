"""Payload: the labels of preference pairs, judged by models that learned from the other pairs.

Belongs here: reading the pairs and writing what was found. Does not belong here: the judges and the verdict
(`alignment/noise.py`)."""

from __future__ import annotations

from typing import Any

from genaiops_assets.alignment import AuditConfig, AuditInputs, audit, auditable, judges, noise_report
from genaiops_assets.compute import Job, run_payload
from genaiops_assets.evidence import draw_histogram
from genaiops_assets.lake import write_json
from genaiops_assets.models import be_deterministic
from genaiops_assets.retrieval import open_embedder


def work(job: Job) -> dict[str, Any]:
    """Inputs: `AuditInputs`. Config: `AuditConfig`. Leaves `label_noise.json` and a plot. Returns the report."""
    be_deterministic(job.seed, job.cpus)
    inputs, config = AuditInputs.model_validate(job.inputs), AuditConfig.model_validate(job.config)
    rows = sorted(auditable(job.lake().tables.read(inputs.pairs.snapshot()).to_pylist()), key=lambda r: r["id"])
    embed = None
    if inputs.embedder and len(rows) >= config.least:
        embed = open_embedder(inputs.embedder, cache=job.cache, cpus=job.cpus).encode
    found = audit(rows, judges(embed), least=config.least)
    report = noise_report(found, rows, inputs.pairs.digest, inputs.places, noise=config.noise, least=config.least)
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


if __name__ == "__main__":
    run_payload(work)

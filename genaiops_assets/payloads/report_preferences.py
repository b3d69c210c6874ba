"""Payload: how well the labels of held-out preference pairs are told, within the report on the pairs.

Belongs here: opening what the judges need. Does not belong here: the report (`alignment/preferences.py`)."""

from __future__ import annotations

from typing import Any

from genaiops_assets.alignment import PreferenceInputs, judges, preference_report
from genaiops_assets.compute import Job, run_payload
from genaiops_assets.lake import write_json
from genaiops_assets.models import be_deterministic
from genaiops_assets.retrieval import open_embedder


def work(job: Job) -> dict[str, Any]:
    """Inputs: `PreferenceInputs`. Leaves `preference_report.json`. Returns the report."""
    be_deterministic(job.seed, job.cpus)
    inputs = PreferenceInputs.model_validate(job.inputs)
    rows = sorted(job.lake().tables.read(inputs.pairs.snapshot()).to_pylist(), key=lambda r: r["id"])
    embedder = open_embedder(inputs.embedder, cache=job.cache, cpus=job.cpus) if inputs.embedder else None
    report = preference_report(rows, inputs.votes, inputs.shown, judges(embedder.encode if embedder else None))
    write_json(job.out / "preference_report.json", report)
    return report


if __name__ == "__main__":
    run_payload(work)

"""Payload: one short training with several seeds, each scored on rows that were held out.

Belongs here: carrying out those trainings. Does not belong here: what the spread says
(`alignment/runs/stability.py`)."""

from __future__ import annotations

import shutil
from dataclasses import replace
from typing import Any

from genaiops_assets.alignment import (
    StabilityInputs,
    method_of,
    read_by,
    scores_of,
    split_by_question,
    stability_report,
)
from genaiops_assets.compute import Job, run_payload
from genaiops_assets.errors import PayloadError
from genaiops_assets.lake import write_json
from genaiops_assets.models import be_deterministic, load_model
from genaiops_assets.payloads import train_model

FEWEST = 4  # rows held out
REPORT = "seed_stability.json"


def work(job: Job) -> dict[str, Any]:
    """Inputs: `StabilityInputs`. Config: one stage of the plan's training. Leaves `seed_stability.json`. Raises
    PayloadError where too few rows could be held out."""
    inputs = StabilityInputs.model_validate(job.inputs)
    training = inputs.training()
    method = method_of(job.config["method"])
    config = {**job.config, "steps": inputs.steps}
    job = replace(job, config=config, inputs=training.to_json())
    kept, held = split_by_question(train_model.rows_that_fit(job, training).rows)
    if len(held) < FEWEST:
        raise PayloadError(
            f"only {len(held)} rows could be held out, {FEWEST} are needed: add pairs, or leave out stability"
        )
    rows = read_by(job, training, held).rows
    before = job.kept("before") or _scores_before(job, training, rows, method.data)
    job.keep("before", before)
    after: dict[int, list[float]] = {}
    for n, seed in enumerate(inputs.seeds):
        known = job.kept(f"seed_{seed}")
        after[seed] = known or _scores_after(replace(job, seed=seed), kept, rows, method.data)
        job.keep(f"seed_{seed}", after[seed])
        job.progress("seeds", n + 1, len(inputs.seeds))
    report = stability_report(before, after, data=method.data, steps=inputs.steps, learned=len(kept))
    write_json(job.out / REPORT, {"method": method.name, **report})
    return report


def _scores_before(job: Job, training: Any, rows: Any, data: Any) -> list[float]:
    """Of the model that the training starts from."""
    be_deterministic(job.seed, job.cpus)
    config = job.config
    model = load_model(
        training.base.directory(job.cache),
        dtype=config["dtype"],
        load_in_4bit=config["load_in_4bit"],
        adapter=training.start,
    )
    return scores_of(model, rows, data)


def _scores_after(job: Job, kept: list[dict[str, Any]], rows: Any, data: Any) -> list[float]:
    folder = job.resume / f"trainer_{job.seed}"
    trained, _ = train_model.repeatable(job, kept, folder, {})
    shutil.rmtree(folder, ignore_errors=True)
    return scores_of(trained.model, rows, data)


if __name__ == "__main__":
    run_payload(work)

"""Payload: a checkpoint in full precision, with its adapter merged, and on a base in four bits, read on the same
answers.

Belongs here: which forms there are, one in memory at a time. Does not belong here: what is measured of each
(`models/precision.py`)."""

from __future__ import annotations

import gc
from typing import Any

from genaiops_assets.alignment import PrecisionInputs
from genaiops_assets.compute import Job, run_payload
from genaiops_assets.lake import write_json
from genaiops_assets.models import (
    Answered,
    Measured,
    answered,
    be_deterministic,
    difference,
    load_model,
    load_tokenizer,
    measure,
    prompts_in,
    token_ids,
)

FORMS = 3
READ = 8  # pairs, from all over the training's


def work(job: Job) -> dict[str, Any]:
    """Inputs: `PrecisionInputs`. Config: the last stage of a plan's training. Leaves `precision_report.json`. Returns
    `ms_a_token` by form."""
    be_deterministic(job.seed, job.cpus)
    inputs = PrecisionInputs.model_validate(job.inputs)
    spec, directory = inputs.model, inputs.model.base.directory(job.cache)
    rows = [row for row in job.lake().tables.read(inputs.pairs.snapshot()).to_pylist() if row["chosen"]]
    tokenizer = load_tokenizer(directory)
    prompts = prompts_in(job.config)
    learned = [a for row in evenly(rows, READ) if (a := answered(row, tokenizer, prompts))]
    read = learned or [Answered(tuple(token_ids(tokenizer, inputs.text)), 1)]

    model = load_model(directory, dtype=spec.dtype, adapter=spec.adapter)
    forms = {"full": measured(job, "full precision", 1, model, read)}
    if hasattr(model, "merge_and_unload"):  # a whole tuned model is merged already
        model = model.merge_and_unload()
        forms["merged"] = measured(job, "merged", 2, model, read)
    del model
    gc.collect()
    rounded = load_model(directory, dtype=spec.dtype, load_in_4bit=spec.load_in_4bit or True, adapter=spec.adapter)
    forms["four_bit"] = measured(job, "fewer bits", FORMS, rounded, read)

    report = {
        "schema_version": 1,
        "dtype": spec.dtype,
        "load_in_4bit": spec.load_in_4bit,
        "merged_is_served": spec.is_merged,
        "read_on": {
            "answers": len(learned),
            "tokens": sum(len(r.tokens) - r.begins for r in read),
            "note": "chosen answers of the training's own pairs: good for comparing forms, not for judging the model",
        },
        "forms": {name: form.figures() for name, form in forms.items()},
        "differences": {name: difference(form, forms["full"]) for name, form in forms.items() if name != "full"},
    }
    write_json(job.out / "precision_report.json", report)
    return {"ms_a_token": {name: round(form.ms_a_token, 3) for name, form in forms.items()}}


def measured(job: Job, what: str, place: int, model: Any, read: list[Answered]) -> Measured:
    model.eval()
    found = measure(model, read)
    job.progress(f"forms compared ({what})", place, FORMS)
    return found


def evenly(rows: list[dict[str, Any]], most: int) -> list[dict[str, Any]]:
    """At most so many rows, from all over the list."""
    step = max(1, len(rows) // most)
    return rows[::step][:most]


if __name__ == "__main__":
    run_payload(work)

"""What a training's payload does around the training itself: say what it will need, and write down what it is.

Belongs here: the steps that bring job, rows and machine together. Does not belong here: the estimates (`estimate.py`,
`probe.py`), the record (`record.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from genaiops_assets.alignment.fitting import Fitting
from genaiops_assets.alignment.inputs import TrainInputs
from genaiops_assets.alignment.methods.base import Task
from genaiops_assets.alignment.methods.registry import method_of
from genaiops_assets.alignment.runs.estimate import memory_estimate, refuse_what_cannot_fit, sizes_of
from genaiops_assets.alignment.runs.flop import UNREADABLE, compute_of
from genaiops_assets.alignment.runs.lengths import Reading, reading_of
from genaiops_assets.alignment.runs.probe import time_estimate
from genaiops_assets.alignment.runs.record import run_record
from genaiops_assets.compute import Job, clock, free_gpu_bytes, free_memory_bytes, held_memory_bytes, say
from genaiops_assets.lake import digest_of_folder
from genaiops_assets.models import load_tokenizer, prompts_in


def read_by(job: Job, inputs: TrainInputs, rows: Sequence[Mapping[str, Any]]) -> Reading:
    """The tokens a stage reads."""
    tokenizer = load_tokenizer(inputs.base.directory(job.cache))
    return reading_of(rows, tokenizer, method_of(job.config["method"]), job.config, prompts_in(job.config))


def record_of(
    job: Job, inputs: TrainInputs, fit: Fitting, reading: Reading, libraries: Mapping[str, str]
) -> dict[str, Any]:
    """The run record of a stage; what it ran on is added at its end."""
    return run_record(
        job.config,
        seed=job.seed,
        base={"ref": inputs.base.ref, "digest": inputs.base.digest},
        pairs=inputs.pairs.model_dump(mode="json"),
        start=digest_of_folder(Path(inputs.start)) if inputs.start else "",
        reading=reading,
        left_out=fit.left_out(),
        compute=compute_of(inputs.base.directory(job.cache), job.config.get("lora") or {}, reading),
        machine={},
        libraries=libraries,
    )


def memory_needed(job: Job, inputs: TrainInputs, reading: Reading, record: Mapping[str, Any]) -> dict[str, Any]:
    """The memory a stage will need, said before anything is loaded. Raises PayloadError where the machine has less,
    with the settings to lower."""
    import trl

    assert trl  # loaded for its weight: every training holds it
    try:
        sizes = sizes_of(inputs.base.directory(job.cache), record["compute"], reading, job.config)
    except UNREADABLE as error:
        say(f"no estimate of memory: {error!r}")
        return {"peak_rss_bytes": None, "memory_why": f"the model's sizes cannot be read: {type(error).__name__}"}
    on_gpu = free_gpu_bytes()
    refuse_what_cannot_fit(sizes, free_memory_bytes() if on_gpu is None else on_gpu, job.config)
    needs = memory_estimate(sizes, held_memory_bytes())
    say(f"expected memory: {needs['peak_rss_bytes'] / 2**20:,.0f} MB")
    if on_gpu is None:
        return needs
    return {"gpu_bytes": round(sum(sizes.parts().values())), "parts_mb": needs["parts_mb"]}


def time_needed(job: Job, task: Task, reading: Reading) -> dict[str, Any]:
    """How long the steps will take on this machine, tried on a few layers of the loaded model."""
    known = len(task.reference.known) if task.reference is not None else 0
    try:
        found = time_estimate(task.model, reading, job.config, known)
    except UNREADABLE as error:  # of a model that is built in another way: no training fails by its estimate
        found = {"seconds": None, "why": f"a few layers cannot be tried: {type(error).__name__}"}
    if found["seconds"] is None:
        say(f"no estimate of time: {found['why']}")
    else:
        say(f"expected time: {clock(found['seconds'])} ({found['seconds_a_step']:.1f} s a step)")
    return found

"""Payload: one training by the method that the plan names; the result is an adapter in safetensors and a log.

Belongs here: loading what is trained, choosing what fits, equal bytes, saving. Does not belong here: what a method
optimises (`alignment/methods/`)."""

from __future__ import annotations

import gc
import math
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from genaiops_assets.alignment import (
    RECORD,
    Fitting,
    ReferenceCache,
    Staging,
    Task,
    Trained,
    TrainInputs,
    Watch,
    choose_fitting,
    learned_from,
    library_lock,
    memory_needed,
    method_of,
    open_model,
    read_by,
    record_of,
    reference_digest,
    save_trained,
    time_needed,
    training_rows,
)
from genaiops_assets.compute import Job, Meter, report, run_payload, say
from genaiops_assets.errors import PayloadError
from genaiops_assets.evaluation import versions_of
from genaiops_assets.lake import digest_of_folder, write_json
from genaiops_assets.models import be_deterministic, load_tokenizer, prompts_in
from genaiops_assets.use_case import settings_of

VARYING = "deterministic"  # in each of PyTorch's errors of that kind
LIBRARIES = ("torch", "transformers", "trl", "peft", "bitsandbytes")


def train(job: Job, rows: list[dict[str, Any]], folder: Path, noted: dict[str, Any]) -> Trained:
    """Load the base model, or the adapter of the stage before, and train it on rows that fit. How long it should take
    and took is put into `noted`."""
    inputs, config = TrainInputs.model_validate(job.inputs), job.config
    method = method_of(config["method"])
    directory = inputs.base.directory(job.cache)
    model = open_model(
        method,
        directory,
        dtype=config["dtype"],
        load_in_4bit=config["load_in_4bit"],
        start=inputs.start,
        seed=job.seed,
    )
    reading = read_by(job, inputs, rows)
    task = Task(
        model=model,
        tokenizer=load_tokenizer(directory),
        rows=rows,
        settings=settings_of(method, config),
        prompts=prompts_in(config),
        dtype=config["dtype"],
        seed=job.seed,
        folder=folder,
        progress=lambda done, total: job.progress(f"{method.label} steps", done, total),
        staging=staging_of(job, folder),
        reference=reference_of(job, inputs),
        reward=Path(inputs.reward) if inputs.reward else None,
        teacher=inputs.teacher.directory(job.cache) if inputs.teacher else None,
        base=directory,
        longest=max((tokens for tokens, _ in reading.passes), default=0),
        watch=Watch(report, say, folder, reading.tokens / int(config.get("steps", 1))),
    )
    if task.staging is None or task.staging.newest() is None:  # one that goes on was estimated when it began
        noted.setdefault("estimate", {}).update(time_needed(job, task, reading))
    began, cpu = time.monotonic(), time.process_time()
    try:
        return method.train(task)
    finally:
        noted["training_seconds"] = round(time.monotonic() - began, 2)
        noted["training_cpu_seconds"] = round(time.process_time() - cpu, 2)


def staging_of(job: Job, folder: Path) -> Staging:
    """Steps staged for this very job; SIGTERM asks for one more and the end."""
    staging = Staging(folder, job.lake().store, [job.payload, job.inputs, job.config, job.seed, job.cpus])
    signal.signal(signal.SIGTERM, lambda number, frame: setattr(staging, "stop", True))
    return staging


def reference_of(job: Job, inputs: TrainInputs) -> ReferenceCache:
    """What is remembered of the model a method compares with: the base model, or the adapter of the stage before."""
    digest = reference_digest(
        inputs.base.digest,
        digest_of_folder(Path(inputs.start)) if inputs.start else "",
        dtype=job.config["dtype"],
        load_in_4bit=job.config["load_in_4bit"],
        cpus=job.cpus,
        libraries=versions_of(LIBRARIES),
    )
    return ReferenceCache(job.cache, job.lake().store, digest)


def repeatable(job: Job, rows: list[dict[str, Any]], folder: Path, noted: dict[str, Any]) -> tuple[Trained, bool]:
    """What was trained, and whether the same training gives the same bytes again. Where an operation has no
    implementation that does, it is trained without that."""
    be_deterministic(job.seed, job.cpus, strict=True)
    try:
        return train(job, rows, folder, noted), True
    except RuntimeError as error:
        if VARYING not in str(error):
            raise
        reason = str(error)
    say(f"trained without the promise of equal bytes: {reason}")
    free_memory()  # of the first model, which the error still held
    be_deterministic(job.seed, job.cpus)
    return train(job, rows, folder, noted), False


def free_memory() -> None:
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def device_of(model: Any) -> str:
    """What the model was trained on: the GPU's name, or cpu."""
    import torch

    return torch.cuda.get_device_name(model.device) if model.device.type == "cuda" else str(model.device.type)


def refuse_not_finite(history: list[dict[str, float]]) -> None:
    """A training whose figures are no numbers has led nowhere. Raises PayloadError naming the first."""
    for step in history:
        for name, value in step.items():
            if not math.isfinite(value):
                raise PayloadError(
                    f"{name} is {value} at step {step['step']:g}: the training has diverged. Lower "
                    "alignment.learning_rate, or use dtype float32"
                )


def work(job: Job) -> dict[str, Any]:
    """Inputs: `TrainInputs`. Config: one stage of the plan's training (`Training.stage`). Leaves `adapter/` and
    `training_log.json` and `run_record.json`. Returns seconds, peak memory in bytes, log, record and what varies
    from run to run. Raises PayloadError when no pair fits, what is trained cannot fit into memory, or the loss is no
    number."""
    noted: dict[str, Any] = {}
    with Meter(job.resume / "used.json") as meter:
        log, record = carried_out(job, noted)
    run = {**meter.used(), **noted, "lock": library_lock()}
    took = noted["training_seconds"] if run["processes"] == 1 else run["seconds"]
    run["tokens_per_second"] = round(record["compute"]["tokens"] / max(took, 0.01), 1)
    write_json(job.out / RECORD, record)
    return {
        "seconds": run["seconds"],
        "peak_rss_bytes": run["peak_rss_bytes"],
        "log": log,
        "record": record,
        "run": run,
    }


def carried_out(job: Job, noted: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The training itself: its log and its run record, `adapter/` and `training_log.json` left in staging. What varies
    from run to run is put into `noted`: the estimate, and the seconds it took."""
    inputs, method, folder = (
        TrainInputs.model_validate(job.inputs),
        method_of(job.config["method"]),
        job.resume / "trainer",
    )
    fit = rows_that_fit(job, inputs)
    reading = read_by(job, inputs, fit.rows)
    record = record_of(job, inputs, fit, reading, versions_of(LIBRARIES))
    noted["estimate"] = memory_needed(job, inputs, reading, record)
    trained, same_again = repeatable(job, fit.rows, folder, noted)
    history = trained.history
    refuse_not_finite(history)
    save_trained(method, trained, folder / "adapter", job.out / "adapter")
    log = {
        "method": method.name,
        "steps": len(history),
        "train_loss": round(sum(h["loss"] for h in history) / max(1, len(history)), 6),
        "final": {k: v for k, v in history[-1].items() if k != "step"} if history else {},
        "history": history,
        "pairs_used": len(fit.rows),
        "pairs_left_out": fit.left_out(),
        "cpus": job.cpus,
        "device": device_of(trained.model),
        "repeatable": same_again,
        **({"facts": trained.facts} if trained.facts else {}),
        "trainable_parameters": sum(p.numel() for p in trained.model.parameters() if p.requires_grad),
    }
    write_json(job.out / "training_log.json", log)
    record["machine"] = {name: log[name] for name in ("cpus", "device", "repeatable")}
    return log, record


def rows_that_fit(job: Job, inputs: TrainInputs) -> Fitting:
    """What a stage learns from. Raises PayloadError when no pair fits."""
    method = method_of(job.config["method"])
    rows = job.lake().tables.read(inputs.pairs.snapshot()).to_pylist()
    left_out = set(inputs.left_out)
    kept, held_out = training_rows([row for row in rows if row["id"] not in left_out], method.data, job.config)
    pairs = learned_from(kept, method.data)
    fit = choose_fitting(
        pairs,
        load_tokenizer(inputs.base.directory(job.cache)),
        method.data,
        prompts=prompts_in(job.config),
        max_length=job.config.get("max_length"),
        room=getattr(settings_of(method, job.config), "max_completion_length", 0),
    )
    say(
        f"{len(fit.rows)} of {len(pairs)} pairs to train on; left out: {fit.too_long} longer than "
        f"{job.config.get('max_length')} tokens, {fit.without_signal} whose answers are equal"
    )
    return replace(fit, held_out=len(held_out))


if __name__ == "__main__":
    run_payload(work)

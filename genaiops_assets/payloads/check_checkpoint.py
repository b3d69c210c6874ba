"""Payload: load a published checkpoint from its files alone and let it say something."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import torch

from genaiops_assets.compute import Job, run_payload
from genaiops_assets.models import (
    TransformersGenerator,
    be_deterministic,
    load_model,
    load_tokenizer,
    messages,
    model_directory,
)


def work(job: Job) -> dict[str, Any]:
    be_deterministic(job.seed, job.cpus)
    base = job.inputs["base"]
    directory = model_directory(base["path"], base["digest"], Path(job.home) / "cache")
    tokenizer = load_tokenizer(directory)
    model = load_model(
        directory, dtype=job.config["dtype"], load_in_4bit=job.config["load_in_4bit"], adapter=job.inputs["adapter"]
    )
    prompt = messages(job.inputs["question"], [], job.config["language"])
    answer = TransformersGenerator(model, tokenizer).generate([prompt], 12)[0]
    with torch.inference_mode():
        loss = model(
            **(batch := tokenizer(job.inputs["question"], return_tensors="pt")), labels=batch["input_ids"]
        ).loss
    return {"characters": len(answer), "loss": round(float(loss), 4) if math.isfinite(float(loss)) else None}


if __name__ == "__main__":
    run_payload(work)

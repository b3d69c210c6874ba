"""Payload: load a model from its published files alone and let it say something."""

from __future__ import annotations

import math
from typing import Any

import torch

from genaiops_assets.alignment import CheckConfig, CheckInputs
from genaiops_assets.compute import Job, run_payload
from genaiops_assets.models import be_deterministic, contract_problems, load_tokenizer, prompts_in, why_unfit

TOKENS = 12


def work(job: Job) -> dict[str, Any]:
    """Inputs: `CheckInputs`. Config: `CheckConfig`. Leaves nothing. Returns the characters generated, the loss (None
    when it is not finite), the problems of the model's files and the parameters a LoRA adapter would train (None when
    that was not asked)."""
    be_deterministic(job.seed, job.cpus)
    inputs, config = CheckInputs.model_validate(job.inputs), CheckConfig.model_validate(job.config)
    directory, prompts = inputs.model.base.directory(job.cache), prompts_in(config.model_dump())
    problems = why_unfit(directory)
    problems = problems or contract_problems(load_tokenizer(directory), prompts)
    if problems:
        return {"characters": 0, "loss": None, "problems": problems, "trainable": None}
    generator = inputs.model.open(job.cache)
    answer = generator.generate([prompts.messages(inputs.question)], TOKENS)[0]
    loss = loss_of(generator.model, generator.tokenizer, inputs.question)
    trainable = None
    if inputs.target_modules is not None:
        trainable, problems = adapted(generator.model, inputs.target_modules)
    return {
        "characters": len(answer),
        "loss": round(loss, 4) if math.isfinite(loss) else None,
        "problems": problems,
        "trainable": trainable,
    }


def loss_of(model: Any, tokenizer: Any, text: str) -> float:
    batch = tokenizer(text, return_tensors="pt").to(model.device)
    with torch.inference_mode():
        return float(model(**batch, labels=batch["input_ids"]).loss)


def adapted(model: Any, target_modules: str | list[str]) -> tuple[int, list[str]]:
    """Parameters that a LoRA adapter of rank 1 on these modules has, and why there can be none."""
    from peft import LoraConfig, get_peft_model

    try:
        adapter = get_peft_model(model, LoraConfig(r=1, target_modules=target_modules, task_type="CAUSAL_LM"))
    except ValueError as error:
        return 0, [f"alignment.lora.target_modules: {str(error).splitlines()[0]}"]
    return sum(p.numel() for p in adapter.parameters() if p.requires_grad), []


if __name__ == "__main__":
    run_payload(work)

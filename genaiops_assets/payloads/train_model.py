"""Payload: one training by TRL (SFT or DPO) with LoRA on the base model; the result is an adapter in safetensors."""

from __future__ import annotations

import gc
import json
import resource
import shutil
import time
from pathlib import Path
from typing import Any

from datasets import Dataset
from peft import LoraConfig, PeftModel
from transformers import TrainerCallback
from trl import DPOConfig, DPOTrainer, SFTConfig, SFTTrainer

from genaiops_assets.compute import Job, run_payload, say
from genaiops_assets.errors import PayloadError
from genaiops_assets.lake import Snapshot, write_json
from genaiops_assets.models import be_deterministic, load_model, load_tokenizer, messages, model_directory

KEPT = (
    "loss",
    "rewards/margins",
    "rewards/accuracies",
    "logps/chosen",
    "logps/rejected",
    "mean_token_accuracy",
    "learning_rate",
)
VARYING = "deterministic"  # in each of PyTorch's errors of that kind
PUBLISHED = ("adapter_model.safetensors", "adapter_config.json")


class Progress(TrainerCallback):
    def __init__(self, job: Job, what: str):
        self.job, self.what = job, what

    def on_step_end(self, args: Any, state: Any, control: Any, **more: Any) -> None:
        self.job.progress(f"{self.what} steps", state.global_step, args.max_steps)


def conversations(rows: list[dict[str, Any]], method: str, language: str) -> Dataset:
    """Pairs as TRL's conversational prompt/chosen/rejected, or prompt/completion for SFT."""
    said = lambda text: [{"role": "assistant", "content": text}]  # noqa: E731
    prompts = [messages(r["question"], r["passages"], language) for r in rows]
    if method == "sft":
        return Dataset.from_list(
            [{"prompt": p, "completion": said(r["chosen"])} for p, r in zip(prompts, rows, strict=True)]
        )
    return Dataset.from_list(
        [
            {"prompt": p, "chosen": said(r["chosen"]), "rejected": said(r["rejected"])}
            for p, r in zip(prompts, rows, strict=True)
        ]
    )


def settings(job: Job, folder: Path) -> dict[str, Any]:
    """What all trainings share. The trainer's own checkpoints are off: a killed training starts again from its seed."""
    c = job.config
    return {
        "output_dir": str(folder),
        "max_steps": c["steps"],
        "per_device_train_batch_size": c["batch_size"],
        "learning_rate": c["learning_rate"],
        "lr_scheduler_type": "cosine",
        "warmup_steps": max(1, c["steps"] // 10),
        "max_length": c["max_length"],
        "logging_steps": 1,
        "save_strategy": "no",
        "report_to": [],
        "seed": job.seed,
        "data_seed": job.seed,
        "bf16": c["dtype"] == "bfloat16",
        "gradient_checkpointing": False,
        "disable_tqdm": True,
        "dataset_num_proc": None,
        "dataloader_pin_memory": False,
    }


def train(job: Job, pairs: list[dict[str, Any]], method: str, folder: Path) -> tuple[Any, list[dict[str, float]]]:
    """The trainer when it is done, and its log. Raises PayloadError where there is nothing to train on."""
    if not pairs:
        raise PayloadError(
            "there are no preference pairs to train on: lower alignment.pairs.min_margin or add feedback"
        )
    base = job.inputs["base"]
    directory = model_directory(base["path"], base["digest"], Path(job.home) / "cache")
    start = job.inputs["start"]
    model = load_model(
        directory,
        dtype=job.config["dtype"],
        load_in_4bit=job.config["load_in_4bit"],
        adapter=start,
        trainable=start is not None,
    )
    lora = job.config["lora"]
    fresh = LoraConfig(
        r=lora["r"],
        lora_alpha=lora["alpha"],
        lora_dropout=lora["dropout"],
        target_modules=lora["target_modules"],
        task_type="CAUSAL_LM",
    )
    shared = {
        "model": model,
        "processing_class": load_tokenizer(directory),
        "train_dataset": conversations(pairs, method, job.config["language"]),
        "peft_config": None if isinstance(model, PeftModel) else fresh,
        "callbacks": [Progress(job, method.upper())],
    }
    if method == "dpo":
        trainer: Any = DPOTrainer(args=DPOConfig(**settings(job, folder), beta=job.config["beta"]), **shared)
    else:
        trainer = SFTTrainer(args=SFTConfig(**settings(job, folder), completion_only_loss=True), **shared)
    used = len(trainer.train_dataset)
    if not used:
        raise PayloadError(
            f"no pair fits into alignment.max_length = {job.config['max_length']} tokens: raise it or shorten the "
            "passages"
        )
    say(
        f"{used} pairs to train on, {len(shared['train_dataset']) - used} longer than {job.config['max_length']} tokens"
    )
    trainer.train()
    return trainer, [step_of(entry) for entry in trainer.state.log_history if "loss" in entry]


def repeatable(
    job: Job, pairs: list[dict[str, Any]], method: str, folder: Path
) -> tuple[Any, list[dict[str, float]], bool]:
    """Trainer, log, and whether the same training gives the same bytes again. Where an operation has no implementation
    that does, it is trained without that."""
    be_deterministic(job.seed, job.cpus, strict=True)
    try:
        return *train(job, pairs, method, folder), True
    except RuntimeError as error:
        if VARYING not in str(error):
            raise
        said = str(error)
    say(f"trained without the promise of equal bytes: {said}")
    free_memory()  # of the first model, which the error still held
    be_deterministic(job.seed, job.cpus)
    return *train(job, pairs, method, folder), False


def free_memory() -> None:
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def device_of(model: Any) -> str:
    """What the model was trained on: the GPU's name, or cpu."""
    import torch

    return torch.cuda.get_device_name(model.device) if model.device.type == "cuda" else str(model.device.type)


def step_of(entry: dict[str, Any]) -> dict[str, float]:
    return {"step": entry["step"], **{k.replace("/", "_"): round(float(entry[k]), 6) for k in KEPT if k in entry}}


def save_adapter(model: Any, folder: Path, out: Path) -> None:
    """Only safetensors and a config without anything that changes from run to run (PEFT writes a set in any order)."""
    model.save_pretrained(folder, safe_serialization=True)
    out.mkdir(parents=True, exist_ok=True)
    for name in PUBLISHED:
        shutil.copy2(folder / name, out / name)
    config = json.loads((out / "adapter_config.json").read_text())
    config["base_model_name_or_path"] = None
    if isinstance(config.get("target_modules"), list):
        config["target_modules"] = sorted(config["target_modules"])
    write_json(out / "adapter_config.json", config)


def work(job: Job) -> dict[str, Any]:
    method, folder = job.config["method"], job.resume / "trainer"
    shutil.rmtree(folder, ignore_errors=True)
    began = time.monotonic()
    pairs = job.lake().tables.read(Snapshot(**job.inputs["pairs"])).to_pylist()
    trainer, history, same_again = repeatable(job, pairs, method, folder)
    save_adapter(trainer.model, folder / "adapter", job.out / "adapter")
    trainable = sum(p.numel() for p in trainer.model.parameters() if p.requires_grad)
    log = {
        "method": method,
        "steps": len(history),
        "train_loss": round(sum(h["loss"] for h in history) / max(1, len(history)), 6),
        "final": {k: v for k, v in history[-1].items() if k != "step"} if history else {},
        "history": history,
        "pairs_used": len(trainer.train_dataset),
        "cpus": job.cpus,
        "device": device_of(trainer.model),
        "repeatable": same_again,
        "trainable_parameters": trainable,
    }
    write_json(job.out / "training_log.json", log)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"seconds": round(time.monotonic() - began, 1), "peak_rss_bytes": peak, "log": log}


if __name__ == "__main__":
    run_payload(work)

"""One DPO training by plain TRL, in a process of its own: `python -m tests.benchmarks.train_trl JOB.json`.

Belongs here: TRL as its documentation tells to use it, with its own options at their fastest for this work. Does not
belong here: anything of this project, or measuring (`train.py`).

The options: no gradient checkpointing (a third faster, its price is memory), the reference's log-probabilities
computed beforehand and cached, no progress bars; float32 and two threads as the other side. Not used, with reasons:
`padding_free` (TRL 1.16 switches it off), Liger (needs Triton), `dataset_num_proc` (dozens of rows), sorting by length
(the batches would be others)."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def main(job: dict[str, Any]) -> None:
    """`job`: model, rows (JSON lines with prompt, chosen, rejected), out, cpus, seed, settings of DPOConfig, lora."""
    import torch
    from datasets import load_dataset
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, AutoTokenizer, set_seed
    from trl import DPOConfig, DPOTrainer

    torch.set_num_threads(job["cpus"])
    set_seed(job["seed"])
    took: dict[str, float] = {}
    with timed_pass(DPOTrainer, took):
        trainer = DPOTrainer(
            model=AutoModelForCausalLM.from_pretrained(job["model"], dtype=torch.float32),
            args=DPOConfig(output_dir=job["out"], **job["settings"]),
            train_dataset=load_dataset("json", data_files=job["rows"], split="train"),
            processing_class=AutoTokenizer.from_pretrained(job["model"]),
            peft_config=LoraConfig(**job["lora"]),
        )
        if job["train"]:
            trainer.train()
    out = Path(job["out"])
    trainer.model.save_pretrained(out / "adapter")
    history = [entry for entry in trainer.state.log_history if "loss" in entry]
    adapter = (out / "adapter" / "adapter_model.safetensors").read_bytes()
    told = {"history": history, "digest": hashlib.sha256(adapter).hexdigest(), **took}
    (out / "side.json").write_text(json.dumps(told))


@contextmanager
def timed_pass(trainer: Any, took: dict[str, float]) -> Iterator[None]:
    """Seconds of the pass over the reference model, wall and processor."""
    before = trainer._precompute_ref_logps

    def timed(*given: Any, **named: Any) -> Any:
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            return before(*given, **named)
        finally:
            took.update(reference_seconds=time.perf_counter() - wall, reference_cpu=time.process_time() - cpu)

    trainer._precompute_ref_logps = timed
    try:
        yield
    finally:
        trainer._precompute_ref_logps = before


if __name__ == "__main__":
    main(json.loads(Path(sys.argv[1]).read_text()))

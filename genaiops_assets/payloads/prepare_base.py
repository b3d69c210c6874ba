"""Payload: make the base model loadable (GGUF is converted once) and describe it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from genaiops_assets.compute import Job, run_payload, say
from genaiops_assets.errors import PayloadError
from genaiops_assets.models import describe_model, load_tokenizer, model_directory


def work(job: Job) -> dict[str, Any]:
    base = job.inputs["base"]
    say(f"preparing {base['ref']}")
    try:
        directory = model_directory(base["path"], base["digest"], Path(job.home) / "cache")
    except FileNotFoundError as error:
        raise PayloadError(str(error)) from error
    tokenizer = load_tokenizer(directory)
    if not tokenizer.chat_template:
        raise PayloadError(f"{base['ref']}: the tokenizer has no chat template; choose an instruction-tuned model")
    return describe_model(directory)


if __name__ == "__main__":
    run_payload(work)

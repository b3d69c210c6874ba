"""Payload: make the base model loadable (GGUF is converted once), see that it can be used, and describe it."""

from __future__ import annotations

from typing import Any

from genaiops_assets.alignment import PrepareInputs
from genaiops_assets.compute import Job, run_payload, say
from genaiops_assets.errors import PayloadError
from genaiops_assets.models import describe_model, why_unfit


def work(job: Job) -> dict[str, Any]:
    """Inputs: `PrepareInputs`. No config. Leaves a converted model in the cache. Returns architecture and size. Raises
    PayloadError naming everything that later steps would stumble over."""
    base = PrepareInputs.model_validate(job.inputs).base
    say(f"preparing {base.ref}")
    try:
        directory = base.directory(job.cache)
    except FileNotFoundError as error:
        raise PayloadError(str(error)) from error
    if problems := why_unfit(directory):
        raise PayloadError(f"{base.ref} cannot be the base model: {'; '.join(problems)}")
    return describe_model(directory)


if __name__ == "__main__":
    run_payload(work)

"""Payload: take over a checkpoint that was tuned elsewhere, after a look at every tensor's name and shape."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from genaiops_assets.alignment import AdoptInputs, adopt
from genaiops_assets.compute import Job, run_payload, say
from genaiops_assets.errors import PayloadError


def work(job: Job) -> dict[str, Any]:
    """Inputs: `AdoptInputs`. No config. Leaves `adapter/`: a LoRA adapter, or a whole model. Returns its form, tensors
    and parameters. Raises PayloadError naming everything that does not fit the base model."""
    inputs = AdoptInputs.model_validate(job.inputs)
    say(f"taking over {inputs.source.ref}")
    try:
        return adopt(Path(inputs.source.path), inputs.base.directory(job.cache), job.out / "adapter")
    except ValueError as error:
        raise PayloadError(f"{inputs.source.ref} is no checkpoint of {inputs.base.ref}: {error}") from None


if __name__ == "__main__":
    run_payload(work)

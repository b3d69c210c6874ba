"""Section `compute` of the use case file: where heavy work runs and with how many threads."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from genaiops_assets.plugins import Registry
from genaiops_assets.use_case.base import Strict

LAUNCHERS = Registry("launcher", "genaiops.launchers", {"local": "genaiops_assets.compute.local:LocalLauncher"})


def _known(name: str) -> str:
    if name not in LAUNCHERS.names():
        raise ValueError(f"no launcher {name!r}; known: {', '.join(LAUNCHERS.names())}")
    return name


class Compute(Strict):
    launcher: Annotated[str, AfterValidator(_known)] = "local"
    cpus: int = Field(default=2, gt=0)
    watts_per_cpu: float | None = Field(
        default=None,
        gt=0,
        exclude_if=lambda stated: stated is None,
        description="power of one busy core, for an estimate of energy where codecarbon is not installed",
    )

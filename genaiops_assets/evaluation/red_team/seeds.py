"""The packaged seeds.

Belongs here: reading `seeds.yaml`. Does not belong here: files that a user adds (`added.py`)."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from genaiops_assets.evaluation.red_team.base import Asked, Seed
from genaiops_assets.lake import digest_of


@cache
def packaged_seeds() -> tuple[Seed, ...]:
    """In the order of the file, a few for each risk class."""
    return tuple(
        Seed(name, of["risk"], of["owasp"], of["detector"], Asked(**of["en"]), Asked(**of["zh"]))
        for name, of in _file().items()
    )


def seeds_digest() -> str:
    """Reports compare where this is the same."""
    return digest_of(_file())


@cache
def _file() -> dict[str, Any]:
    return yaml.safe_load(files("genaiops_assets.evaluation.red_team").joinpath("seeds.yaml").read_text("utf-8"))

"""The launchers by the name that `compute.launcher` in the use case file gives them.

Belongs here: making one. Does not belong here: the names (`use_case/compute.py`) or any one launcher."""

from __future__ import annotations

from typing import cast

from genaiops_assets.compute.protocol import Launcher
from genaiops_assets.use_case import LAUNCHERS


def launcher_of(name: str) -> Launcher:
    """A launcher by its name. Raises PluginError."""
    return cast(Launcher, LAUNCHERS.get(name))

"""The launchers by the name that `compute.launcher` in the use case file gives them."""

from __future__ import annotations

from genaiops_assets.compute.local import LocalLauncher

LAUNCHERS: dict[str, type[LocalLauncher]] = {"local": LocalLauncher}

"""Launching payloads: one protocol, one launcher per kind of machine. Assets see only `Launcher` and `Job`.

The launcher is imported as `genaiops_assets.compute.launcher`: a payload passes through here and must not load Dagster.
"""

from genaiops_assets.compute.job import Job, PayloadError

__all__ = ["Job", "PayloadError"]

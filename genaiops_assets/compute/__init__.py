"""Launching payloads: one protocol, one launcher per kind of machine. Assets see only `Launcher` and `Job`."""

from genaiops_assets.compute.job import Job, PayloadError
from genaiops_assets.compute.launcher import Launcher, LocalLauncher, PayloadFailed

__all__ = ["Job", "Launcher", "LocalLauncher", "PayloadError", "PayloadFailed"]

"""Launching payloads: one protocol, one launcher per kind of machine. Assets see only `Launcher` and `Job`.

The launcher is imported as `genaiops_assets.compute.launcher`: a payload passes through here and must not load Dagster.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

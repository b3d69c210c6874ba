"""A Dagster data-and-model asset platform for governed generative AI. No room is imported here: loading stays light.

from genaiops_assets import open_home     # the workbench: a home for notebooks and scripts, read-only
"""

import gc
from importlib import import_module
from typing import Any

# What imports make lives to the end of the process; looking at it again and again is a tenth of every start.
gc.set_threshold(50_000, 20, 20)

__version__ = "0.1.0"
__all__ = ["__version__", "open_home"]


def __getattr__(name: str) -> Any:
    """The workbench, when it is asked for."""
    if name != "open_home":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.workbench").open_home

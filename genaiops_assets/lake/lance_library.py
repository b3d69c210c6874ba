"""LanceDB, loaded without the client of a catalogue server that it brings and nobody here calls.

Belongs here: how the library is imported. Of the time that `import lancedb` takes, a third goes into that client's
checked functions, in every process that opens a table. Does not belong here: what is done with it (`tables.py`)."""

from __future__ import annotations

import importlib.util
import sys
from threading import RLock
from types import ModuleType
from typing import Any

CLIENT = "lance_namespace_urllib3_client"  # its `models` are loaded as always; its `api` when somebody asks for it


def import_lancedb() -> ModuleType:
    if "lancedb" not in sys.modules and CLIENT not in sys.modules:
        put_off(CLIENT)
    import lancedb

    return lancedb


def put_off(package: str) -> None:
    """The package is there, with all its submodules; its own body runs when somebody asks for a name of it. Nothing
    where it is not installed."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.loader is None:
        return
    module, run, one_at_a_time = importlib.util.module_from_spec(spec), spec.loader.exec_module, RLock()

    def ask(name: str) -> Any:
        with one_at_a_time:  # a second thread waits; the body itself may ask while it runs
            if module.__dict__.pop("__getattr__", None):
                run(module)
        if name in module.__dict__:
            return module.__dict__[name]
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    module.__dict__["__getattr__"] = ask
    sys.modules[package] = module

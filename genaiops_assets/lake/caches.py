"""What is made once and kept in a home's cache: whole, or not there.

Belongs here: that one way of making it. Does not belong here: copies of what lies elsewhere (`remote.py`), anything
published."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4


def made_once(target: Path, make: Callable[[Path], Any]) -> Path:
    """`target`, a file or folder, made by `make` beside it and moved there in one step, unless it is there. Several
    may try at once: one is kept."""
    if target.exists():
        return target
    partial = target.with_name(f".{uuid4().hex[:8]}.{target.name}")
    partial.parent.mkdir(parents=True, exist_ok=True)
    try:
        make(partial)
        os.replace(partial, target)
    except OSError:
        if not target.exists():  # else another worker was faster
            raise
    finally:
        if partial.is_dir():
            shutil.rmtree(partial, ignore_errors=True)
        else:
            partial.unlink(missing_ok=True)
    return target

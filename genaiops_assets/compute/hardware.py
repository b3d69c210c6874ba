"""Hardware: what payloads run on, as provenance and the doctor name it. Belongs here: asking, without loading torch.
Does not: choosing."""

from __future__ import annotations

import platform
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

SECONDS = 10


@cache
def gpus() -> tuple[str, ...]:
    """Names of the NVIDIA GPUs that the driver sees, none without a driver that answers."""
    if shutil.which("nvidia-smi") is None:
        return ()
    command = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    try:
        said = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ()
    return tuple(line.strip() for line in said.splitlines() if line.strip())


def processor_name() -> str:
    """As the system names it; the kind of machine where it names none."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, "") or platform.processor() or platform.machine()


def describe_hardware() -> dict[str, Any]:
    known: dict[str, Any] = {
        "machine": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
    }
    return known | ({"gpus": list(gpus())} if gpus() else {})

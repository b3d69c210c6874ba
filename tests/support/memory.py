"""Peak memory of the present process, for tests that start one. Holds no tests."""

from __future__ import annotations

import re
import resource
from pathlib import Path


def peak() -> int:
    """MiB. Not getrusage alone: on Linux its figure begins with what the parent used when it started this process."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(re.findall(r"VmHWM:\s*(\d+) kB", status.read_text())[0]) // 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 2**20

"""What this machine has left for a piece of work: memory, under the limits a container sets.

Belongs here: asking the kernel. Does not belong here: how much a work needs."""

from __future__ import annotations

import math
import sys
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")
UNLIMITED = 2**60  # version 1 writes a number of this size for "no limit"


def free_memory_bytes() -> int:
    """What this process can still take: the memory that is available, and no more than its control group leaves."""
    import psutil

    return int(min(psutil.virtual_memory().available, free_in_group()))


def held_memory_bytes() -> int:
    """What this process holds now (resident set)."""
    import psutil

    return int(psutil.Process().memory_info().rss)


def free_in_group(root: Path = CGROUPS, own: Path = OWN) -> float:
    """Bytes until the tightest limit of this process's control groups, infinite without one. File cache that the
    kernel would drop counts as free. Sources: kernel documentation, cgroup-v2 (memory.max, memory.current) and
    cgroup-v1 (memory.limit_in_bytes)."""
    return min((_left(group) for group in _groups(root, own)), default=math.inf)


def free_gpu_bytes() -> int | None:
    """What PyTorch's current GPU has left; None where torch is not loaded or sees none."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return None
    return int(torch.cuda.mem_get_info()[0])


def _groups(root: Path, own: Path) -> list[Path]:
    """Folders of the control groups this process is in, and of those above them."""
    try:
        lines = own.read_text().splitlines()
    except OSError:
        return [root]
    found = {root, root / "memory"}
    for line in lines:
        _, _, tail = line.partition(":")
        controllers, _, path = tail.partition(":")
        if controllers in ("", "memory"):
            start = root / "memory" if controllers else root
            inner = start / path.strip("/")
            found |= {inner, *(folder for folder in inner.parents if folder.is_relative_to(root))}
    return sorted(found)


def _left(group: Path) -> float:
    for limit, used, cache in (
        ("memory.max", "memory.current", "inactive_file"),
        ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    ):
        most, now = _number(group / limit), _number(group / used)
        if most is not None and now is not None and most < UNLIMITED:
            return max(0.0, most - now + _stat(group / "memory.stat", cache))
    return math.inf


def _number(file: Path) -> int | None:
    try:
        text = file.read_text().strip()
    except OSError:
        return None
    return int(text) if text.isdigit() else None


def _stat(file: Path, name: str) -> int:
    try:
        fields = dict(line.split() for line in file.read_text().splitlines() if len(line.split()) == 2)
    except OSError:
        return 0
    return int(fields.get(name, 0))

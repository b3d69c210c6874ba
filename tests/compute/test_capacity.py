"""What a machine, or a container, has left."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from genaiops_assets.compute import free_memory_bytes, held_memory_bytes
from genaiops_assets.compute.capacity import free_in_group

MIB = 2**20


def group(folder: Path, names: tuple[str, str], limit: str, used: int, cache: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / names[0]).write_text(f"{limit}\n")
    (folder / names[1]).write_text(f"{used}\n")
    (folder / "memory.stat").write_text(f"anon 5\n{cache} {10 * MIB}\n")


V2 = ("memory.max", "memory.current")
V1 = ("memory.limit_in_bytes", "memory.usage_in_bytes")


def test_a_containers_limit_counts_and_cache_is_free(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.write_text("0::/pod/job\n")
    group(tmp_path / "pod/job", V2, "max", 80 * MIB, "inactive_file")
    assert free_in_group(tmp_path, own) == math.inf
    group(tmp_path / "pod", V2, str(100 * MIB), 80 * MIB, "inactive_file")
    assert free_in_group(tmp_path, own) == 30 * MIB, "the group above it has the tighter limit"


def test_version_one_has_files_of_its_own(tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.write_text("7:cpu,cpuacct:/x\n4:memory:/job\n")
    group(tmp_path / "memory/job", V1, str(64 * MIB), 60 * MIB, "total_inactive_file")
    assert free_in_group(tmp_path, own) == 14 * MIB
    group(tmp_path / "memory/job", V1, str(2**63 - 4096), 60 * MIB, "total_inactive_file")
    assert free_in_group(tmp_path, own) == math.inf


@pytest.mark.parametrize("content", ["", "0::/gone\n", "nonsense"])
def test_without_a_group_there_is_no_limit(tmp_path: Path, content: str) -> None:
    (tmp_path / "own").write_text(content)
    assert free_in_group(tmp_path / "none", tmp_path / "own") == math.inf


def test_this_machine_has_something_left() -> None:
    assert free_memory_bytes() > 0 and held_memory_bytes() > 10 * MIB

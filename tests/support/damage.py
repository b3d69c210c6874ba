"""Damage: a file as a bad disk or a stranger leaves it. Holds no tests."""

from __future__ import annotations

from pathlib import Path


def flip(path: Path, position: int | None = None) -> None:
    """One bit of a file is another; without a position one in the middle."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2 if position is None else position] ^= 1
    path.write_bytes(data)

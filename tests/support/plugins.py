"""Distributions that offer plugins, as pip leaves them: a module and its metadata on the path. Holds no tests."""

from __future__ import annotations

from pathlib import Path


def distribution(folder: Path, name: str, entry_points: str, *, module: str, code: str) -> Path:
    """Version 1.0 of `name`, with one module, in a folder that belongs on the path. `entry_points`: as in its
    `entry_points.txt`. Returns the folder."""
    metadata = folder / f"{name}-1.0.dist-info"
    metadata.mkdir(parents=True)
    (folder / f"{module}.py").write_text(code)
    (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"{entry_points}\n")
    return folder

"""Snapshots: the name of one tagged version of a table.

Belongs here: that name, and how its tag is written; light, since every manifest lists some. Does not belong here:
reading or writing rows (`tables.py`)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Snapshot:
    """One tagged version of a table; `label` tells apart versions with the same rows that are indexed differently."""

    name: str
    version: int
    digest: str
    rows: int
    files: list[dict[str, Any]] = field(default_factory=list, compare=False)
    label: str = ""

    @property
    def tag(self) -> str:
        return tag_of(self.digest, self.label)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def tag_of(digest: str, label: str = "") -> str:
    return f"d-{digest[:12]}-{label}" if label else f"d-{digest[:12]}"


def names_rows(tag: str, digest: str) -> bool:
    """Whether a tag, whatever its label, is one of the rows with this digest."""
    rows = tag_of(digest)
    return tag == rows or tag.startswith(f"{rows}-")

"""The plan of an erasure: everything it will touch, before anything is touched.

Belongs here: the plan's parts and what people read of it. Does not belong here: finding them (`survey.py`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from genaiops_assets.governance.erasure.opt_out import Targets
from genaiops_assets.lake import Found


@dataclass(frozen=True)
class Change:
    """A file to be replaced by `content`, which holds no erased text. `before` and `after` are hashes of the two."""

    key: str
    before: str
    after: str
    content: str


@dataclass
class Plan:
    """Everything an erasure will touch. `found`: tables; `artifacts`, `memos`: keys in the lake; `files`: paths in the
    home; `history`: database → changes; `inbox`, `stages`: paths that hold the documents; `versions`: model version →
    `pairs` or `corpus`, through which it was trained on them; `standing`: copies that are not ours to remove."""

    targets: Targets
    documents: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    artifacts: list[Change] = field(default_factory=list)
    manifests: list[dict[str, str]] = field(default_factory=list)
    memos: list[Change] = field(default_factory=list)
    files: list[Change] = field(default_factory=list)
    history: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    inbox: list[str] = field(default_factory=list)
    stages: list[str] = field(default_factory=list)
    versions: dict[str, str] = field(default_factory=dict)
    standing: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return any((self.found, self.artifacts, self.memos, self.files, self.history, self.inbox, self.stages))

    def rows(self) -> list[dict[str, Any]]:
        """What people read before they confirm: one line a place."""
        listed = [
            {
                "place": f"table {f.table}",
                "rows": len({i for i, _ in f.pairs}),
                "snapshots": sum(bool(held) for held in f.states.values()),
            }
            for f in self.found
        ]
        for place, keys in (
            (
                "artifact",
                {c.key.rpartition("/")[0].removeprefix("artifacts/").removesuffix("/views") for c in self.artifacts},
            ),
            ("provenance records of", {"memo"} if self.memos else set()),
            ("inbox file", self.inbox),
            ("stage file", self.stages),
            ("file", [c.key for c in self.files]),
            ("history", list(self.history)),
        ):
            listed += [{"place": f"{place} {key}", "rows": None, "snapshots": None} for key in sorted(keys)]
        return listed

"""What tests of ingest share: feeds, files, and one ingest read back with everything checked that holds for each.
Holds no tests."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq

from genaiops_assets.corpus import Earlier, Feed, ingest_sources
from genaiops_assets.corpus.ingest import Ingested
from genaiops_assets.lake import Tombstones

NOW = "2026-01-02T03:04:05+00:00"


@dataclass
class State:
    """What one ingest left: its result and the rows of its four files, by id."""

    result: Ingested
    documents: list[dict[str, Any]]
    quarantine: list[dict[str, Any]]
    erased: list[dict[str, Any]]
    rights: list[dict[str, Any]]
    earlier: Earlier

    @property
    def counts(self) -> dict[str, int]:
        return self.result.counts


def feed(path: Path, **changes: Any) -> Feed:
    rights = {"license": "MIT", "owner": "Bank", "rights_basis": "licence", "personal_data": "none"}
    return Feed(**{"name": "articles", "path": str(path), "format": "auto", "fields": {}, **rights, **changes})


def inbox(path: Path) -> Feed:
    return feed(path, name="inbox", owner="People", inbox=True)


def write(path: Path, *rows: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(json.dumps(r) for r in rows), encoding="utf-8")
    return path


def odd_folder(folder: Path) -> Path:
    """A good file beside links, a pipe, names nobody can print and a tree deeper than Python recurses."""
    (folder / "deep").mkdir(exist_ok=True)
    (folder / "good.md").write_text("Good.")
    outside = folder.with_name("outside.md")
    outside.write_text("Outside.")
    (folder / "itself").symlink_to(folder, target_is_directory=True)
    (folder / "link.md").symlink_to(outside)
    (folder / "deep" / "nowhere.md").symlink_to("nowhere at all")
    os.mkfifo(folder / "pipe.jsonl")
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.md")).write_text("Name.")
    (folder / "two\nlines.md").write_text("Name.")
    (folder / "turned\u202edm.md").write_text("Name.")
    return folder


def state_of(
    feeds: list[Feed], earlier: Earlier | None = None, erased: Tombstones | None = None, now: str = NOW
) -> State:
    """Ingest, and check: counts add up, the files hold what the counts say, ids are unique, every document has its
    rights."""
    with TemporaryDirectory() as folder:
        result = ingest_sources(feeds, Path(folder), earlier, erased, now)
        files = {
            name: pq.read_table(f"{folder}/{name}.parquet") for name in ("documents", "quarantine", "erased", "rights")
        }
    rows = {name: sorted(table.to_pylist(), key=lambda r: r["id"]) for name, table in files.items()}
    counts = result.counts
    assert counts["rows_read"] == counts["documents"] + counts["quarantined"] + counts["superseded"] + counts["erased"]
    assert [len(rows[n]) for n in ("documents", "quarantine", "erased")] == [
        counts[n] for n in ("documents", "quarantined", "erased")
    ]
    assert all(len({r["id"] for r in rows[name]}) == len(rows[name]) for name in ("documents", "quarantine", "erased"))
    of_documents = {r["id"] for r in rows["rights"] if r["id"].startswith("document:")}
    assert of_documents == {f"document:{d['id']}" for d in rows["documents"]}
    assert len(rows["rights"]) == len(of_documents) + len(feeds)
    for name, total in counts.items():
        assert sum(tally[name] for tally in result.sources.values()) == total
    assert sum(result.licenses.values()) == counts["documents"]
    for row in rows["documents"]:
        del row["row_hash"]
    return State(result, **rows, earlier=Earlier.of(files["documents"].to_batches(), rows["rights"]))

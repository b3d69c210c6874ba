"""Verify, tables: search cannot be replaced unseen. Columns that follow from others, indexes, Lance's own files and
tags are covered; older snapshots without such records still verify."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from genaiops_assets.lake import (
    Artifact,
    Lake,
    Snapshot,
    Tables,
    cut_off,
    digest_of,
    index_terms,
    problems,
    vector_field,
    write_json,
    write_rows,
)
from tests.support.damage import flip

INDEX = "demo/index"
SCHEMA = pa.schema([("id", pa.string()), ("text", pa.string()), pa.field("terms", pa.string(), metadata={"derived": "1"}), vector_field("vector", 4)])  # fmt: skip


def rows(first: float = 1.0) -> list[dict[str, Any]]:
    return [
        {"id": str(n), "text": f"passage {n}", "terms": f"passage {n}", "vector": [first + n, 0.0, 1.0, 2.0]}
        for n in range(9)
    ]


def arranged(table: Any) -> str:
    index_terms(table)
    return "terms"


def indexed(lake: Lake, first: float = 1.0, asset: str = INDEX) -> tuple[Artifact, Snapshot]:
    key = digest_of([asset, first])
    with lake.work(key) as place:
        write_rows(place.scratch / "rows.parquet", SCHEMA, rows(first))
        snapshot = lake.tables.sync(INDEX, place.scratch / "rows.parquet", arranged).snapshot
        write_json(place.staging / "facts.json", {"first": first})
        made = lake.publish(asset, None, key, place.staging, snapshots=[snapshot], summary={}, provenance={})
    return made, snapshot


@pytest.fixture
def snapshot(lake: Lake) -> Snapshot:
    return indexed(lake)[1]


def folder(lake: Lake) -> Path:
    return Path(lake.tables.url) / "demo__index.lance"


def some(folder: Path, pattern: str) -> Path:
    return max((p for p in folder.glob(pattern) if p.is_file()), key=lambda p: p.stat().st_size)


def other_vectors(lake: Lake) -> None:
    """What an attacker with Lance does: the same rows and row hashes with other vectors, under the same tag."""
    table = lake.tables.open(INDEX)
    table.update(values={"vector": [0.0, 9.0, 9.0, 9.0]})
    (tag,) = table.tags.list()
    table.tags.update(tag, table.version)


def other_terms(lake: Lake) -> None:
    table = lake.tables.open(INDEX)
    table.update(values={"terms": "nothing"})
    index_terms(table)
    (tag,) = table.tags.list()
    table.tags.update(tag, table.version)


def test_untouched_is_whole_and_stays_so_after_the_next_refresh(lake: Lake, snapshot: Snapshot) -> None:
    assert problems(lake) == []
    assert any("_indices" in f["path"] for f in snapshot.files) and all(snapshot.pins.values())
    indexed(lake, 2.0)
    assert problems(lake) == []


def test_bytes_as_published_need_no_reading_and_any_doubt_does(
    lake: Lake, snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Loading Lance is most of a look at a small home: it is asked only where the bytes do not tell all."""
    opened: list[str] = []
    monkeypatch.setattr("genaiops_assets.lake.tables.Tables.open", lambda self, name: opened.append(name))
    assert problems(Lake(lake.home)) == [] and opened == []
    manifest = folder(lake) / "_versions" / f"{2**64 - 1 - snapshot.version:020d}.manifest"
    (manifest.parent / f"{snapshot.version}.manifest").write_bytes(manifest.read_bytes())
    assert problems(Lake(lake.home)) and INDEX in opened


@pytest.mark.parametrize("attack", [other_vectors, other_terms])
def test_a_search_replaced_under_the_same_tag_is_named(
    lake: Lake, snapshot: Snapshot, attack: Callable[[Lake], None]
) -> None:
    attack(lake)
    assert lake.tables.digest(snapshot) == snapshot.digest  # the rows alone do not tell
    assert (
        f"tables/{INDEX}@{snapshot.tag}: the file of its tag and Lance's manifest of its version changed"
        in "\n".join(problems(lake))
    )


@pytest.mark.parametrize("pattern", ["_indices/*/*", "data/*", "_versions/*.manifest", "_refs/tags/*.json"])
@pytest.mark.parametrize("tamper", [flip, Path.unlink], ids=["flipped", "removed"])
def test_each_file_that_search_rests_on_is_covered(
    lake: Lake, snapshot: Snapshot, pattern: str, tamper: Callable[[Path], None]
) -> None:
    if pattern == "_versions/*.manifest":
        path = folder(lake) / "_versions" / f"{2**64 - 1 - snapshot.version:020d}.manifest"
    else:
        path = some(folder(lake), pattern)
    tamper(path)
    found = "\n".join(problems(Lake(lake.home)))
    assert path.name in found or f"@{snapshot.tag}" in found


def test_a_link_in_place_of_a_data_file_is_named(lake: Lake, snapshot: Snapshot, tmp_path: Path) -> None:
    file = some(folder(lake), "data/*")
    shutil.copy(file, tmp_path / "elsewhere")
    file.unlink()
    file.symlink_to(tmp_path / "elsewhere")
    assert "a link in place of a file" in problems(lake)[0]


def test_a_file_that_nothing_names_is_named(lake: Lake, snapshot: Snapshot) -> None:
    stray = folder(lake) / "data" / "hidden-copy.lance"
    stray.write_bytes(b"rows of somebody")
    assert problems(lake) == []  # a run may be writing
    os.utime(stray, (1, 1))
    assert problems(lake) == [
        "tables/demo__index.lance/data/hidden-copy.lance: no snapshot names it, and nothing reads it; remove it"
    ]
    os.utime(stray, (2**33, 2**33))
    assert len(problems(lake)) == 1


def test_what_a_run_that_was_cut_off_committed_is_no_finding(lake: Lake, snapshot: Snapshot, tmp_path: Path) -> None:
    write_rows(tmp_path / "rows.parquet", SCHEMA, rows(7.0)[:5])
    lake.tables.sync(INDEX, tmp_path / "rows.parquet")
    for file in folder(lake).rglob("*"):
        os.utime(file, (1, 1))
    assert problems(lake) == []


def as_before(lake: Lake, artifact: Artifact) -> None:
    """The artifact as an earlier version of the platform wrote it: no pins, no index files."""
    manifest = json.loads(json.dumps(artifact.manifest))
    for s in manifest["snapshots"]:
        s["files"] = [f for f in s["files"] if "_indices" not in f["path"]]
        del s["pins"]
    write_json(artifact.local("manifest.json"), manifest)


def test_snapshots_of_an_earlier_version_verify_and_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake, before = Lake(tmp_path / "home"), Snapshot.to_dict

    def plain(self: Snapshot) -> dict[str, Any]:
        return {k: v for k, v in before(self).items() if k != "pins"} | {
            "files": [f for f in self.files if "_indices" not in f["path"]]
        }

    with monkeypatch.context() as earlier:
        earlier.setattr(Snapshot, "to_dict", plain)
        indexed(lake)
    for file in folder(lake).rglob("*"):
        os.utime(file, (1, 1))
    assert problems(lake) == []
    assert cut_off(lake) == [
        "1 table snapshots were made by an earlier version: their rows and data files are checked, their indexes, "
        "version manifests and tags are not"
    ]


def test_of_a_table_that_lies_elsewhere_the_derived_columns_are_pinned(tmp_path: Path) -> None:
    tables = Tables("memory://pinned")
    write_rows(tmp_path / "rows.parquet", SCHEMA, rows())
    snapshot = tables.sync(INDEX, tmp_path / "rows.parquet").snapshot
    assert list(snapshot.pins) == ["derived"] and tables.pins(INDEX, snapshot.tag) == snapshot.pins
    table = tables.open(INDEX)
    table.update(values={"vector": [0.0, 9.0, 9.0, 9.0]})
    table.tags.update(snapshot.tag, table.version)
    assert tables.digest(snapshot) == snapshot.digest and tables.pins(INDEX, snapshot.tag) != snapshot.pins

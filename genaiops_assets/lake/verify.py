"""Verify: every byte that was published is still the byte that was published, or was erased in the way the ledger
records.

Belongs here: recomputing hashes of artifacts, tables and ledger against each other, and naming what differs. Does not
belong here: whether the content is good."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from genaiops_assets.lake.artifacts import MANIFEST, PROVENANCE, Artifact, content_digest, manifest_sha256
from genaiops_assets.lake.canonical import digest_of_file, files_under
from genaiops_assets.lake.erasure_proofs import Accepted, accepted
from genaiops_assets.lake.lake import Lake
from genaiops_assets.lake.ledger import Entry
from genaiops_assets.lake.snapshots import Snapshot


def artifact_problems(artifact: Artifact, erasures: Accepted) -> list[str]:
    """What is wrong with one artifact's files, each named. A file that an erasure rewrote must be just what it left."""
    folder, manifest, found = artifact.store.local(artifact.key, fresh=True), artifact.manifest, []
    if content_digest(manifest) != artifact.digest or manifest["digest"] != artifact.digest:
        found.append(f"{artifact.key}/{MANIFEST}: does not match the digest in its path")
    listed = {f["path"]: f["sha256"] for f in [*manifest["files"], *manifest["views"]]}
    listed[PROVENANCE] = manifest["provenance_sha256"]
    for name, digest in sorted(listed.items()):
        path = folder / name
        if not path.exists():
            found.append(f"{artifact.key}/{name}: missing")
        elif digest_of_file(path) != erasures.contents.get(f"{artifact.key}/{name}", digest):
            found.append(f"{artifact.key}/{name}: altered after publication")
    present = {p.relative_to(folder).as_posix() for p in files_under(folder)}
    found += [
        f"{artifact.key}/{extra}: added after publication" for extra in sorted(present - set(listed) - {MANIFEST})
    ]
    return found


def snapshot_problems(lake: Lake, snapshot: Snapshot, erasures: Accepted) -> list[str]:
    """Data files first (they name the file), then the rows themselves: those there are and those the ledger proves
    erased."""
    root, found = Path(lake.tables.url), []
    for file in erasures.as_it_is_now(snapshot):
        path = root / file["path"]
        if not path.exists():
            found.append(f"tables/{file['path']}: missing (snapshot {snapshot.name}@{snapshot.tag})")
        elif digest_of_file(path) != file["sha256"]:
            found.append(f"tables/{file['path']}: altered after publication (snapshot {snapshot.name}@{snapshot.tag})")
    if found:
        return found
    try:
        if lake.tables.digest(snapshot, erasures.rows.get((snapshot.name, snapshot.digest), ())) != snapshot.digest:
            found.append(f"tables/{snapshot.name}@{snapshot.tag}: rows do not match the digest")
    except Exception as error:  # a damaged table can fail in many ways inside Lance; each is a finding, not a crash
        found.append(f"tables/{snapshot.name}@{snapshot.tag}: cannot be read ({type(error).__name__})")
    return found


def bound_manifests(lake: Lake) -> dict[tuple[str, str], set[str]]:
    """(asset, digest) → manifest hashes that the ledger knows."""
    bound: dict[tuple[str, str], set[str]] = {}
    for entry in lake.ledger.entries("materialized"):
        bound.setdefault((entry.body["asset"], entry.body["digest"]), set()).add(entry.body["manifest"])
    return bound


def all_artifacts(lake: Lake) -> Iterator[tuple[str, str]]:
    for use_case in lake.store.list("artifacts"):
        for asset in lake.store.list(f"artifacts/{use_case}"):
            for digest in lake.store.list(f"artifacts/{use_case}/{asset}"):
                yield f"{use_case}/{asset}", digest


def problems(lake: Lake, progress: Callable[[str], Any] = lambda name: None) -> list[str]:
    """Everything that is not as published: the chain, each manifest, each file, each table snapshot, each erasure.
    Empty means whole."""
    found = lake.ledger.problems(anchors(lake))
    if found:
        return found
    bound, erasures = bound_manifests(lake), accepted(lake)
    found += erasures.problems + [unfinished(entry) for entry in erasures.unfinished]
    checked: set[tuple[str, str]] = set()
    for asset, digest in all_artifacts(lake):
        progress(f"{asset}@{digest[:12]}")
        found += published_problems(lake, asset, digest, bound.get((asset, digest)), checked, erasures)
    found += [
        f"artifacts/{a}/{d}: recorded in the ledger but gone" for a, d in sorted(bound) if not lake.artifacts.has(a, d)
    ]
    return found


def unfinished(entry: Entry) -> str:
    body = entry.body
    return (
        f"ledger/: the erasure begun by {body['name']} on {entry.at} is unfinished; type: "
        f'genaiops erase --finish -u {body["use_case"]} --as "{body["name"]}" --reason "finish it"'
    )


def published_problems(
    lake: Lake, asset: str, digest: str, known: set[str] | None, checked: set[tuple[str, str]], erasures: Accepted
) -> list[str]:
    """What is wrong with one published output and its table snapshots. `known`: manifest hashes of the ledger, None
    for an output it never recorded; `checked`: snapshots that were looked at before; `erasures`: what was erased by
    the ledger."""
    found: list[str] = []
    try:
        artifact = lake.artifacts.get(asset, digest)
        found += artifact_problems(artifact, erasures)
        snapshots = artifact.snapshots.values()
    except (KeyError, ValueError, TypeError, AttributeError) as error:  # any field can be lacking or bent
        return [*found, f"artifacts/{asset}/{digest}/{MANIFEST}: unreadable ({type(error).__name__}: {error})"]
    after = erasures.manifests.get((asset, digest))
    if known is not None and manifest_sha256(artifact.manifest) not in ({after} if after else known):
        found.append(f"{artifact.key}/{MANIFEST}: differs from what the ledger recorded")
    for snapshot in snapshots:
        if (snapshot.name, snapshot.digest) not in checked:
            checked.add((snapshot.name, snapshot.digest))
            found += snapshot_problems(lake, snapshot, erasures)
    return found


def intact(lake: Lake, asset: str, digest: str) -> list[str]:
    """What is wrong with one published output, without looking at any other; an output the ledger never recorded is
    wrong."""
    known = {
        e.body["manifest"]
        for e in lake.ledger.entries("materialized")
        if (e.body["asset"], e.body["digest"]) == (asset, digest)
    }
    return published_problems(lake, asset, digest, known, set(), accepted(lake))


def anchors(lake: Lake) -> Iterator[tuple[str, str]]:
    """Ledger entries noted outside the ledger, in artifacts and production pointers: (where, hash)."""
    for asset, digest in all_artifacts(lake):
        noted = noted_in(lake, f"artifacts/{asset}/{digest}/{MANIFEST}", "summary", "ledger_head")
        if noted:
            yield f"artifacts/{asset}/{digest}", noted
    for name in lake.store.list("production"):
        noted = noted_in(lake, f"production/{name}", "entry")
        if noted:
            yield f"production/{name}", noted


def noted_in(lake: Lake, key: str, *path: str) -> str | None:
    """A text in a JSON file, or None where there is none."""
    try:
        value = json.loads(lake.store.read(key))
        for part in path:
            value = value[part]
    except (ValueError, FileNotFoundError, KeyError, TypeError):
        return None
    return value if isinstance(value, str) else None

"""Verify: every byte that was published is still the byte that was published, or was erased in the way the ledger
records.

Belongs here: artifacts and ledger against each other, and the whole of it. Does not belong here: tables
(`verify_tables.py`), heads, memo and tombstones (`verify_records.py`), what entries mean (governance)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from genaiops_assets.lake.artifacts import MANIFEST, PROVENANCE, Artifact, content_digest, manifest_sha256
from genaiops_assets.lake.caches import cache_problems
from genaiops_assets.lake.canonical import digest_of_file, pretty_json
from genaiops_assets.lake.collected import collected_outputs
from genaiops_assets.lake.erasure_proofs import Accepted, accepted
from genaiops_assets.lake.lake import Lake
from genaiops_assets.lake.ledger import Entry
from genaiops_assets.lake.snapshots import Snapshot
from genaiops_assets.lake.verify_form import form_problems
from genaiops_assets.lake.verify_records import record_problems, recorded
from genaiops_assets.lake.verify_tables import snapshot_problems, stray_files, told_once, unpinned


def artifact_problems(artifact: Artifact, erasures: Accepted) -> list[str]:
    """What is wrong with one artifact's files, each named. A file that an erasure rewrote must be just what it left."""
    folder, manifest, found = artifact.store.local(artifact.key, fresh=True), artifact.manifest, []
    if content_digest(manifest) != artifact.digest or manifest["digest"] != artifact.digest:
        found.append(f"{artifact.key}/{MANIFEST}: does not match the digest in its path")
    if manifest["asset"] != artifact.asset:
        found.append(f"{artifact.key}/{MANIFEST}: is an artifact of {manifest['asset']}")
    listed = {f["path"]: f["sha256"] for f in [*manifest["files"], *manifest["views"]]}
    listed[PROVENANCE] = manifest["provenance_sha256"]
    for name, digest in sorted(listed.items()):
        path = folder / name
        if any(p.is_symlink() for p in (path, *path.parents[: len(Path(name).parts)])):
            found.append(f"{artifact.key}/{name}: a link in place of a file")
        elif not path.exists():
            found.append(f"{artifact.key}/{name}: missing")
        elif digest_of_file(path) != erasures.contents.get(f"{artifact.key}/{name}", digest):
            found.append(f"{artifact.key}/{name}: altered after publication")
    present = {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_symlink() or not p.is_dir()}
    found += [
        f"{artifact.key}/{extra}: added after publication" for extra in sorted(present - set(listed) - {MANIFEST})
    ]
    return found


def bound_manifests(lake: Lake) -> dict[tuple[str, str], set[str]]:
    """(asset, digest) → manifest hashes that the ledger knows."""
    return recorded(lake).manifests


def all_artifacts(lake: Lake) -> Iterator[tuple[str, str]]:
    for use_case in lake.store.list("artifacts"):
        for asset in lake.store.list(f"artifacts/{use_case}"):
            for digest in lake.store.list(f"artifacts/{use_case}/{asset}"):
                yield f"{use_case}/{asset}", digest


def problems(lake: Lake, progress: Callable[[str], Any] = lambda name: None) -> list[str]:
    """Everything that is not as published: the chain, each manifest, each file, each table snapshot, each erasure, each
    record, each cache. Empty means whole."""
    found = lake.ledger.problems(anchors(lake))
    if found:
        return found
    known, erasures = recorded(lake), accepted(lake)
    found += erasures.problems + [unfinished(entry) for entry in erasures.unfinished]
    seen, cut_off = list[Artifact](), lake.being_published()
    for asset, digest in all_artifacts(lake):
        progress(f"{asset}@{digest[:12]}")
        manifests = known.manifests.get((asset, digest))
        if manifests is None and asset not in cut_off:
            found.append(f"artifacts/{asset}/{digest}: the ledger never recorded it; nothing uses it: remove it")
        found += published_problems(lake, asset, digest, manifests, seen, erasures)
    snapshots = [s for artifact in seen for s in artifact.snapshots.values()]
    hashes: dict[Path, str] = {}
    found += dict.fromkeys(p for s in told_once(snapshots) for p in snapshot_problems(lake, s, erasures, hashes))
    found += stray_files(lake, snapshots, erasures)
    collected = collected_outputs(lake.ledger.entries()) - {(asset, d) for (asset, _), d in known.last.items()}
    found += [
        f"artifacts/{a}/{d}: recorded in the ledger but gone"
        for a, d in sorted(known.manifests.keys() - collected)
        if not lake.artifacts.has(a, d)
    ]
    found += [*record_problems(lake, known, erasures.contents), *form_problems(lake, erasures.contents)]
    return [*dict.fromkeys(found), *cache_problems(lake.cache, (noted_by(a) for a in seen))]


def cut_off(lake: Lake) -> list[str]:
    """What is no finding and yet worth saying: publications under way or cut off, and snapshots that can be checked
    less than others."""
    notes = [f"{asset}: being published, or cut off; materialize it again" for asset in sorted(lake.being_published())]
    snapshots = list[Snapshot]()
    for asset, digest in all_artifacts(lake):
        with suppress(KeyError, ValueError, TypeError, AttributeError):
            snapshots += lake.artifacts.get(asset, digest).snapshots.values()
    if older := unpinned(snapshots):
        notes.append(
            f"{older} table snapshots were made by an earlier version: their rows and data files are checked, their "
            "indexes, version manifests and tags are not"
        )
    return notes


def unfinished(entry: Entry) -> str:
    body = entry.body
    return (
        f"ledger/: the erasure begun by {body['name']} on {entry.at} is unfinished; type: "
        f'genaiops erase --finish -u {body["use_case"]} --as "{body["name"]}" --reason "finish it"'
    )


def published_problems(
    lake: Lake, asset: str, digest: str, known: set[str] | None, seen: list[Artifact], erasures: Accepted
) -> list[str]:
    """What is wrong with one published output. `known`: manifest hashes of the ledger, None for an output it never
    recorded; `seen` takes the artifact when it can be read; `erasures`: what was erased by the ledger."""
    found: list[str] = []
    try:
        artifact = lake.artifacts.get(asset, digest)
        found += artifact_problems(artifact, erasures)
        list(artifact.snapshots.values())
    except (KeyError, ValueError, TypeError, AttributeError, OSError) as error:  # any field can be lacking or bent
        return [*found, f"artifacts/{asset}/{digest}/{MANIFEST}: unreadable ({type(error).__name__}: {error})"]
    seen.append(artifact)
    after = erasures.manifests.get((asset, digest))
    if lake.store.read(f"{artifact.key}/{MANIFEST}") != pretty_json(artifact.manifest):
        found.append(f"{artifact.key}/{MANIFEST}: altered: not as the platform writes it")
    if known is not None and manifest_sha256(artifact.manifest) not in ({after} if after else known):
        found.append(f"{artifact.key}/{MANIFEST}: differs from what the ledger recorded")
    return found


def noted_by(artifact: Artifact) -> dict[str, str]:
    """Digests of cache lists in an artifact's provenance; those of earlier versions note none."""
    try:
        noted = artifact.provenance().get("caches")
    except (OSError, ValueError, AttributeError):
        return {}
    return noted if isinstance(noted, dict) else {}


def intact(lake: Lake, asset: str, digest: str) -> list[str]:
    """What is wrong with one published output and its tables, without looking at any other; an output the ledger never
    recorded is wrong."""
    return all_intact(lake, [(asset, digest)])[asset, digest]


def all_intact(lake: Lake, outputs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], list[str]]:
    """As `intact`, of several outputs (asset, digest); the ledger is read once."""
    erasures, manifests, hashes = accepted(lake), recorded(lake).manifests, dict[Path, str]()
    found = {}
    for asset, digest in outputs:
        seen: list[Artifact] = []
        problems = published_problems(lake, asset, digest, manifests.get((asset, digest), set()), seen, erasures)
        snapshots = told_once(s for artifact in seen for s in artifact.snapshots.values())
        tables = [p for s in snapshots for p in snapshot_problems(lake, s, erasures, hashes)]
        found[asset, digest] = [*problems, *tables]
    return found


def anchors(lake: Lake) -> Iterator[tuple[str, str]]:
    """Ledger entries noted outside the ledger, in artifacts and production pointers: (where, hash)."""
    for asset, digest in all_artifacts(lake):
        noted = noted_in(lake, f"artifacts/{asset}/{digest}/{MANIFEST}", "summary", "ledger_head")
        if noted:
            yield f"artifacts/{asset}/{digest}", noted
        made_after = noted_in(lake, f"artifacts/{asset}/{digest}/{PROVENANCE}", "ledger", "hash")
        if made_after:
            yield f"artifacts/{asset}/{digest}/{PROVENANCE}", made_after
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
    except (ValueError, OSError, KeyError, TypeError):
        return None
    return value if isinstance(value, str) else None

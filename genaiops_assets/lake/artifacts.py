"""Artifacts: immutable outputs under `artifacts/<asset>/<digest>/` with a manifest and a provenance record.

Belongs here: publishing a staging folder atomically and reading it back. Does not belong here: rows (`tables.py`), or
the question whether work is needed at all (`memo.py`)."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from genaiops_assets.errors import GenaiopsError, NotMaterialized
from genaiops_assets.lake.canonical import canonical_json, digest_of, digest_of_file, files_under, write_json
from genaiops_assets.lake.formats import why_not_publishable
from genaiops_assets.lake.names import refuse_unsafe_asset, refuse_unsafe_part
from genaiops_assets.lake.snapshots import Snapshot
from genaiops_assets.lake.store import Store

SCHEMA_VERSION = 1
MANIFEST, PROVENANCE, VIEWS = "manifest.json", "provenance.json", "views/"
FORBIDDEN_SUFFIXES = {".bin", ".pt", ".pth", ".pkl", ".pickle", ".joblib", ".ckpt"}


class NotPublishable(GenaiopsError, ValueError):
    """The staging folder holds something that must never be published."""


@dataclass(frozen=True)
class Artifact:
    asset: str
    digest: str
    manifest: dict[str, Any]
    store: Store = field(repr=False, compare=False)

    @property
    def key(self) -> str:
        return f"artifacts/{self.asset}/{self.digest}"

    @property
    def uri(self) -> str:
        return self.store.uri(self.key)

    @property
    def summary(self) -> dict[str, Any]:
        """Small JSON for people and sensors: counts and figures; never document text."""
        return self.manifest["summary"]

    @property
    def snapshots(self) -> dict[str, Snapshot]:
        return {s["name"]: Snapshot(**s) for s in self.manifest["snapshots"]}

    def snapshot(self, name: str) -> Snapshot:
        """Raises NotMaterialized when the artifact has no snapshot of that table."""
        try:
            return self.snapshots[name]
        except KeyError:
            raise NotMaterialized(f"{self.asset}@{self.digest[:12]} has no snapshot of table {name}") from None

    def local(self, name: str = "") -> Path:
        return self.store.local(self.key) / name

    def json(self, name: str) -> Any:
        return json.loads(self.store.read(f"{self.key}/{name}"))

    def provenance(self) -> dict[str, Any]:
        return self.json(PROVENANCE)

    def views(self) -> dict[str, bytes]:
        """Pictures for the UI, by name: not part of the digest."""
        return {v["path"]: self.store.read(f"{self.key}/{v['path']}") for v in self.manifest["views"]}


class Artifacts:
    def __init__(self, store: Store):
        self.store = store

    def publish(
        self,
        asset: str,
        staging: Path,
        *,
        snapshots: Sequence[Snapshot] = (),
        summary: dict[str, Any] | None = None,
        provenance: dict[str, Any] | None = None,
        is_recorded: Callable[[dict[str, Any]], bool] = lambda manifest: True,
    ) -> Artifact:
        """Hash a staging folder, add manifest and provenance, move it into place. Same content, same digest: the first
        publication stays, unless `is_recorded` does not know its manifest. Raises NotPublishable on links, pickles and
        weights outside safetensors."""
        refuse_unsafe_asset(asset)
        refuse_links(asset, staging)
        described = [describe(staging, path) for path in files_under(staging)]
        refuse_pickles(asset, staging, described)
        files = [f for f in described if not f["path"].startswith(VIEWS)]
        content = {
            "schema_version": SCHEMA_VERSION,
            "asset": asset,
            "files": files,
            "snapshots": [
                {"name": s.name, "digest": s.digest, "rows": s.rows} for s in sorted(snapshots, key=lambda s: s.name)
            ],
        }
        digest = digest_of(content)
        write_json(staging / PROVENANCE, {"schema_version": SCHEMA_VERSION, **(provenance or {})})
        manifest = {
            **content,
            "digest": digest,
            "snapshots": [s.to_dict() for s in sorted(snapshots, key=lambda s: s.name)],
            "views": [f for f in described if f["path"].startswith(VIEWS)],
            "summary": summary or {},
            "provenance_sha256": digest_of_file(staging / PROVENANCE),
        }
        write_json(staging / MANIFEST, manifest)
        self._drop_unrecorded(asset, digest, is_recorded)
        self.store.put_folder(staging, artifact_key(asset, digest), last=MANIFEST)
        return self.get(asset, digest)

    def get(self, asset: str, digest: str) -> Artifact:
        """Raises NotMaterialized with the command that makes it when there is no such artifact."""
        try:
            manifest = json.loads(self.store.read(f"{artifact_key(asset, digest)}/{MANIFEST}"))
        except FileNotFoundError:
            raise NotMaterialized(f"no artifact {asset}@{digest[:12]}: materialize {asset} first") from None
        return Artifact(asset, digest, manifest, self.store)

    def has(self, asset: str, digest: str) -> bool:
        return self.store.exists(f"{artifact_key(asset, digest)}/{MANIFEST}")

    def digests(self, asset: str) -> list[str]:
        return [d for d in self.store.list(f"artifacts/{refuse_unsafe_asset(asset)}") if self.has(asset, d)]

    def _drop_unrecorded(self, asset: str, digest: str, is_recorded: Callable[[dict[str, Any]], bool]) -> None:
        """What somebody put under a digest before it was made must not become its publication."""
        if not self.has(asset, digest):
            return
        try:
            known = is_recorded(self.get(asset, digest).manifest)
        except (ValueError, TypeError):
            known = False
        if not known:
            self.store.remove_folder(artifact_key(asset, digest))


def artifact_key(asset: str, digest: str) -> str:
    return f"artifacts/{refuse_unsafe_asset(asset)}/{refuse_unsafe_part(digest, 'digest')}"


def describe(folder: Path, path: Path) -> dict[str, Any]:
    return {"path": path.relative_to(folder).as_posix(), "sha256": digest_of_file(path), "bytes": path.stat().st_size}


def refuse_pickles(asset: str, staging: Path, files: list[dict[str, Any]]) -> None:
    """By name, and by what the bytes are whatever the name says."""
    bad = [f["path"] for f in files if Path(f["path"]).suffix.lower() in FORBIDDEN_SUFFIXES]
    if bad:
        raise NotPublishable(
            f"{asset}: {', '.join(bad)} may hold a pickle; publish safetensors, JSON or Parquet instead"
        )
    for f in files:
        if why := why_not_publishable(staging / f["path"]):
            raise NotPublishable(f"{asset}: {f['path']} {why}; publish text, safetensors, PNG or Parquet instead")


def refuse_links(asset: str, staging: Path) -> None:
    """A link's target can change after publication; and two names belong to the platform."""
    bad = sorted(p.relative_to(staging).as_posix() for p in staging.rglob("*") if p.is_symlink())
    if bad:
        raise NotPublishable(f"{asset}: {', '.join(bad)} is a link; copy the file instead")
    taken = [name for name in (MANIFEST, PROVENANCE) if (staging / name).exists()]
    if taken:
        raise NotPublishable(f"{asset}: {', '.join(taken)} is written by the platform; choose another name")


def content_digest(manifest: dict[str, Any]) -> str:
    """The digest a manifest must have, computed again from what it lists."""
    content = {k: manifest[k] for k in ("schema_version", "asset", "files")}
    content["snapshots"] = [{k: s[k] for k in ("name", "digest", "rows")} for s in manifest["snapshots"]]
    return digest_of(content)


def manifest_sha256(manifest: dict[str, Any]) -> str:
    """What the ledger binds: every byte of meaning in the manifest, summary and views included."""
    return digest_of(json.loads(canonical_json(manifest)))

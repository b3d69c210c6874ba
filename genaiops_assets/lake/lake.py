"""The lake: all stores of one home behind one object.

Belongs here: where things live and the order of publishing (tables → artifact → memo → ledger → head). Does not belong
here: Dagster, and what the artifacts mean.
"""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genaiops_assets.lake.artifacts import Artifact, Artifacts, manifest_sha256
from genaiops_assets.lake.leases import lease
from genaiops_assets.lake.ledger import Ledger
from genaiops_assets.lake.memo import Heads, Memo
from genaiops_assets.lake.references import Reference, resolve
from genaiops_assets.lake.snapshots import Snapshot
from genaiops_assets.lake.store import Store

if TYPE_CHECKING:
    from genaiops_assets.lake.tables import Tables


class Lake:
    """`home`: the local folder (GENAIOPS_HOME); `url`: where artifacts, tables, memo, heads and ledger live, the home
    itself unless an fsspec URL is given. Staging, leases and caches are always local."""

    def __init__(self, home: str | Path, url: str | None = None):
        self.home = Path(home).absolute()
        self.url = url or str(self.home)
        self.store = Store(self.url, cache=self.home / "cache" / "lake")
        self.artifacts = Artifacts(self.store)
        self.memo = Memo(self.store)
        self.heads = Heads(self.store)
        self.ledger = Ledger(self.store)

    @cached_property
    def tables(self) -> Tables:
        from genaiops_assets.lake.tables import Tables  # brings Arrow and Polars: not for who only reads heads

        return Tables(f"{self.url.rstrip('/')}/tables", locks=self.home / "staging")

    @property
    def cache(self) -> Path:
        return self.home / "cache"

    def resolve(self, ref: str, folder: Path, license: str | None = None, query: str = "") -> Reference:
        return resolve(ref, folder=folder, cache=self.cache, license=license, query=query)

    @contextmanager
    def work(self, key: str, on_wait: Any = None) -> Iterator[Workplace]:
        """The lease on a memo key with an empty staging folder and a scratch folder that survives a kill."""
        with lease(self.home / "staging" / f"{key[:32]}.lease", on_wait=on_wait) as fd:
            place = Workplace(
                self.home / "staging" / f"{key[:32]}-{uuid.uuid4().hex[:8]}", self.home / "scratch" / key[:32], fd
            )
            for leftover in (self.home / "staging").glob(f"{key[:32]}-*"):
                shutil.rmtree(leftover, ignore_errors=True)
            place.staging.mkdir(parents=True)
            place.scratch.mkdir(parents=True, exist_ok=True)
            try:
                yield place
            finally:
                shutil.rmtree(place.staging, ignore_errors=True)

    def publish(
        self,
        asset: str,
        partition: str | None,
        key: str,
        staging: Path,
        *,
        snapshots: Sequence[Snapshot],
        summary: dict[str, Any],
        provenance: dict[str, Any],
    ) -> Artifact:
        """Artifact → memo → ledger → head: a kill between any two leaves the former ones valid, and a rerun
        finishes."""
        artifact = self.artifacts.publish(asset, staging, snapshots=snapshots, summary=summary, provenance=provenance)
        self.memo.put(key, artifact.digest, provenance)
        self.point(asset, partition, artifact, key, fresh=True)
        return artifact

    def point(self, asset: str, partition: str | None, artifact: Artifact, key: str, *, fresh: bool = False) -> bool:
        """Make an artifact the current output of an asset; the ledger says so first. A `fresh` publication also
        replaces one of the same digest whose folder was lost or damaged. Returns whether the head moved."""
        head = self.heads.get(asset, partition)
        manifest = manifest_sha256(artifact.manifest)
        if head is not None and head["digest"] == artifact.digest and not (fresh and head.get("manifest") != manifest):
            return False
        body = {"asset": asset, "partition": partition, "digest": artifact.digest, "memo": key, "manifest": manifest}
        self.ledger.append("materialized", body)
        self.heads.put(asset, partition, {**body, "at": datetime.now(UTC).isoformat(timespec="seconds")})
        return True

    def current(self, asset: str, partition: str | None = None) -> Artifact:
        """The current output of an asset. Raises KeyError naming what to materialize."""
        return self.artifacts.get(asset, self.heads.digest(asset, partition))

    def forget_scratch(self, key: str) -> None:
        shutil.rmtree(self.home / "scratch" / key[:32], ignore_errors=True)


class Workplace:
    """Where one piece of work happens: `staging` becomes the artifact, `scratch` holds resume state, `lease` is its
    lock."""

    def __init__(self, staging: Path, scratch: Path, lease_fd: int):
        self.staging, self.scratch, self.lease_fd = staging, scratch, lease_fd

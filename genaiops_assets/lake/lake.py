"""The lake: all stores of one home behind one object.

Belongs here: where things live and the order of publishing (tables → artifact → ledger → memo → head). Does not belong
here: Dagster, and what the artifacts mean.
"""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genaiops_assets.lake.artifacts import Artifact, Artifacts, NotPublishable, manifest_sha256
from genaiops_assets.lake.caches import noted_caches
from genaiops_assets.lake.canonical import digest_of, write_json
from genaiops_assets.lake.leases import lease
from genaiops_assets.lake.ledger import Entry, Ledger
from genaiops_assets.lake.memo import Heads, Memo
from genaiops_assets.lake.names import refuse_unsafe_part
from genaiops_assets.lake.notes import Notes
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
        self.notes = Notes(self.store)
        self.ledger = Ledger(self.store)

    @cached_property
    def tables(self) -> Tables:
        from genaiops_assets.lake.tables import Tables  # brings Arrow and Polars: not for who only reads heads

        return Tables(self.tables_url, locks=self.home / "staging")

    @property
    def tables_url(self) -> str:
        return f"{self.url.rstrip('/')}/tables"

    @property
    def cache(self) -> Path:
        return self.home / "cache"

    def resolve(self, ref: str, folder: Path, license: str | None = None, query: str = "") -> Reference:
        return resolve(ref, folder=folder, cache=self.cache, license=license, query=query)

    @property
    def tidying(self) -> Path:
        """The lease that works hold together and whoever removes outputs holds alone."""
        return self.home / "staging" / "tidying.lease"

    @contextmanager
    def work(self, key: str, on_wait: Any = None) -> Iterator[Workplace]:
        """The lease on a memo key with an empty staging folder and a scratch folder that survives a kill. Waits while
        the home is tidied. Raises UnsafeName."""
        refuse_unsafe_part(key, "memo key")
        with (
            lease(self.tidying, on_wait=on_wait, alone=False),
            lease(self.home / "staging" / f"{key[:32]}.lease", on_wait=on_wait) as fd,
        ):
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
        """Artifact → ledger → memo → head: a kill between any two leaves the former ones valid, and a rerun finishes.
        Meanwhile a mark says that this asset is being published."""
        facts = {**provenance, "ledger": self._ledger_now(), "caches": noted_caches(self.cache)}
        with self._marked(asset, key):
            artifact = self.artifacts.publish(
                asset,
                staging,
                snapshots=snapshots,
                summary=summary,
                provenance=facts,
                is_recorded=lambda manifest: self._entry_of(asset, manifest) is not None,
            )
            self._point(asset, partition, artifact, key, provenance)
        return artifact

    def remembered(self, asset: str, key: str) -> Artifact | None:
        """The output of the same work done before. It counts only with an entry of the ledger that names this asset,
        digest, manifest and memo key."""
        record = self.memo.get(key)
        if record is None or not self.artifacts.has(asset, record["digest"]):
            return None
        artifact = self.artifacts.get(asset, record["digest"])
        return artifact if self._proof(artifact, key, record.get("entry", "")) else None

    def _proof(self, artifact: Artifact, key: str, named: str = "") -> Entry | None:
        """The entry that this work made this artifact, as it is now. `named`: the file that should hold it; without,
        the ledger is looked through, newest first."""
        from genaiops_assets.lake.erasure_proofs import erased_manifest  # brings Arrow

        manifest = manifest_sha256(artifact.manifest)
        for entry in [self.ledger.proven(named)] if named else self.ledger.newest_first():
            if entry is None or entry.kind != "materialized" or entry.body.get("memo") != key:
                continue
            if (entry.body["asset"], entry.body["digest"]) == (artifact.asset, artifact.digest) and (
                manifest == entry.body["manifest"] or manifest == erased_manifest(self, artifact)
            ):
                return entry
        return None

    def _entry_of(self, asset: str, manifest: dict[str, Any]) -> Entry | None:
        """Any entry that knows this manifest of an asset."""
        wanted = manifest_sha256(manifest)
        return next(
            (
                e
                for e in self.ledger.newest_first()
                if e.kind == "materialized" and (e.body["asset"], e.body["manifest"]) == (asset, wanted)
            ),
            None,
        )

    def _ledger_now(self) -> dict[str, Any]:
        """How far the ledger is: noted in every artifact's provenance, so that removing its end shows."""
        head = self.ledger.head()
        return {"seq": head.seq, "hash": head.hash} if head else {}

    @contextmanager
    def _marked(self, asset: str, key: str) -> Iterator[None]:
        """A mark in the home while something is published; what a kill left is told from what somebody put there."""
        write_json(self.home / "staging" / f"publishing-{key[:32]}.json", {"asset": asset})
        try:
            yield
        except NotPublishable:
            self._unmark(key)
            raise
        self._unmark(key)

    def _unmark(self, key: str) -> None:
        for left in self._marks(key[:32]):
            left.unlink(missing_ok=True)

    def _marks(self, key: str = "*") -> list[Path]:
        """Marks of publications, one that a kill left half written too."""
        return [
            *(self.home / "staging").glob(f"publishing-{key}.json"),
            *(self.home / "staging").glob(f".publishing-{key}.json.*"),
        ]

    def being_published(self) -> set[str]:
        """Assets whose publication is under way or was cut off."""
        found = set()
        for mark in self._marks():
            with suppress(ValueError, KeyError, TypeError, FileNotFoundError):
                found.add(str(json.loads(mark.read_text())["asset"]))
        return found

    def point(self, asset: str, partition: str | None, artifact: Artifact, key: str) -> bool:
        """Make an artifact the current output of an asset; the ledger says so first. Returns whether the head
        moved."""
        head = self.heads.get(asset, partition)
        if head is not None and head["digest"] == artifact.digest:
            self._unmark(key)
            return False
        with self._marked(asset, key):
            return self._point(asset, partition, artifact, key)

    def _point(
        self, asset: str, partition: str | None, artifact: Artifact, key: str, made: dict[str, Any] | None = None
    ) -> bool:
        """`made`: the provenance of a fresh publication, which also replaces one of the same digest whose folder was
        lost or damaged."""
        manifest = manifest_sha256(artifact.manifest)
        body = {"asset": asset, "partition": partition, "digest": artifact.digest, "memo": key, "manifest": manifest}
        head = self.heads.get(asset, partition)
        is_head = head is not None and (head["digest"], head.get("manifest")) == (artifact.digest, manifest)
        entry = self._proof(artifact, key) if is_head else None
        record = {"record": digest_of(made)} if made is not None else {}
        if entry is None or (record and entry.body.get("record") != record["record"]):
            entry = self.ledger.append("materialized", {**body, **record})
        if made is not None:
            self.memo.put(key, artifact.digest, made, entry.name)
        return self.heads.put(asset, partition, {**body, "at": entry.at, "entry": entry.name})

    def carry_over(self, artifact: Artifact, partition: str | None, key: str, provenance: dict[str, Any]) -> None:
        """Let a published output count as that of another memo key; the ledger says so first."""
        manifest = manifest_sha256(artifact.manifest)
        body = {"asset": artifact.asset, "partition": partition, "digest": artifact.digest, "memo": key}
        entry = self.ledger.append("materialized", {**body, "manifest": manifest, "record": digest_of(provenance)})
        self.memo.put(key, artifact.digest, provenance, entry.name)

    def current(self, asset: str, partition: str | None = None) -> Artifact:
        """The current output of an asset. Raises NotMaterialized naming what to materialize."""
        return self.artifacts.get(asset, self.heads.digest(asset, partition))

    def forget_scratch(self, key: str) -> None:
        shutil.rmtree(self.home / "scratch" / key[:32], ignore_errors=True)


class Workplace:
    """Where one piece of work happens: `staging` becomes the artifact, `scratch` holds resume state, `lease` is its
    lock."""

    def __init__(self, staging: Path, scratch: Path, lease_fd: int):
        self.staging, self.scratch, self.lease_fd = staging, scratch, lease_fd

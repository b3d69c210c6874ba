"""Artifacts and the order of publishing: immutable, named by content, whole or not there."""

import json
from pathlib import Path
from typing import Any

import pytest

from genaiops_assets.lake import Artifact, Lake, Snapshot, write_json
from genaiops_assets.lake.artifacts import Artifacts, NotPublishable, content_digest
from genaiops_assets.lake.store import Store

ASSET, KEY = "demo/corpus", "k" * 64
SNAPSHOT = Snapshot("demo/corpus", 3, "d" * 64, 2, [])


@pytest.fixture
def artifacts(store: Store) -> Artifacts:
    return Artifacts(store)


def staged(folder: Path, files: dict[str, Any] | None = None) -> Path:
    for name, value in (files or {"facts.json": {"rows": 2}}).items():
        write_json(folder / name, value)
    return folder


def test_published_artifact_reads_back(artifacts: Artifacts, tmp_path: Path) -> None:
    files = {"facts.json": {"rows": 2}, "deep/more.json": [1], "views/plot.png": "picture"}
    published = artifacts.publish(
        ASSET, staged(tmp_path / "s", files), snapshots=[SNAPSHOT], summary={"rows": 2}, provenance={"seed": 7}
    )
    found = artifacts.get(ASSET, published.digest)
    assert found == published
    assert found.json("facts.json") == {"rows": 2}
    assert json.loads(found.local("deep/more.json").read_text()) == [1]
    assert found.summary == {"rows": 2}
    assert found.provenance() == {"schema_version": 1, "seed": 7}
    assert found.views() == {"views/plot.png": b'"picture"\n'}
    assert found.snapshot(ASSET) == SNAPSHOT
    assert artifacts.has(ASSET, found.digest) and artifacts.digests(ASSET) == [found.digest]
    assert content_digest(found.manifest) == found.digest
    assert not (tmp_path / "s").exists()


def test_digest_depends_on_files_and_rows_only(artifacts: Artifacts, tmp_path: Path) -> None:
    other_version = Snapshot(SNAPSHOT.name, 99, SNAPSHOT.digest, 2, [{"path": "x", "sha256": "y", "bytes": 1}])
    one = artifacts.publish(
        ASSET, staged(tmp_path / "1"), snapshots=[SNAPSHOT], summary={"a": 1}, provenance={"at": "monday"}
    )
    two = artifacts.publish(
        ASSET,
        staged(tmp_path / "2", {"facts.json": {"rows": 2}, "views/plot.png": 1}),
        snapshots=[other_version],
        summary={"a": 2},
        provenance={"at": "tuesday"},
    )
    assert two == one
    assert two.provenance()["at"] == "monday"
    assert two.views() == {}


@pytest.mark.parametrize(
    ("asset", "files", "snapshots"),
    [
        ("demo/other", {"facts.json": {"rows": 2}}, [SNAPSHOT]),
        (ASSET, {"facts.json": {"rows": 3}}, [SNAPSHOT]),
        (ASSET, {"renamed.json": {"rows": 2}}, [SNAPSHOT]),
        (ASSET, {"facts.json": {"rows": 2}}, []),
        (ASSET, {"facts.json": {"rows": 2}}, [Snapshot(ASSET, 3, "e" * 64, 2)]),
    ],
)
def test_other_content_has_another_digest(
    artifacts: Artifacts, tmp_path: Path, asset: str, files: dict[str, Any], snapshots: list[Snapshot]
) -> None:
    one = artifacts.publish(ASSET, staged(tmp_path / "1"), snapshots=[SNAPSHOT])
    assert artifacts.publish(asset, staged(tmp_path / "2", files), snapshots=snapshots).digest != one.digest


@pytest.mark.parametrize(
    "name", ["model.bin", "a/b.pt", "x.pkl", "x.pickle", "x.joblib", "x.ckpt", "x.pth", "SHOUTED.PKL"]
)
def test_what_may_hold_a_pickle_is_refused(artifacts: Artifacts, tmp_path: Path, name: str) -> None:
    with pytest.raises(NotPublishable, match=rf"demo/corpus: {name} may hold a pickle"):
        artifacts.publish(ASSET, staged(tmp_path / "s", {"ok.json": 1, name: 1}))
    assert artifacts.digests(ASSET) == []


def test_links_are_refused(artifacts: Artifacts, tmp_path: Path) -> None:
    staging = staged(tmp_path / "s")
    (tmp_path / "elsewhere").mkdir()
    (staging / "folder").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NotPublishable, match="folder is a link"):
        artifacts.publish(ASSET, staging)


@pytest.mark.parametrize("name", ["manifest.json", "provenance.json"])
def test_names_of_the_platform_are_refused(artifacts: Artifacts, tmp_path: Path, name: str) -> None:
    with pytest.raises(NotPublishable, match=f"{name} is written by the platform"):
        artifacts.publish(ASSET, staged(tmp_path / "s", {name: {}}))


def test_missing_artifact_says_what_to_materialize(artifacts: Artifacts) -> None:
    with pytest.raises(KeyError, match=r"no artifact demo/corpus@abcdefabcdef: materialize demo/corpus first"):
        artifacts.get(ASSET, "abcdef" * 10)
    assert not artifacts.has(ASSET, "abcdef" * 10)


def test_remote_upload_that_broke_off_does_not_count_and_a_rerun_finishes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store("memory://broken-upload", cache=tmp_path / "cache")
    artifacts, write = Artifacts(store), store.write

    def network_fails(key: str, data: bytes) -> None:
        if key.endswith("provenance.json"):
            raise OSError("network")
        write(key, data)

    with monkeypatch.context() as broken:
        broken.setattr(store, "write", network_fails)
        with pytest.raises(OSError, match="network"):
            artifacts.publish(ASSET, staged(tmp_path / "1"))
    assert len(store.list(f"artifacts/{ASSET}")) == 1
    assert artifacts.digests(ASSET) == []
    assert artifacts.publish(ASSET, staged(tmp_path / "2")).json("facts.json") == {"rows": 2}


def publish(lake: Lake, partition: str | None = None) -> Artifact:
    """One piece of work from its lease to its publication, as an asset does it."""
    with lake.work(KEY) as place:
        staged(place.staging)
        return lake.publish(ASSET, partition, KEY, place.staging, snapshots=[], summary={}, provenance={"seed": 7})


def test_publishing_fills_memo_ledger_and_head(url: str, tmp_path: Path) -> None:
    lake = Lake(tmp_path / "home", url)
    artifact = publish(lake)
    record = lake.memo.get(KEY)
    assert record is not None and record["digest"] == artifact.digest
    assert [e.body["digest"] for e in lake.ledger.entries("materialized")] == [artifact.digest]
    assert lake.current(ASSET) == artifact
    assert lake.current(ASSET).digest == publish(lake).digest
    assert len(list(lake.ledger.entries())) == 1


@pytest.mark.parametrize("broken", ["artifacts.publish", "memo.put", "ledger.append", "heads.put"])
def test_crash_between_two_steps_of_publishing_is_finished_by_a_rerun(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    lake = Lake(tmp_path / "home", url)

    def crash(*args: Any, **more: Any) -> None:
        raise KeyboardInterrupt

    part, step = broken.split(".")
    with monkeypatch.context() as patch:
        patch.setattr(getattr(lake, part), step, crash)
        with pytest.raises(KeyboardInterrupt):
            publish(lake)
    with pytest.raises(KeyError, match="materialize it first"):
        lake.current(ASSET)
    artifact = publish(lake)
    record = lake.memo.get(KEY)
    assert lake.current(ASSET) == artifact
    assert record is not None and record["digest"] == artifact.digest
    assert {e.body["digest"] for e in lake.ledger.entries()} == {artifact.digest}
    assert lake.artifacts.digests(ASSET) == [artifact.digest]


def test_workplace_starts_with_empty_staging_and_keeps_scratch_after_a_failure(lake: Lake) -> None:
    with pytest.raises(RuntimeError), lake.work(KEY) as place:
        (place.staging / "half").write_text("")
        (place.scratch / "resume").write_text("")
        raise RuntimeError
    (lake.home / "staging" / f"{KEY[:32]}-killed").mkdir()
    with lake.work(KEY) as place:
        assert list(place.staging.iterdir()) == []
        assert [p.name for p in place.scratch.iterdir()] == ["resume"]
        assert [p.name for p in place.staging.parent.iterdir() if p.is_dir()] == [place.staging.name]
    assert not place.staging.exists()
    lake.forget_scratch(KEY)
    assert not place.scratch.exists()

"""A backup restored is the home it was: verified, with its release, while somebody wrote, and never half of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tarfile
import threading
import time
from pathlib import Path

import pytest

from genaiops_assets.errors import AlreadyThere, Refused, Unusable
from genaiops_assets.governance.release import pointer_problem, production_release
from genaiops_assets.lake import ERASURE_BEGUN, Lake, add_tombstones, digest_of_file, problems, write_proof
from genaiops_assets.operations import back_up, restore_home
from genaiops_assets.operations import backup as backing_up
from tests.operations.homes import lived_in, runs_in
from tests.support.lakes import V1, publish


def test_a_restored_home_verifies_and_has_its_release_its_runs_and_its_inbox(tmp_path: Path) -> None:
    lake, uc = lived_in(tmp_path / "home")
    made = back_up(lake, tmp_path / "a.tar")
    assert made.sha256 == digest_of_file(made.file) and made.bytes == made.file.stat().st_size
    entry = lake.ledger.head()
    assert entry is not None and made.head is not None
    assert (entry.kind, entry.body["sha256"], entry.body["head"]) == ("backup", made.sha256, made.head.hash)
    restored = restore_home(made.file, tmp_path / "new")
    again = Lake(restored.home)
    assert problems(again) == [] and pointer_problem(again, uc) is None
    release = production_release(again, uc)
    assert release is not None and release.model_version == V1
    assert [r["id"] for r in again.tables.rows(again.current(uc.key("documents")).snapshot(uc.key("documents")))] == [
        "1"
    ]
    assert runs_in(again.home) == 100
    assert (again.home / "inbox" / uc.name / "documents" / "a.md").read_text() == "A new fee of 3 dollars."
    assert not (again.home / "cache").exists() and not (again.home / "keys").exists()
    last = again.ledger.head()
    assert last is not None and (last.kind, last.body["sha256"]) == ("restored", made.sha256)
    assert all(p.stat().st_mode & 0o077 == 0 for p in again.home.rglob("*")), "only its owner may read it"


def test_a_backup_taken_while_others_publish_restores_to_a_whole_home(tmp_path: Path) -> None:
    lake, uc = lived_in(tmp_path / "home")
    stop = threading.Event()

    def write() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            publish(Lake(lake.home), uc.key("documents"), {"d.json": {"n": number}}, rows=uc.key(f"t{number % 3}"))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        before = lake.ledger.head()
        while lake.ledger.head() == before:
            time.sleep(0.01)
        files = [back_up(lake, tmp_path / f"{n}.tar").file for n in range(6)]
    finally:
        stop.set()
        writer.join()
    for n, file in enumerate(files):
        assert problems(Lake(restore_home(file, tmp_path / f"new{n}").home)) == []


def test_a_head_that_an_entry_overtook_is_written_as_the_entry_has_it(tmp_path: Path, monkeypatch) -> None:
    lake, uc = lived_in(tmp_path / "home")
    read = backing_up.contents.pointers

    def then_published(of: Lake) -> dict[str, bytes]:
        found = read(of)
        publish(of, uc.key("documents"), {"documents.json": {"rows": 2}})
        return found

    monkeypatch.setattr(backing_up.contents, "pointers", then_published)
    again = Lake(restore_home(back_up(lake, tmp_path / "a.tar").file, tmp_path / "new").home)
    assert again.current(uc.key("documents")).json("documents.json") == {"rows": 2}
    assert problems(again) == []


def test_keys_are_in_it_only_when_asked_for(tmp_path: Path) -> None:
    lake, _ = lived_in(tmp_path / "home")
    add_tombstones(lake.store, "bank_support", documents=["gone"])  # makes the key of the lake
    without, with_them = back_up(lake, tmp_path / "a.tar"), back_up(lake, tmp_path / "b.tar", with_keys=True)
    assert any("keys/ is not in it" in note for note in without.notes)
    assert any("whoever reads it can sign" in note for note in with_them.notes)
    assert "home/keys/lake.key" in names_in(with_them.file) and "home/keys/lake.key" not in names_in(without.file)


def test_a_file_that_exists_and_a_place_in_the_home_are_refused(tmp_path: Path) -> None:
    lake, _ = lived_in(tmp_path / "home")
    (tmp_path / "a.tar").write_text("mine")
    with pytest.raises(AlreadyThere):
        back_up(lake, tmp_path / "a.tar")
    with pytest.raises(Unusable, match="lies in the home"):
        back_up(lake, lake.home / "a.tar")
    assert (tmp_path / "a.tar").read_text() == "mine"


def begin_erasure(lake: Lake) -> None:
    body = {"use_case": "bank_support", "name": "Olga Owner", "proof": write_proof(lake, {"tables": []})}
    lake.ledger.append(ERASURE_BEGUN, body)


def test_a_pending_erasure_is_refused_and_one_that_begins_meanwhile_is_noticed(tmp_path: Path, monkeypatch) -> None:
    lake, _ = lived_in(tmp_path / "home")
    copy_tables = backing_up.contents.add_tables

    def meanwhile(writing, of, named) -> None:
        copy_tables(writing, of, named)
        begin_erasure(of)

    monkeypatch.setattr(backing_up.contents, "add_tables", meanwhile)
    with pytest.raises(Refused, match="'erasure_begun'"):
        back_up(lake, tmp_path / "a.tar")
    with pytest.raises(Refused, match="is not finished"):
        back_up(lake, tmp_path / "a.tar")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["home"], "nothing half written stays"


def test_a_killed_backup_leaves_nothing_under_its_name_and_the_next_one_works(tmp_path: Path) -> None:
    lake, _ = lived_in(tmp_path / "home")
    code = (
        "import os, signal, sys; from pathlib import Path\n"
        "from genaiops_assets.lake import Lake; from genaiops_assets.operations import back_up, backup\n"
        "backup.contents.add_tables = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "back_up(Lake(sys.argv[1]), Path(sys.argv[2]))\n"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(lake.home), str(tmp_path / "a.tar")], env=os.environ)
    assert killed.returncode == -signal.SIGKILL
    assert not (tmp_path / "a.tar").exists()
    back_up(lake, tmp_path / "a.tar")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.tar", "home"]
    assert problems(Lake(restore_home(tmp_path / "a.tar", tmp_path / "new").home)) == []


def test_a_lake_elsewhere_is_named_and_what_lies_in_the_home_is_copied(tmp_path: Path) -> None:
    lived_in(tmp_path / "home")
    lake = Lake(tmp_path / "home", f"memory://{tmp_path.name}-elsewhere")
    publish(lake, "bank_support/documents", {"d.json": {}})
    made = back_up(lake, tmp_path / "a.tar")
    assert any("turn on versioning" in note for note in made.notes)
    assert "home/dagster/history/runs.db" in names_in(made.file)
    restored = restore_home(made.file, tmp_path / "new")
    assert restored.manifest["lake_url"] == lake.url and runs_in(restored.home) == 100


def names_in(file: Path) -> list[str]:
    with tarfile.open(file) as tar:
        return tar.getnames()

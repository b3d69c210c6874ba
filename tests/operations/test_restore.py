"""A backup that is damaged, cut off or of another lake restores nothing; what was erased since stays out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from genaiops_assets.errors import AlreadyThere, Refused, Unusable
from genaiops_assets.lake import KEPT_OUT, Lake, add_tombstones, keyed_hash, problems, read_tombstones
from genaiops_assets.operations import back_up, restore_home
from tests.operations.homes import lived_in


@pytest.fixture
def home(tmp_path: Path) -> Lake:
    return lived_in(tmp_path / "home")[0]


def opted_out(lake: Lake, name: str) -> None:
    """As an opt-out that found nothing: tombstone and entry."""
    add_tombstones(lake.store, "bank_support", documents=[name])
    targets = {"documents": [keyed_hash(lake.store, name)]}
    lake.ledger.append(
        KEPT_OUT, {"use_case": "bank_support", "name": "Olga Owner", "reason": "asked for", "targets": targets}
    )


def nothing_restored(tmp_path: Path) -> bool:
    return not any("restoring" in p.name or p.name == "new" for p in tmp_path.iterdir())


@pytest.mark.parametrize("at", [0.02, 0.5, 0.97])
def test_one_flipped_byte_restores_nothing(home: Lake, tmp_path: Path, at: float) -> None:
    file = back_up(home, tmp_path / "a.tar").file
    data = bytearray(file.read_bytes())
    place = next(n for n in range(int(len(data) * at), len(data)) if 32 < data[n] < 127)
    data[place] ^= 1
    file.write_bytes(data)
    with pytest.raises(Unusable):
        restore_home(file, tmp_path / "new")
    assert nothing_restored(tmp_path)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_file_cut_off_restores_nothing(home: Lake, tmp_path: Path, share: float) -> None:
    file = back_up(home, tmp_path / "a.tar").file
    file.write_bytes(file.read_bytes()[: int(file.stat().st_size * share)])
    with pytest.raises(Unusable):
        restore_home(file, tmp_path / "new")
    assert nothing_restored(tmp_path)


def test_only_an_empty_home_is_restored_into(home: Lake, tmp_path: Path) -> None:
    file = back_up(home, tmp_path / "a.tar").file
    (tmp_path / "empty").mkdir()
    assert restore_home(file, tmp_path / "empty").home == tmp_path / "empty"
    with pytest.raises(AlreadyThere):
        restore_home(file, tmp_path / "empty")
    assert problems(Lake(tmp_path / "empty")) == []


def test_erased_names_need_the_key_of_the_lake(home: Lake, tmp_path: Path) -> None:
    opted_out(home, "doc-1")
    file = back_up(home, tmp_path / "a.tar").file
    with pytest.raises(Refused, match="--keys"):
        restore_home(file, tmp_path / "new")
    other = Lake(tmp_path / "other")
    add_tombstones(other.store, "x", documents=["y"])
    with pytest.raises(Unusable, match="key of another lake"):
        restore_home(file, tmp_path / "new", keys=other.home / "keys")
    assert nothing_restored(tmp_path)
    again = Lake(restore_home(file, tmp_path / "new", keys=home.home / "keys").home)
    assert read_tombstones(again.store, "bank_support").has_document("doc-1") and problems(again) == []


def test_what_a_newer_home_erased_is_named_and_stays_out(home: Lake, tmp_path: Path) -> None:
    keyed_hash(home.store, "makes the key")
    file = back_up(home, tmp_path / "a.tar", with_keys=True).file
    opted_out(home, "doc-2")
    restored = restore_home(file, tmp_path / "new", erased_in=home.home)
    assert len(restored.erased_since) == 1 and "Olga Owner" in restored.erased_since[0]
    again = Lake(restored.home)
    assert read_tombstones(again.store, "bank_support").has_document("doc-2") and problems(again) == []
    unaware = Lake(restore_home(file, tmp_path / "unaware").home)
    assert not read_tombstones(unaware.store, "bank_support").has_document("doc-2")


def test_without_the_key_what_a_newer_home_erased_is_refused(home: Lake, tmp_path: Path) -> None:
    file = back_up(home, tmp_path / "a.tar").file
    opted_out(home, "doc-2")
    with pytest.raises(Refused, match="cannot be recognised"):
        restore_home(file, tmp_path / "new", erased_in=home.home)
    assert nothing_restored(tmp_path)


def test_a_home_of_another_lake_tells_nothing(home: Lake, tmp_path: Path) -> None:
    file = back_up(home, tmp_path / "a.tar").file
    other = Lake(tmp_path / "other")
    other.ledger.append("note", {})
    with pytest.raises(Unusable, match="another lake"):
        restore_home(file, tmp_path / "new", erased_in=other.home)


def test_a_ledger_that_parts_from_the_backups_is_refused(home: Lake, tmp_path: Path) -> None:
    file = back_up(home, tmp_path / "a.tar").file
    last = sorted((home.home / "ledger").iterdir())[-2]  # the last one that the backup has
    content = json.loads(last.read_text())
    last.write_text(json.dumps({**content, "hash": "0" * 64}))
    with pytest.raises(Refused, match="parts from"):
        restore_home(file, tmp_path / "new", erased_in=home.home)

"""The home: only its owner can read it, from the first second, and `doctor` says when that is not so."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from genaiops_assets.cli.doctor import privacy_of
from genaiops_assets.lake import Lake, keyed_hash
from genaiops_assets.orchestration.home import is_open_to_others, prepare_home


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def modes(home: Path) -> set[int]:
    return {stat.S_IMODE(p.stat().st_mode) & 0o077 for p in [home, *home.rglob("*")]}


def test_a_home_and_all_that_is_written_into_it_is_its_owners(tmp_path: Path) -> None:
    home = tmp_path / "home"
    prepare_home(home)
    Lake(home).ledger.append("note", {})
    Lake(home).heads.put("demo/x", None, {"digest": "d"})
    assert modes(home) == {0} and privacy_of(home).good


def test_a_home_that_was_open_is_closed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o755)
    assert is_open_to_others(home)
    finding = privacy_of(home)
    assert not finding.good and finding.found == "others can read it (mode 0755)"
    assert finding.cure == f"chmod 700 {home}"
    prepare_home(home)
    assert not is_open_to_others(home) and privacy_of(home).good


def test_a_home_that_is_not_there_yet_is_no_finding(tmp_path: Path) -> None:
    assert privacy_of(tmp_path / "home").good and not is_open_to_others(tmp_path / "home")


def test_the_key_of_a_lake_is_its_owners_whatever_the_umask(tmp_path: Path) -> None:
    lake = Lake(tmp_path / "home")
    first = keyed_hash(lake.store, "faq-1")
    assert stat.S_IMODE((tmp_path / "home/keys/lake.key").stat().st_mode) == 0o600
    assert first == keyed_hash(Lake(tmp_path / "home").store, "faq-1") != keyed_hash(lake.store, "faq-2")
    assert first != keyed_hash(Lake(tmp_path / "other").store, "faq-1") and "faq" not in first

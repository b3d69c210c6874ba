"""An erasure names the backups that still hold what it removes, and a restore says what must be erased again. The home
is one with real tables, in English and Chinese."""

from __future__ import annotations

from pathlib import Path

import pytest

from genaiops_assets.lake import Lake, problems
from genaiops_assets.operations import back_up, erase_again, restore_home
from genaiops_assets.use_case import UseCase
from tests.governance.erasing import do
from tests.support.erasures import life
from tests.support.lakes import bank_support


@pytest.fixture
def uc(tmp_path: Path) -> UseCase:
    return bank_support()


def test_after_a_restore_what_was_erased_is_kept_out_and_can_be_erased_again(tmp_path: Path, uc: UseCase) -> None:
    lake = Lake(tmp_path / "home")
    life(lake, uc)
    file = back_up(lake, tmp_path / "a.tar", with_keys=True).file
    (erased,) = do(lake, uc)
    assert any(str(file) in left and "--erased-in" in left for left in erased.standing)
    restored = restore_home(file, tmp_path / "new", erased_in=lake.home, keys=lake.home / "keys")
    assert len(restored.erased_since) == 1 and "asked by the author" in restored.erased_since[0]
    again = Lake(restored.home)
    assert erase_again(again, uc) == ["secret-en", "secret-zh"] and problems(again) == []
    do(again, uc)
    assert erase_again(again, uc) == [] and problems(again) == []


def test_without_a_backup_an_erasure_names_none(tmp_path: Path, uc: UseCase) -> None:
    lake = Lake(tmp_path / "home")
    life(lake, uc)
    (erased,) = do(lake, uc)
    assert not any("backup" in left for left in erased.standing)

"""A home that version 0.1 made: it opens, verifies, is promoted from, and its finished work counts after the upgrade.

The stored home was made by that version from the packaged library in Chinese with the smallest adapter there is,
approved and promoted by the people its file names; it holds no model and no Dagster history. The quick tests ask the
lake, the slow one runs the use case again."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from genaiops_assets.governance.release import approval_of, last_good, production_release, release
from genaiops_assets.lake import Lake, memo_key, problems
from genaiops_assets.orchestration.upgrade import carry_over, state_of, upgrade
from genaiops_assets.serving import choose_version
from genaiops_assets.use_case import UseCase
from genaiops_assets.use_case.load import load_use_case
from tests.conftest import genaiops
from tests.support.lakes import publish

STORED = Path(__file__).parents[1] / "support" / "homes" / "version_0_1.tar.xz"
VERSION, OWNER = "mv-1c44f98cd49f", "林知远"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with tarfile.open(STORED) as stored:
        stored.extractall(tmp_path, filter="data")
    return tmp_path / "home"


@pytest.fixture
def lake(home: Path) -> Lake:
    return Lake(home)


@pytest.fixture
def uc(home: Path) -> UseCase:
    return load_use_case(home.parent / "shop", "smoke")


def test_the_old_home_opens_and_verifies_before_and_after(lake: Lake) -> None:
    assert problems(lake) == []
    assert state_of(lake).needs_upgrade
    upgrade(lake)
    assert problems(lake) == [] and not state_of(lake).needs_upgrade


def test_an_upgrade_is_recorded_once(lake: Lake) -> None:
    upgrade(lake)
    upgrade(lake)
    assert len(list(lake.ledger.entries("home_upgraded"))) == 1


def test_approval_and_production_stay(lake: Lake, uc: UseCase) -> None:
    upgrade(lake)
    now = production_release(lake, uc)
    assert now is not None and now.model_version == VERSION
    assert approval_of(lake, uc, VERSION).status == "approved"


def test_it_is_promoted_from_and_answers_by_a_bundle_of_what_was_approved(lake: Lake, uc: UseCase) -> None:
    upgrade(lake)
    assert release(lake, uc, VERSION, kind="promote", by=OWNER, reason="after the upgrade").model_version == VERSION
    served = choose_version(lake, uc)
    assert (served.version, served.released, served.warning) == (VERSION, True, "")
    assert served.bundle is not None
    assert served.bundle.checkpoint.digest == lake.heads.digest(uc.key("aligned_checkpoint"), VERSION)
    with pytest.raises(PermissionError, match="no earlier release"):
        last_good(lake, uc)


def test_finished_work_counts_under_todays_keys_after_the_upgrade_and_not_before(lake: Lake, uc: UseCase) -> None:
    asset, code = uc.key("golden_set"), "1+0123456789ab"
    made = lake.memo.get((lake.heads.get(asset) or {})["memo"])
    assert made is not None
    how = {k: made["provenance"][k] for k in ("inputs", "config", "seed")}
    today, then = memo_key(asset, code_version=code, **how), memo_key(asset, code_version="1", **how)
    carry_over(lake, asset, None, today, then, code)
    assert lake.remembered(asset, today) is None
    upgrade(lake)
    carry_over(lake, asset, None, today, then, code)
    found = lake.remembered(asset, today)
    assert found is not None and found.digest == made["digest"] and problems(lake) == []


def test_work_of_after_the_upgrade_never_counts_under_an_earlier_key(lake: Lake, uc: UseCase) -> None:
    upgrade(lake)
    publish(lake, uc.key("note"), {"note.json": 1})
    head = lake.heads.get(uc.key("note"))
    assert head is not None
    today = "f" * 64
    carry_over(lake, uc.key("note"), None, today, head["memo"], "1+0123456789ab")
    assert lake.remembered(uc.key("note"), today) is None


def test_a_fresh_home_needs_no_upgrade(tmp_path: Path, uc: UseCase) -> None:
    assert not state_of(Lake(tmp_path / "fresh")).needs_upgrade


@pytest.mark.model
def test_it_goes_on_after_the_upgrade(home: Path) -> None:
    genaiops(home, "upgrade")
    file = home.parent / "shop" / "use_case.yaml"  # its pairs were cut to this length; today they would be left out
    file.write_text(file.read_text().replace("  learning_rate:", "  max_length: 768\n  learning_rate:", 1))
    run = genaiops(home, "run").stdout
    assert "waits for the decision of 高书文" in run
    lake = Lake(home)
    carried = {e.body["asset"].split("/")[-1] for e in lake.ledger.entries("materialized") if "+" in code_of(lake, e)}
    assert {"use_case_scope", "golden_set", "success_criteria"} <= carried
    assert "are as published" in genaiops(home, "verify").stdout
    genaiops(home, "promote", VERSION, "--as", OWNER, "--reason", "a way back")


def code_of(lake: Lake, entry) -> str:
    made = (lake.memo.get(entry.body["memo"]) or {}).get("provenance", {})
    return str(made.get("code_version", ""))

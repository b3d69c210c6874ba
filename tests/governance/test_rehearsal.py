"""A rehearsed rollback is the real one, moves nothing, and leaves an entry however it went."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import dagster as dg
import pytest

from genaiops_assets.assets.release.rollback_rehearsal import rollback_rehearsal_assets
from genaiops_assets.errors import Refused
from genaiops_assets.governance.release import (
    pointer_problem,
    production_release,
    rehearsal_due,
    rehearsals,
    rehearse_rollback,
    releases,
)
from genaiops_assets.lake import Lake, RehearsalLake
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase
from tests.conftest import genaiops
from tests.governance.deciding import OWNER, approve, promote
from tests.support.lakes import V1, V2, candidate

TODAY = date.today()


@pytest.fixture
def lake(lake: Lake, uc: UseCase) -> Lake:
    """V2 is in production, V1 was before it."""
    for version in (V1, V2):
        candidate(lake, uc, version)
        approve(lake, uc, version=version)
    for version in (V1, V2):
        promote(lake, uc, version)
    return lake


def files_of(home: Path) -> dict[str, bytes]:
    return {str(p.relative_to(home)): p.read_bytes() for p in sorted(home.rglob("*")) if p.is_file()}


def test_a_rehearsal_moves_nothing_and_says_how_it_went(lake: Lake, uc: UseCase) -> None:
    before = files_of(lake.home)
    made = rehearse_rollback(lake, uc, by="olga owner")
    assert (made.from_version, made.to_version, made.by, made.outcome, made.why) == (V2, V1, OWNER, "held", "")
    after = files_of(lake.home)
    changed = {name for name in after if after[name] != before.get(name)}
    assert all(name.startswith(("ledger/", "ledger_marks/")) for name in changed) and len(after) == len(before) + 1
    assert production_release(lake, uc).model_version == V2 and pointer_problem(lake, uc) is None  # type: ignore[union-attr]
    assert len(releases(lake, uc)) == 2 and lake.ledger.problems() == []
    assert rehearsals(lake, uc) == [made]


def test_a_damaged_release_before_is_found_by_the_rehearsal(lake: Lake, uc: UseCase) -> None:
    checkpoint = lake.current(uc.key("aligned_checkpoint"), V1).local("training_log.json")
    checkpoint.write_text(checkpoint.read_text().replace("version", "VERSION"))
    made = rehearse_rollback(lake, uc, by=OWNER)
    assert made.outcome == "refused" and "altered after publication" in made.why
    assert "was refused" in rehearsal_due(lake, uc, TODAY)


def test_with_one_release_the_present_one_is_put_back(tmp_path: Path, uc: UseCase) -> None:
    lake = Lake(tmp_path / "one")
    with pytest.raises(Refused, match="nothing is released"):
        rehearse_rollback(lake, uc, by=OWNER)
    assert rehearsal_due(lake, uc, TODAY) == ""
    candidate(lake, uc, V1)
    approve(lake, uc)
    promote(lake, uc)
    assert "ever rehearsed" in rehearsal_due(lake, uc, TODAY)
    made = rehearse_rollback(lake, uc, by=OWNER)
    assert (made.from_version, made.to_version, made.outcome) == (V1, V1, "held") and "no earlier release" in made.why
    with pytest.raises(Refused, match="not among the people"):
        rehearse_rollback(lake, uc, by="Mallory")


def test_a_rehearsal_counts_for_so_many_days(lake: Lake, uc: UseCase) -> None:
    rehearse_rollback(lake, uc, by=OWNER)
    made = date.fromisoformat(rehearsals(lake, uc)[0].at[:10])
    assert rehearsal_due(lake, uc, made.replace(year=made.year)) == ""
    assert "more than 180 days ago" in rehearsal_due(lake, uc, date.fromordinal(made.toordinal() + 181))
    short = uc.model_copy(update={"monitoring": uc.monitoring.model_copy(update={"rehearse_rollback_within_days": 30})})
    assert "more than 30 days ago" in rehearsal_due(lake, short, date.fromordinal(made.toordinal() + 31))


def test_the_number_of_days_leaves_other_use_cases_as_they_were(uc: UseCase) -> None:
    assert "rehearse_rollback_within_days" not in uc.monitoring.model_dump(mode="json")


def test_a_rehearsal_can_neither_publish_nor_remove(lake: Lake) -> None:
    rehearsing = RehearsalLake(lake)
    rehearsing.store.write("production/x.json", b"{}")
    assert rehearsing.store.read("production/x.json") == b"{}" and not lake.store.exists("production/x.json")
    assert "x.json" in rehearsing.store.list("production") and "x.json" not in lake.store.list("production")
    with pytest.raises(FileExistsError):
        rehearsing.store.create("production/x.json", b"")
    for refused in (rehearsing.store.remove, rehearsing.store.remove_folder, rehearsing.store.put_folder):
        with pytest.raises(Refused, match="publishes and removes nothing"):
            refused("production/x.json")


def test_the_asset_lists_them_and_its_check_asks_the_ledger(lake: Lake, uc: UseCase) -> None:
    def made() -> tuple[dict, bool]:
        result = dg.materialize(rollback_rehearsal_assets(uc), resources={"platform": Platform(home=str(lake.home))})
        (check,) = result.get_asset_check_evaluations()
        return lake.current(uc.key("rollback_rehearsal")).json("rollback_rehearsal.json"), check.passed

    content, passed = made()
    assert (content["count"], [r["model_version"] for r in content["releases"]], passed) == (0, [V2, V1], False)
    rehearse_rollback(lake, uc, by=OWNER)
    content, passed = made()
    assert (content["count"], content["last"]["outcome"], passed) == (1, "held", True)


def test_by_the_command_line(lake: Lake) -> None:
    said = genaiops(lake.home, "rehearse-rollback", "--as", "Olga Owner").stdout
    assert f"the rollback {V2} → {V1} held" in " ".join(said.split()) and f"production stays {V2}" in " ".join(
        said.split()
    )

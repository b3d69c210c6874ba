"""The mutation test of trust: a single change to what was published is seen, and the right thing is named, by verify on
the home and by the stand-alone verifier on the dossier."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.trust.homes import released_home
from tests.trust.trial import Trial


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    return Trial(*released_home(tmp_path / "home"), tmp_path)


def test_sixty_changes_are_seen_and_named(trial: Trial) -> None:
    trial.run(60, seed=14)
    assert trial.missed == [] and trial.misnamed == []
    assert trial.seen["home"] == 60 and trial.seen["dossier"] > 20 and trial.seen["refitted dossier"] > 20


def test_changes_that_are_undone_leave_no_trace(trial: Trial) -> None:
    trial.run(10, seed=3)
    assert trial.home_problems(trial.lake.home) == [] and trial.dossier_problems(trial.dossier) == []


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(100, 105))
def test_a_thousand_changes_are_seen_and_named(trial: Trial, seed: int) -> None:
    trial.run(220, seed)
    print({what: times for what, times in sorted(trial.seen.items()) if ":" not in what})
    assert trial.missed == [] and trial.misnamed == []
    assert trial.seen["home"] == 220

"""Showing a decision in Dagster: a second process that loads Dagster while the first one verifies and decides.

Belongs here: both ends of that, and nothing a decision depends on: the ledger is the truth, Dagster's history shows
it. Does not belong here: what is shown (`orchestration/decision_jobs.py`)."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from genaiops_assets.cli.terminal import note


class Showing:
    """Started before the decision, told afterwards what to show; without a word it ends with the command."""

    def __init__(self, home: Path):
        command = [sys.executable, "-m", __name__]
        pipe = subprocess.PIPE
        self.child = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, text=True)
        self.said: dict[str, Any] | None = None

    def __enter__(self) -> Showing:
        return self

    def approval(self, use_case: str, version: str) -> None:
        self.said = {"what": "approval", "use_case": use_case, "version": version}

    def release(self, use_case: str) -> None:
        self.said = {"what": "release", "use_case": use_case}

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if error is not None or self.said is None:
            self.child.kill()
            self.child.communicate()
            return
        output, _ = self.child.communicate(json.dumps(self.said))
        if self.child.returncode:
            why = output.strip().splitlines()[-1:] or ["no reason given"]
            note(
                f"recorded in the ledger, but Dagster's history could not be written ({why[0]}): the UI shows it after "
                "the next check of the asset"
            )


def show(said: dict[str, Any]) -> None:
    """Write the events of a decision that the ledger holds already."""
    import dagster as dg

    from genaiops_assets.governance.release import production_release
    from genaiops_assets.lake import Lake
    from genaiops_assets.orchestration.decision_jobs import show_approval, show_release
    from genaiops_assets.orchestration.home import find_home, find_lake_url
    from genaiops_assets.use_case import UseCase, discover

    home = find_home()
    lake = Lake(home, find_lake_url())
    uc = next(u for u in discover(home) if isinstance(u, UseCase) and u.name == said["use_case"])
    with dg.DagsterInstance.get() as instance:
        if said["what"] == "approval":
            show_approval(instance, lake, uc, said["version"])
        else:
            show_release(instance, lake, uc, production_release(lake, uc))


def main() -> None:
    """Load everything while the other process works, then wait for its word."""
    import dagster as dg

    import genaiops_assets.orchestration.decision_jobs

    assert genaiops_assets.orchestration.decision_jobs  # loaded for its weight
    dg.DagsterInstance.get().event_log_storage.get_maximum_record_id()
    said = sys.stdin.read()
    if said:
        show(json.loads(said))


if __name__ == "__main__":
    main()

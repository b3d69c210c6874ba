"""Showing a decision in Dagster, after the ledger holds it.

Belongs here: choosing who writes (this process into the known SQLite files, or else a second process that loads
Dagster while the first one verifies and decides), both ends of that second process, and nothing a decision depends on:
the ledger is the truth, Dagster's history shows it. Does not belong here: what is shown
(`orchestration/decision_findings.py`), how it is written (`history_writer.py`, `orchestration/decision_jobs.py`)."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any, Protocol

from genaiops_assets.cli.history_writer import HistoryWriter, open_writer
from genaiops_assets.cli.terminal import note


class Shows(Protocol):
    """Opened before a decision, told of it, and closed by showing it; without a word it shows nothing."""

    def __enter__(self) -> Shows: ...
    def __exit__(self, kind: Any, error: Any, trace: Any) -> None: ...
    def approval(self, lake: Any, uc: Any, version: str) -> None: ...
    def release(self, lake: Any, uc: Any) -> None: ...
    def revocation(self, lake: Any, uc: Any, version: str) -> None: ...


def showing(home: Path) -> Shows:
    writer = open_writer(home / "dagster")
    return Writing(writer) if writer else Showing(home)


class Writing:
    """Shows a decision at once, by this process."""

    def __init__(self, writer: HistoryWriter):
        self.writer = writer

    def __enter__(self) -> Writing:
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        return None

    def approval(self, lake: Any, uc: Any, version: str) -> None:
        """The same as `orchestration.decision_jobs.show_approval`."""
        from genaiops_assets.governance.release import approval_in_words, approval_of, production_release
        from genaiops_assets.orchestration.decision_findings import APPROVAL_CHECK, approval_finding

        try:
            finding = approval_finding(approval_of(lake, uc, version), uc, approval_in_words(lake, uc, version))
            self.writer.judged(f"{uc.name}/release_decision", APPROVAL_CHECK, finding, version)
            now = production_release(lake, uc)
            if now and now.model_version == version:
                self.production(lake, uc)
        except (sqlite3.Error, OSError) as error:
            say_not_shown(error)

    def release(self, lake: Any, uc: Any) -> None:
        """The same as `orchestration.decision_jobs.show_release`."""
        from genaiops_assets.governance.release import production_release
        from genaiops_assets.orchestration.decision_findings import release_event

        try:
            self.writer.released(f"{uc.name}/production_model", release_event(production_release(lake, uc)))
            self.production(lake, uc)
        except (sqlite3.Error, OSError) as error:
            say_not_shown(error)

    def revocation(self, lake: Any, uc: Any, version: str) -> None:
        """Shown on the release decision and, where it answers, on production; without a decision on production
        alone."""
        from genaiops_assets.governance.release import production_release

        if lake.heads.get(uc.key("release_decision"), version):
            self.approval(lake, uc, version)
        elif (now := production_release(lake, uc)) and now.model_version == version:
            self.production(lake, uc)

    def production(self, lake: Any, uc: Any) -> None:
        from genaiops_assets.orchestration.decision_findings import PRODUCTION_CHECK, agreement_finding

        key = f"{uc.name}/production_model"
        newest = self.writer.newest(key)
        told = newest.texts["model_version"] if newest else None
        self.writer.judged(key, PRODUCTION_CHECK, agreement_finding(lake, uc, told), None)


class Showing:
    """A second process, started before the decision, told afterwards what to show; without a word it ends with the
    command."""

    def __init__(self, home: Path):
        command = [sys.executable, "-m", __name__]
        pipe = subprocess.PIPE
        self.child = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, text=True)
        self.said: dict[str, Any] | None = None

    def __enter__(self) -> Showing:
        return self

    def approval(self, lake: Any, uc: Any, version: str) -> None:
        self.said = {"what": "approval", "use_case": uc.name, "version": version}

    def release(self, lake: Any, uc: Any) -> None:
        self.said = {"what": "release", "use_case": uc.name}

    def revocation(self, lake: Any, uc: Any, version: str) -> None:
        if lake.heads.get(uc.key("release_decision"), version):
            self.approval(lake, uc, version)

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if error is not None or self.said is None:
            self.child.kill()
            self.child.communicate()
            return
        output, _ = self.child.communicate(json.dumps(self.said))
        if self.child.returncode:
            say_not_shown((output.strip().splitlines()[-1:] or ["no reason given"])[0])


def say_not_shown(why: object) -> None:
    note(
        f"recorded in the ledger, but Dagster's history could not be written ({why}): the UI shows it after "
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

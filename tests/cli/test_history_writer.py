"""A decision written into Dagster's files without Dagster lies there row for row as Dagster writes it."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest

from genaiops_assets.cli import history_writer
from genaiops_assets.cli.history_writer import HistoryWriter, open_writer
from genaiops_assets.cli.show_decision import Writing, showing
from genaiops_assets.governance.release import decide, production_release, release
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.decision_jobs import show_approval, show_release
from tests.conftest import genaiops
from tests.support.lakes import V1, bank_support, candidate, publish

TABLES = ("event_logs", "asset_check_executions", "asset_event_tags", "asset_keys", "alembic_version")
PERSON = {"name": "Ada Approver", "reason": 'read the "card" – 全部'}
TIMES = re.compile(r'"timestamp": [0-9.]+|20\d\d-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?')


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a candidate and an instance in which its release decision was made."""
    home = tmp_path_factory.mktemp("started")
    candidate(lake := Lake(home), uc := bank_support(), V1)
    publish(lake, uc.key("model_plan"), {"plan.json": {"model_version": V1}})
    (home / "dagster").mkdir()
    key = dg.AssetKey([uc.name, "release_decision"])
    with dg.DagsterInstance.local_temp(str(home / "dagster")) as instance:
        for partition in ("mv-000000000000", V1):
            instance.report_runless_asset_event(dg.AssetMaterialization(key, partition=partition))
    (home / "dagster" / "history" / "runs" / ".db").unlink()  # as in a home where every event belonged to a run
    return home


@pytest.fixture
def home(started: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(started, tmp_path / "home"))


def writer_of(home: Path) -> HistoryWriter:
    found = open_writer(home / "dagster")
    assert found is not None
    return found


def rows(file: Path) -> dict[str, list[str]]:
    with closing(sqlite3.connect(file)) as connection:
        tables = {t: connection.execute(f"select * from {t} order by rowid").fetchall() for t in TABLES}
        tables["sqlite_master"] = connection.execute(
            "select type, name, sql from sqlite_master order by name"
        ).fetchall()
        return {name: [TIMES.sub("TIME", str(row)) for row in found] for name, found in tables.items()}


def both_show(home: Path, ours: Path, theirs: Path) -> None:
    """A rejection, an approval, a release, and the approval withdrawn: shown by us in one instance, by Dagster in
    another."""
    lake, uc, us = Lake(home), bank_support(), Writing(HistoryWriter(ours / "history" / "runs"))
    with dg.DagsterInstance.local_temp(str(theirs)) as instance:
        for n, decision in enumerate(("rejected", "approved", "release", "rejected")):
            if decision == "release":
                release(lake, uc, V1, kind="promote", by=PERSON["name"], reason=PERSON["reason"])
                us.release(lake, uc)
                show_release(instance, lake, uc, production_release(lake, uc))
            else:
                decide(lake, uc, V1, decision=decision, name=PERSON["name"], reason=f"{PERSON['reason']} {n}")
                us.approval(lake, uc, V1)
                show_approval(instance, lake, uc, V1)


def test_every_row_is_the_one_that_dagster_writes(home: Path, tmp_path: Path) -> None:
    theirs = Path(shutil.copytree(home / "dagster", tmp_path / "theirs"))
    both_show(home, home / "dagster", theirs)
    for file in ("index.db", ".db"):
        found, wanted = (rows(folder / "history" / "runs" / file) for folder in (home / "dagster", theirs))
        for table in wanted:
            assert found[table] == wanted[table], (file, table)
        assert len(wanted["event_logs"]) >= 6


def test_dagster_reads_what_was_written_and_goes_on_from_there(home: Path) -> None:
    lake, uc = Lake(home), bank_support()
    decide(lake, uc, V1, decision="approved", **PERSON)  # type: ignore[arg-type]
    Writing(writer_of(home)).approval(lake, uc, V1)
    made = release(lake, uc, V1, kind="promote", by=PERSON["name"], reason=PERSON["reason"])
    Writing(writer_of(home)).release(lake, uc)
    key, check = dg.AssetKey([uc.name, "production_model"]), "event_log_agrees_with_pointer"
    with dg.DagsterInstance.local_temp(str(home / "dagster")) as instance:
        event = instance.get_latest_materialization_event(key)
        assert (
            event
            and event.asset_materialization
            and event.asset_materialization.metadata["reason"].value == PERSON["reason"]
        )
        storage = instance.event_log_storage
        (found,) = storage.get_latest_asset_check_execution_by_key([dg.AssetCheckKey(key, check)]).values()
        assert found.status.value == "SUCCEEDED" and found.event and found.event.asset_check_evaluation
        target = found.event.asset_check_evaluation.target_materialization_data
        assert target and target.storage_id == instance.fetch_materializations(key, limit=1).records[0].storage_id
        assert len(storage.get_records_for_run("").records) == 3
        show_release(instance, lake, uc, made)
        assert len(storage.get_records_for_run("").records) == 5


def test_a_wiped_asset_has_no_materialization_to_point_at(home: Path) -> None:
    key = "bank_support/release_decision"
    assert writer_of(home).newest(key, V1) is not None
    with dg.DagsterInstance.local_temp(str(home / "dagster")) as instance:
        instance.wipe_assets([dg.AssetKey(key.split("/"))])
    assert writer_of(home).newest(key, V1) is None


def change(home: Path, statement: str) -> None:
    with closing(sqlite3.connect(home / "dagster" / "history" / "runs" / "index.db")) as index:
        index.execute(statement)
        index.commit()


def test_an_unknown_history_is_left_to_dagster(home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert open_writer(home / "dagster") is not None
    assert open_writer(tmp_path / "never") is None
    with monkeypatch.context() as other:
        other.setattr(history_writer, "SERIES", "0.0.")
        assert open_writer(home / "dagster") is None
    change(home, "alter table event_logs add column surprise text")
    assert open_writer(home / "dagster") is None
    change(home, "alter table event_logs drop column surprise")
    assert open_writer(home / "dagster") is not None
    change(home, "update alembic_version set version_num = 'another'")
    assert open_writer(home / "dagster") is None


def test_other_storage_is_left_to_dagster(home: Path) -> None:
    (home / "dagster" / "dagster.yaml").write_text("storage:\n  postgres: {}\n")
    assert open_writer(home / "dagster") is None


def test_files_that_cannot_be_written_are_said_and_change_no_decision(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(history_writer, "PATIENCE", 0.05)
    lake, uc = Lake(home), bank_support()
    decide(lake, uc, V1, decision="approved", **PERSON)  # type: ignore[arg-type]
    with closing(sqlite3.connect(home / "dagster" / "history" / "runs" / "index.db")) as other:
        other.execute("begin immediate")
        with showing(home) as shows:
            shows.approval(lake, uc, V1)
    assert "Dagster's history could not be written" in capsys.readouterr().out
    assert [e.body["decision"] for e in lake.ledger.entries("approval")] == ["approved"]


def test_the_command_decides_and_shows_without_loading_dagster(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocker = home / "blocker" / "dagster.py"
    blocker.parent.mkdir()
    blocker.write_text("raise ImportError('a decision loads no Dagster')\n")
    (home / "blocker" / "sitecustomize.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", f"{blocker.parent}:{Path.cwd()}")
    person = ("--as", PERSON["name"], "--reason", PERSON["reason"])
    assert "approved by Ada" in genaiops(home, "approve", V1, *person).stdout
    assert "is in production" in genaiops(home, "promote", V1, *person).stdout
    monkeypatch.undo()
    with dg.DagsterInstance.local_temp(str(home / "dagster")) as instance:
        assert instance.get_latest_materialization_event(dg.AssetKey(["bank_support", "production_model"]))

"""Pooled storages on a real server: few connections, a restarted server, PgBouncer in transaction mode, the budget."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pytest
import yaml
from typer.testing import CliRunner

from genaiops_assets.cli.doctor import history
from genaiops_assets.cli.history import CheckResult, history_of, open_history
from genaiops_assets.cli.history_writer import open_writer
from genaiops_assets.cli.main import application
from genaiops_assets.errors import Refused
from genaiops_assets.governance.erasure.history import history_files
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.home import add_postgres_storage, prepare_home
from genaiops_assets.orchestration.postgres.address import VARIABLE, with_driver, without_password
from genaiops_assets.orchestration.postgres.budget import Budget, budget_of
from tests.orchestration.postgres.runs import run_once
from tests.support.postgres import Server, pgbouncer, why_not


def instance_of(home: Path) -> dg.DagsterInstance:
    return dg.DagsterInstance.from_config(str(home / "dagster"))


def test_an_address_names_its_driver_and_keeps_its_password() -> None:
    assert with_driver("postgresql://u:p@h/d") == with_driver("postgres://u:p@h/d") == "postgresql+psycopg2://u:p@h/d"
    assert with_driver("postgresql+psycopg2://h/d") == "postgresql+psycopg2://h/d"
    assert without_password("postgresql://u:secret@h:1/d") == "h:1/d"


def test_a_home_made_with_an_address_names_postgres_but_not_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, "postgresql://u:secret@h/d")
    file = prepare_home(tmp_path / "home") / "dagster.yaml"
    before = file.read_text()
    assert yaml.safe_load(before)["storage"]["custom"]["config"]["postgres_url"] == {"env": VARIABLE}
    assert "secret" not in before
    add_postgres_storage(file.parent)
    assert file.read_text() == before


def test_runs_share_connections_and_instances_do_too(home: Path, url: str, postgres: Server) -> None:
    add_postgres_storage(home / "dagster")
    with instance_of(home) as instance:
        run_once(instance)
        before = postgres.connections()
        run_once(instance)
    for _ in range(5):  # as a code server does at every tick
        with instance_of(home) as instance:
            assert instance.get_runs_count() == 2
    assert postgres.connections() - before <= 2


def test_stock_storage_opens_a_connection_a_statement(home: Path, url: str, postgres: Server) -> None:
    """What the pools are for; red when dagster-postgres learns it."""
    stock = {"storage": {"postgres": {"postgres_url": with_driver(url)}}}
    with dg.DagsterInstance.from_config(str(folder_with(home, stock))) as instance:
        run_once(instance)
        before = postgres.connections()
        run_once(instance)
    assert postgres.connections() - before > 30


def folder_with(home: Path, config: dict[str, object]) -> Path:
    folder = home / "stock"
    folder.mkdir()
    (folder / "dagster.yaml").write_text(yaml.safe_dump(config))
    return folder


def test_a_restarted_server_costs_no_error(home: Path, url: str, postgres: Server) -> None:
    add_postgres_storage(home / "dagster")
    with instance_of(home) as instance:
        run_once(instance)
        postgres.control("stop", "-m", "immediate")
        postgres.start()
        run_once(instance)
        assert instance.get_runs_count() == 2


def test_commands_read_the_history_and_leave_writing_to_dagster(home: Path, url: str) -> None:
    add_postgres_storage(home / "dagster")
    with instance_of(home) as instance:
        run_once(instance)
    assert open_history(home / "dagster") is None
    assert open_writer(home / "dagster") is None
    found = history_of(home / "dagster")
    assert found.digest("second", None) == "two"
    assert found.check("second", "judged", None) == CheckResult(False, "WARN")
    assert found.ledger_marks() == [("first", "abc")]
    assert not found.failed_last("second")


@pytest.mark.skipif(why_not("pgbouncer") is not None, reason=str(why_not("pgbouncer")))
def test_pgbouncer_in_transaction_mode(
    home: Path, url: str, database: str, postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_postgres_storage(home / "dagster")
    file = home / "dagster" / "dagster.yaml"
    file.write_text(file.read_text().replace("# through_pgbouncer: true", "through_pgbouncer: true"))
    with pgbouncer(postgres, size=2) as port:
        monkeypatch.setenv(VARIABLE, postgres.url(database, port))
        with instance_of(home) as web:
            web.optimize_for_webserver(statement_timeout=1, pool_recycle=60, max_overflow=5)
            with web.event_log_storage._engine.connect() as connection:  # type: ignore[attr-defined]
                connection.exec_driver_sql("select pg_sleep(0.05)")  # no bound leaked to a connection others use
            for _ in range(2):
                run_once(web)
            assert web.get_runs_count() == 2
        here = f"select count(*) from pg_stat_activity where datname = '{database}' and application_name <> ''"
        assert int(str(postgres.sql(here)[0][0])) <= 2


def test_the_webservers_statements_are_bounded(home: Path, url: str) -> None:
    from sqlalchemy.exc import OperationalError

    add_postgres_storage(home / "dagster")
    with instance_of(home) as web:
        web.optimize_for_webserver(statement_timeout=20, pool_recycle=60, max_overflow=5)
        storage = web.event_log_storage
        with pytest.raises(OperationalError, match="statement timeout"), storage._engine.connect() as connection:  # type: ignore[attr-defined]
            connection.exec_driver_sql("select pg_sleep(1)")


def test_the_budget_is_processes_times_storages_times_pool(home: Path, url: str) -> None:
    assert budget_of(home / "dagster") is None  # SQLite
    add_postgres_storage(home / "dagster")
    found = budget_of(home / "dagster")
    assert found == Budget(processes=7, each=4, budget=97, where=without_password(url))
    assert found.most == 84 and found.fits


def test_up_and_doctor_say_a_budget_that_does_not_fit(home: Path, url: str) -> None:
    add_postgres_storage(home / "dagster")
    file = home / "dagster" / "dagster.yaml"
    file.write_text(file.read_text().replace("pool_size: 2", "pool_size: 9"))
    wanted = "7 processes x 3 storages x 11 connections = 231 of 97"
    (found,) = history(home)
    assert not found.good and wanted in found.found
    told = CliRunner().invoke(application(["up"]), ["up"])
    said = " ".join((told.output + told.stderr).split())
    assert told.exit_code == 1 and wanted in said
    assert "a@secret" not in said and "a%40secret" not in said


def test_doctor_says_that_an_address_is_set_but_not_used(home: Path, url: str) -> None:
    (found,) = history(home)
    assert not found.good and "migrate-storage" in found.cure


def test_a_server_that_does_not_answer_is_named_without_its_password(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_postgres_storage(home / "dagster")
    monkeypatch.setenv(VARIABLE, "postgresql://u:hidden@127.0.0.1:1/d")
    found = budget_of(home / "dagster")
    assert found is not None and not found.fits
    assert "127.0.0.1:1/d" in str(found) and "hidden" not in str(found)


def test_an_erasure_refuses_a_history_it_cannot_reach(home: Path) -> None:
    assert history_files(Lake(home)) == []
    add_postgres_storage(home / "dagster")
    with pytest.raises(Refused, match="erasing cannot reach it"):
        history_files(Lake(home))

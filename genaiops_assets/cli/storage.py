"""Commands `migrate-storage`, a home's history from SQLite into Postgres, and `prune-events`, its retention there."""

from __future__ import annotations

from typing import Annotated

import typer

from genaiops_assets.cli.session import Session
from genaiops_assets.cli.terminal import done, note, say, stop


def migrate_storage() -> None:
    """Move Dagster's history of this home into Postgres (GENAIOPS_POSTGRES_URL); the SQLite files stay as they are."""
    from genaiops_assets.lake import LeaseTimeout, lease
    from genaiops_assets.orchestration.home import add_postgres_storage
    from genaiops_assets.orchestration.postgres.address import VARIABLE, postgres_url, without_password
    from genaiops_assets.orchestration.postgres.migration import move
    from genaiops_assets.orchestration.postgres.storage import Pool, PooledPostgresStorage

    session = Session()
    url = postgres_url()
    if url is None:
        stop(f"set {VARIABLE}, as in postgresql://USER:PASSWORD@HOST/NAME")
    try:
        with lease(session.home / "staging" / "up.lease", timeout=0):
            PooledPostgresStorage(Pool(url))  # makes the tables
            dagster_home = session.home / "dagster"
            found = None
            if (dagster_home / "history" / "runs" / "index.db").exists():
                found = move(dagster_home, url)
            add_postgres_storage(dagster_home)
    except LeaseTimeout:
        stop("stop `genaiops up` of this home first: it writes what would be moved")
    where = without_password(url)
    if found is None:
        done(f"this home has no history yet; it will be kept in {where}")
    else:
        again = " (they were there already)" if found.already else ""
        done(f"{found.runs} runs with {found.events} events are in {where}{again}; none of the files' is missing")
        note("keep dagster/history until you have looked: nothing was deleted from it")


def prune_events(
    days: Annotated[int, typer.Option(help="Runs that ended longer ago lose the events of their steps.", min=1)] = 90,
    really: Annotated[bool, typer.Option("--really", help="Delete; without it, only say what would go.")] = False,
) -> None:
    """Delete what only helped to follow old runs; events of assets and checks, states of runs and the ledger stay."""
    from genaiops_assets.orchestration.postgres.budget import instance_file, pooled_config
    from genaiops_assets.orchestration.postgres.retention import prunable, prune

    session = Session()
    if pooled_config(instance_file(session.home / "dagster")) is None:
        stop("this home records in SQLite, a file a run: `genaiops migrate-storage` moves it to Postgres")
    engine = session.instance().event_log_storage._engine
    found = prune(engine, days) if really else prunable(engine, days)
    what = f"{found.rows} events ({found.bytes / 2**20:.1f} MiB) of {found.runs} runs that ended over {days} days ago"
    done(f"deleted {what}") if really else say(f"{what} would go: genaiops prune-events --days {days} --really")

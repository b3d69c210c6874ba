"""Command `up`: the Dagster UI and the daemon."""

from __future__ import annotations

from typing import Annotated

import typer

from genaiops_assets.cli.session import Session, console


def up(port: Annotated[int, typer.Option(help="Port of the UI.")] = 3000) -> None:
    """Start the Dagster UI and the daemon (sensors, schedules) on 127.0.0.1; Ctrl-C stops both."""
    from genaiops_assets.cli.services import run_ui

    session = Session()
    raise typer.Exit(run_ui(console, port, session.home))

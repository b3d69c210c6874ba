"""`genaiops export`: a training, as published, to an experiment tracker's files.

Belongs here: the command. Does not belong here: trackers (`alignment/exporters/`)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from genaiops_assets.cli.session import Session, UseCaseOption
from genaiops_assets.cli.terminal import done


def export(
    version: Annotated[str, typer.Argument(help="A model version, mv-…")],
    to: Annotated[str, typer.Option("--to", help="mlflow, wandb, or an exporter of another distribution.")],
    into: Annotated[Path, typer.Option("--into", help="A folder; it is made where it is not there.")],
    use_case: UseCaseOption = None,
) -> None:
    """Export the training of a model version to an experiment tracker's local store; nothing leaves the machine."""
    from genaiops_assets.alignment import exporter_of, tracked_run

    session = Session(reads=True)
    uc = session.use_case(use_case)
    name = exporter_of(to).export(tracked_run(session.lake, uc, version), into)
    done(f"{version} is exported to {to} as {name} in {into}")

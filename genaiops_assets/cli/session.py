"""What every command shares: the session (home, instance, definitions) and how things are said.

Belongs here: that. Does not belong here: any command.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any, NoReturn

import typer
from rich.console import Console

from genaiops_assets.orchestration.home import find_home, find_lake_url, prepare_home

console = Console(width=None if sys.stdout.isatty() else 140)
UseCaseOption = Annotated[
    str | None, typer.Option("--use-case", "-u", help="Name of the use case; the first one when left out.")
]
AsOption = Annotated[str, typer.Option("--as", help="Your name as it stands in `people` of the use case file.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why, in your words; it goes into the ledger.")]


class Session:
    """Home, instance and definitions, each made when first asked for."""

    def __init__(self) -> None:
        self.home = find_home()
        os.environ["GENAIOPS_HOME"] = str(self.home)
        os.environ["DAGSTER_HOME"] = str(prepare_home(self.home))
        os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as payloads have it

    @property
    def lake(self) -> Any:
        from genaiops_assets.lake import Lake

        return Lake(self.home, find_lake_url())

    @property
    def use_cases(self) -> list[Any]:
        from genaiops_assets.use_case import discover

        return discover(self.home)

    def use_case(self, name: str | None) -> Any:
        """A use case that loads, by name; a broken or unknown one ends the command with its reason."""
        from genaiops_assets.use_case import UseCase

        found = self.use_cases
        chosen = next((u for u in found if name is None or u.name == name), None)
        if chosen is None:
            stop(f"no use case {name!r}; there are: {', '.join(u.name for u in found) or 'none'}")
        if not isinstance(chosen, UseCase):
            stop(chosen.error)
        return chosen

    def dagster(self) -> tuple[Any, Any]:
        """(definitions, instance)"""
        import dagster as dg

        from genaiops_assets.definitions import defs

        return defs(), dg.DagsterInstance.get()

    def run(self, definitions: Any, instance: Any, name: str, **more: Any) -> str:
        from genaiops_assets.cli.jobs import JobFailed, run_job

        try:
            return run_job(definitions, instance, console, name, **more)
        except JobFailed as error:
            stop(str(error))


def stop(message: str) -> NoReturn:
    console.print(f"[red]✗[/red] {message}", highlight=False, soft_wrap=True)
    raise typer.Exit(1)


def done(message: str) -> None:
    console.print(f"[green]✓[/green] {message}", highlight=False, soft_wrap=True)

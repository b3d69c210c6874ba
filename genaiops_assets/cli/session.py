"""What every command shares: the session with home, lake, use cases, Dagster's instance and definitions.

Belongs here: finding them, each when first asked for. Does not belong here: any command, or how things are said
(`terminal.py`)."""

from __future__ import annotations

import os
from functools import cached_property
from typing import Annotated, Any

import typer

from genaiops_assets.cli.terminal import console, done, say, stop
from genaiops_assets.errors import GenaiopsError
from genaiops_assets.orchestration.home import find_home, find_lake_url, prepare_home

__all__ = ["AsOption", "ReasonOption", "Session", "UseCaseOption", "console", "done", "say", "stop"]

UseCaseOption = Annotated[
    str | None, typer.Option("--use-case", "-u", help="Name of the use case; the first one when left out.")
]
AsOption = Annotated[str, typer.Option("--as", help="Your name as it stands in `people` of the use case file.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why, in your words; it goes into the ledger.")]


class Unwritable(GenaiopsError, OSError):
    """The home cannot be written; the message says why and what to do."""


class Session:
    """Home, instance and definitions. `reads`: the command only looks, so a home that cannot be written will do.
    Raises Unwritable."""

    def __init__(self, *, reads: bool = False) -> None:
        from genaiops_assets.compute import WAITING

        self.home = find_home()
        os.environ["GENAIOPS_HOME"] = str(self.home)
        os.environ["DAGSTER_HOME"] = str(self.home / "dagster")
        os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")
        for name, value in WAITING.items():
            os.environ.setdefault(name, value)
        self.problem = why_unwritable(self.home)
        if self.problem and not (reads and self.home.is_dir()):
            raise Unwritable(self.problem)

    @property
    def lake(self) -> Any:
        from genaiops_assets.lake import Lake

        return Lake(self.home, find_lake_url())

    @cached_property
    def use_cases(self) -> list[Any]:
        """As they are when first asked for."""
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

    def option_for(self, uc: Any) -> str:
        """` -u NAME` where a printed command needs it: for every use case but the first."""
        return "" if self.use_cases[0].name == uc.name else f" -u {uc.name}"

    def instance(self) -> Any:
        import dagster as dg

        return dg.DagsterInstance.get()

    def dagster(self) -> tuple[Any, Any]:
        """(definitions, instance)"""
        return self.definitions(), self.instance()

    def definitions(self) -> Any:
        """Everything there is to run, of all use cases."""
        from genaiops_assets.definitions import defs

        return defs()

    def run(self, definitions: Any, instance: Any, name: str, **more: Any) -> str:
        """Run a job to its end. Raises JobFailed."""
        from genaiops_assets.cli.jobs import run_job

        return run_job(definitions, instance, console, name, **more)


def why_unwritable(home: Any) -> str:
    """Empty, or why nothing can be recorded in this home; makes it where it can."""
    try:
        dagster_home = prepare_home(home)
    except OSError as error:
        reason = error.strerror or str(error)
    else:
        if all(os.access(folder, os.W_OK) for folder in (home, dagster_home)):
            return ""
        reason = "no permission to write"
    return (
        f"the home {home} cannot be written ({reason}): nothing can be run or decided. Make it writable, or set "
        "GENAIOPS_HOME to a folder of yours"
    )

"""Command `verify`: the ledger's chain and meaning, every published byte, the interaction log, signatures, anchors
outside the home, and Dagster's history as a witness of how far the ledger once went."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from genaiops_assets.cli.history import history_of
from genaiops_assets.cli.session import Session
from genaiops_assets.cli.terminal import clean, console, done, note, say


def verify(
    anchors: Annotated[
        list[Path], typer.Option("--anchors", help="A file of anchors to compare with, beside the configured places.")
    ] = [],  # noqa: B006
) -> None:
    """Check the ledger's chain and every published byte; names what was altered."""
    from genaiops_assets.lake import cut_off
    from genaiops_assets.orchestration.verification import verify_lake
    from genaiops_assets.use_case import UseCase

    session = Session()
    lake, use_cases = session.lake, [uc for uc in session.use_cases if isinstance(uc, UseCase)]
    with console.status("verifying") as line:

        def progress(name: str) -> None:
            line.update(Text(f"verifying {clean(name)}"))

        found = verify_lake(lake, use_cases, history_marks(session.home), progress, anchors)
    for problem in found.problems:
        say(problem, "bad")
    for remark in [*cut_off(lake), *found.notes]:
        note(remark)
    if found.problems:
        raise typer.Exit(1)
    done(
        f"{found.artifacts} artifacts and {found.entries} ledger entries are as published; ledger head "
        f"{found.head[:16]}; {found.anchors or 'no'} anchors compared"
    )


def history_marks(home: Any) -> Iterator[tuple[str, str]]:
    """(where, start of a ledger head) as Dagster's database has them in the last event of each asset; nothing where
    there is no database."""
    if not (home / "dagster" / "history").is_dir():
        return
    for key, head in history_of(home / "dagster").ledger_marks():
        yield f"Dagster's history of {key}", head

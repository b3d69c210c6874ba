"""Command `verify`: the ledger's chain and meaning, every published byte, the interaction log, and Dagster's history
as a witness of how far the ledger once went."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer

from genaiops_assets.cli.session import Session, console, done


def verify() -> None:
    """Check the ledger's chain and every published byte; names what was altered."""
    from genaiops_assets.lake import cut_off, problems

    session = Session()
    lake, checked = session.lake, list[str]()
    with console.status("verifying") as line:

        def say(name: str) -> None:
            checked.append(name)
            line.update(f"verifying {name}")

        found = problems(lake, say)
        line.update("verifying the ledger against Dagster's history")
        broken = lake.ledger.problems(history_marks(session.home))
        found += [p for p in broken if p not in found]
        if not broken:  # what entries mean is read only where the chain holds
            line.update("verifying releases and the interaction log")
            found += meaning_problems(session)
    for problem in found:
        console.print(f"[red]✗[/red] {escape(problem)}", highlight=False, soft_wrap=True)
    for note in cut_off(lake):
        console.print(f"[yellow]·[/yellow] {escape(note)}", highlight=False, soft_wrap=True)
    if found:
        raise typer.Exit(1)
    head = lake.ledger.head()
    done(
        f"{len(checked)} artifacts and {head.seq if head else 0} ledger entries are as published; ledger head "
        f"{lake.ledger.head_hash()[:16]}"
    )


def escape(text: str) -> str:
    """Names of files are text, not markup of the terminal library."""
    from rich.markup import escape as escaped

    return escaped(text)


def meaning_problems(session: Session) -> list[str]:
    """Releases without a valid approval, pointers that differ from the ledger, log rows that differ from what their day
    published."""
    from genaiops_assets.governance.release import pointer_problem, release_problems
    from genaiops_assets.serving import log_problems
    from genaiops_assets.use_case import UseCase

    lake, found = session.lake, release_problems(session.lake)
    for uc in session.use_cases:
        if isinstance(uc, UseCase):
            found += [p for p in [pointer_problem(lake, uc)] if p]
            found += log_problems(lake, uc)
    return found


def history_marks(home: Any) -> Iterator[tuple[str, str]]:
    """(where, start of a ledger head) as Dagster's database has them in the last event of each asset; nothing where
    there is no database."""
    import dagster as dg

    if not (home / "dagster" / "history").is_dir():
        return
    with dg.DagsterInstance.get() as instance:
        for key in instance.get_asset_keys():
            event = instance.get_latest_materialization_event(key)
            made = event.asset_materialization if event else None
            head = made.metadata.get("ledger") if made else None
            if head is not None and isinstance(head.value, str) and head.value:
                yield f"Dagster's history of {key.to_user_string()}", head.value

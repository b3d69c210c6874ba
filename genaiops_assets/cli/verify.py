"""Command `verify`: the ledger's chain and meaning, every published byte, the interaction log, and Dagster's history
as a witness of how far the ledger once went."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer
from rich.text import Text

from genaiops_assets.cli.history import history_of
from genaiops_assets.cli.session import Session
from genaiops_assets.cli.terminal import clean, console, done, note, say


def verify() -> None:
    """Check the ledger's chain and every published byte; names what was altered."""
    from genaiops_assets.lake import cut_off, problems

    session = Session()
    lake, checked = session.lake, list[str]()
    with console.status("verifying") as line:

        def progress(name: str) -> None:
            checked.append(name)
            line.update(Text(f"verifying {clean(name)}"))

        found = problems(lake, progress)
        line.update("verifying the ledger against Dagster's history")
        broken = lake.ledger.problems(history_marks(session.home))
        found += [p for p in broken if p not in found]
        if not broken:  # what entries mean is read only where the chain holds
            line.update("verifying releases and the interaction log")
            found += meaning_problems(session)
    for problem in found:
        say(problem, "bad")
    for remark in cut_off(lake):
        note(remark)
    if found:
        raise typer.Exit(1)
    head = lake.ledger.head()
    done(
        f"{len(checked)} artifacts and {head.seq if head else 0} ledger entries are as published; ledger head "
        f"{lake.ledger.head_hash()[:16]}"
    )


def meaning_problems(session: Session) -> list[str]:
    """Releases without a valid approval, pointers that differ from the ledger, log rows that differ from what their day
    published."""
    from genaiops_assets.governance.release import pointer_problem, release_problems
    from genaiops_assets.use_case import UseCase

    lake, found = session.lake, release_problems(session.lake)
    for uc in session.use_cases:
        if isinstance(uc, UseCase):
            found += [p for p in [pointer_problem(lake, uc)] if p]
            if lake.heads.partitions(uc.key("interactions")):
                from genaiops_assets.serving import log_problems  # brings Arrow: only where a day was published

                found += log_problems(lake, uc)
    return found


def history_marks(home: Any) -> Iterator[tuple[str, str]]:
    """(where, start of a ledger head) as Dagster's database has them in the last event of each asset; nothing where
    there is no database."""
    if not (home / "dagster" / "history").is_dir():
        return
    for key, head in history_of(home / "dagster").ledger_marks():
        yield f"Dagster's history of {key}", head

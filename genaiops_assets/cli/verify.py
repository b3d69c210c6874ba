"""Command `verify`: the ledger's chain and every published byte."""

from __future__ import annotations

import typer

from genaiops_assets.cli.session import Session, console, done


def verify() -> None:
    """Check the ledger's chain and every published byte; names what was altered."""
    from genaiops_assets.governance.release import pointer_problem
    from genaiops_assets.lake import problems
    from genaiops_assets.use_case import UseCase

    session = Session()
    lake, checked = session.lake, list[str]()
    with console.status("verifying") as line:

        def say(name: str) -> None:
            checked.append(name)
            line.update(f"verifying {name}")

        found = problems(lake, say)
    if not lake.ledger.problems():  # pointers are compared with the ledger: it must be readable
        found += [p for u in session.use_cases if isinstance(u, UseCase) and (p := pointer_problem(lake, u))]
    for problem in found:
        console.print(f"[red]✗[/red] {problem}", highlight=False, soft_wrap=True)
    if found:
        raise typer.Exit(1)
    head = lake.ledger.head()
    done(
        f"{len(checked)} artifacts and {head.seq if head else 0} ledger entries are as published; ledger head "
        f"{lake.ledger.head_hash()[:16]}"
    )

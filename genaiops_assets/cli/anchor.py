"""Command `anchor`: the ledger's head noted outside the home, so that a ledger that was cut, forked or written anew
shows. Belongs here: options and printing. Does not belong here: anchors (`governance/anchors`)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from genaiops_assets.cli.session import Session
from genaiops_assets.cli.terminal import done, note, say, stop


def anchor(
    to: Annotated[list[Path], typer.Option("--to", help="A file; the anchor becomes its next line.")] = [],  # noqa: B006
    git: Annotated[list[Path], typer.Option("--git", help="A git repository; a note on its HEAD.")] = [],  # noqa: B006
    openlineage: Annotated[
        list[Path], typer.Option("--openlineage", help="A file of OpenLineage events; one event more.")
    ] = [],  # noqa: B006
    tsa: Annotated[str, typer.Option(help="Ask this time-stamping authority (RFC 3161) too; opens a connection.")] = "",
) -> None:
    """Note the ledger's head outside the home: where you say, else where the use cases and anchors.yaml say."""
    from genaiops_assets.governance.anchors import Place, anchor_to, configured
    from genaiops_assets.use_case import UseCase

    session = Session()
    stated = {"file": to, "git": git, "openlineage": openlineage}
    places = [Place(kind, path.absolute()) for kind, paths in stated.items() for path in paths]
    asked = configured(session.lake, [uc for uc in session.use_cases if isinstance(uc, UseCase)])
    places = places or list(asked.places)
    if not places:
        stop("where to? --to FILE, --git REPOSITORY or --openlineage FILE; or section anchors of the use case file")
    made = anchor_to(session.lake, places, tsa or asked.tsa)
    for place in made.written:
        say(f"  {place}")
    for problem in made.problems:
        note(f"not anchored: {problem}")
    if not made.written:
        raise typer.Exit(1)
    done(f"entry {made.seq} of the ledger is anchored; keep the anchors where nobody of this home can write")

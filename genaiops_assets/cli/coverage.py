"""Command `coverage`: the rows of the life by state, what is owed and missing, and what a role wants to know.

Belongs here: bringing the matrix up to date and printing it. Does not belong here: how a row is judged
(`governance/compliance`)."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer

from genaiops_assets.cli.session import Session, UseCaseOption
from genaiops_assets.cli.terminal import note, say, stop, table

ASSET = "coverage_matrix"


def coverage(
    use_case: UseCaseOption = None,
    role: Annotated[
        str | None, typer.Option(help="Only the rows of builder, approver, auditor, authority or user.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For machines: the whole matrix.")] = False,
    stored: Annotated[bool, typer.Option("--stored", help="As it was made last; nothing is run.")] = False,
) -> None:
    """What the life of the model owes: verified, present, waiting for a person, missing or not owed."""
    session = Session(reads=stored)
    uc = session.use_case(use_case)
    if not stored:
        definitions, instance = session.dagster()
        session.run(definitions, instance, f"{uc.name}__coverage")
    matrix = stored_matrix(session, uc)
    if role is not None and role not in matrix["views"]:
        stop(f"no view for {role!r}; there are: {', '.join(matrix['views'])}")
    if as_json:
        sys.stdout.write(json.dumps(matrix["views"][role] if role else matrix, indent=1, ensure_ascii=False) + "\n")
        return
    show(uc, matrix, role)


def stored_matrix(session: Session, uc: Any) -> dict[str, Any]:
    """The matrix as it was made last; ends the command where there is none."""
    if session.lake.heads.get(uc.key(ASSET)) is None:
        stop(f"{uc.name} has no coverage matrix yet: genaiops coverage{session.option_for(uc)}")
    matrix: dict[str, Any] = session.lake.current(uc.key(ASSET)).json(f"{ASSET}.json")
    return matrix


def show(uc: Any, matrix: dict[str, Any], role: str | None) -> None:
    """Counts, the rows of a role or all, and what is missing with who answers for it."""
    rows = {row["id"]: row for row in matrix["rows"]}
    view = matrix["views"][role] if role else None
    chosen = view["rows"] if view else rows
    table(
        view["question"] if view else f"{uc.title} ({uc.name})",
        ("row", "artifact", "state", "because", "who"),
        [
            (
                name,
                rows[name]["title"],
                rows[name]["state"].replace("_", " "),
                "; ".join(rows[name]["because"][:2]),
                ", ".join(rows[name]["owners"]),
            )
            for name in chosen
        ],
    )
    counts = view["counts"] if view else matrix["counts"]["rows"]
    say(in_words(counts))
    for line in matrix["missing"]:
        note(f"missing: {line}")


def in_words(counts: dict[str, int]) -> str:
    """`62 rows: 30 verified, 12 present, 5 human gap, 0 missing, 15 not owed`."""
    order = ("verified", "present", "human_gap", "missing", "not_owed")
    told = ", ".join(f"{counts.get(state, 0)} {state.replace('_', ' ')}" for state in order)
    return f"{sum(counts.values())} rows: {told}"

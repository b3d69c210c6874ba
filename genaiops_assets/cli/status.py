"""Command `status`: every asset with its checks, and what is in production, as a table or JSON."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer
from rich.table import Table

from genaiops_assets.cli.session import Session, UseCaseOption, console


def status(
    use_case: UseCaseOption = None, as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False
) -> None:
    """What stands where: every asset with its checks, and what is in production."""
    from genaiops_assets.cli.overview import collect

    session = Session()
    uc = session.use_case(use_case)
    definitions, instance = session.dagster()
    if as_json:
        sys.stdout.write(json.dumps(collect(definitions, instance, session.lake, uc), indent=1) + "\n")
    else:
        show_status(session, definitions, instance, uc)


def show_status(session: Session, definitions: Any, instance: Any, uc: Any) -> None:
    from genaiops_assets.cli.overview import collect

    found = collect(definitions, instance, session.lake, uc)
    table = Table(title=f"{uc.title} ({uc.name})", title_justify="left")
    for column in ("phase", "asset", "state", "digest", "partition", "checks"):
        table.add_column(column, overflow="fold")
    colours = {"materialized": "green", "missing": "yellow", "failed": "red"}
    for asset in found["assets"]:
        state = asset["state"]
        table.add_row(
            (asset["group"] or "").split("__")[-1],
            asset["key"].split("/")[-1],
            f"[{colours[state]}]{state}[/]",
            (asset["digest"] or "")[:12],
            asset["partition"] or "",
            checks_in_words(asset["checks"]),
        )
    console.print(table)
    console.print(f"production: {found['production'] or 'nothing released'}", highlight=False)
    for task in found["tasks"]:
        console.print(f"open task: {task['in_words']}", style="yellow", highlight=False, markup=False, soft_wrap=True)
    for version, told in found["erased"].items():
        for line in told:
            console.print(
                f"[yellow]![/yellow] {version} was trained on what was erased: {line}", highlight=False, soft_wrap=True
            )


def checks_in_words(checks: list[dict[str, Any]]) -> str:
    """`7/7 passed`, the failed ones by name with their severity, `not run` for the others."""
    ran = [c for c in checks if c["passed"] is not None]
    if not ran:
        return "not run" if checks else ""
    failed = "; ".join(f"{c['name']} {c['severity']}" for c in ran if not c["passed"])
    return f"{sum(c['passed'] for c in ran)}/{len(checks)} passed {failed}".strip()

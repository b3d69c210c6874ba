"""`genaiops …`: the platform from the command line.

Belongs here: commands, their words and their exit codes. Does not belong here: what they do (governance, serving, lake, console).
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from genaiops_assets.corpus_commands import recipe_app, trace
from genaiops_assets.decisions import approve, promote, reject, rollback
from genaiops_assets.drift_commands import drift
from genaiops_assets.erasure_commands import erase
from genaiops_assets.interaction_commands import ask, import_log, interactions, replay
from genaiops_assets.session import Session, UseCaseOption, console, done, stop

app = typer.Typer(
    help="Every lifecycle artifact of a generative model as a Dagster asset.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
)
for command in (ask, replay, interactions, approve, reject, promote, rollback, erase, trace, drift):
    app.command()(command)
app.command("import")(import_log)
app.add_typer(recipe_app, name="recipe")


@app.command()
def demo(
    preset: Annotated[str, typer.Option(help="`small` is the whole example, `smoke` a few minutes of it.")] = "small",
    use_case: Annotated[str, typer.Option("--use-case", "-u", help="A packaged example.")] = "bank_support",
) -> None:
    """Run the whole life of a packaged example: documents to a release decision that waits for you."""
    from genaiops_assets.use_case_file import BrokenUseCase, load_entry, register

    session = Session()
    entry = f"package:{use_case}" if preset == "small" else f"package:{use_case}#{preset}"
    found = load_entry(session.home, entry)
    if isinstance(found, BrokenUseCase):  # before it is on the list: a typing mistake must not stay there
        stop(found.error)
    register(session.home, entry)
    uc = session.use_case(use_case)
    live(session, uc)


@app.command()
def run(use_case: UseCaseOption = None) -> None:
    """Run the whole life of a use case, yours or a packaged one; what was done before is not done again."""
    session = Session()
    live(session, session.use_case(use_case))


def live(session: Session, uc: Any) -> None:
    """Everything up to the model plan, then its model version, then what comes next."""
    from genaiops_assets.console import close_orphans
    from genaiops_assets.status import newest_version

    definitions, instance = session.dagster()
    close_orphans(instance)
    session.run(definitions, instance, f"{uc.name}__plan")
    version = newest_version(session.lake, uc)
    session.run(definitions, instance, f"{uc.name}__model", partition=version)
    show_status(session, definitions, instance, uc)
    next_step(session, uc, version or "")


def next_step(session: Session, uc: Any, version: str) -> None:
    from genaiops_assets.governance import approval_of

    state = approval_of(session.lake, uc, version).status
    verdict = session.lake.current(f"{uc.name}/release_decision", version).json("decision.json")["verdict"]
    say = {
        "waiting": f"waiting for approval of {version}",
        "approved": f"{version} is approved",
        "rejected": f"{version} was rejected",
        "lapsed": f"the approval of {version} lapsed",
    }
    console.print(f"\n[bold]{say[state]}[/bold] (verdict of the gates: {verdict})", highlight=False)
    if state == "waiting" and verdict != "no_go":
        which = "" if session.use_cases[0].name == uc.name else f" -u {uc.name}"
        console.print(f'  genaiops approve {version}{which} --as "{uc.people.approvers[0]}" --reason "…"', highlight=False, soft_wrap=True)
        console.print(f'  genaiops promote {version}{which} --as NAME --reason "…"', highlight=False, soft_wrap=True)
    console.print("  genaiops up        opens the graph with everything that happened", highlight=False)


@app.command()
def status(use_case: UseCaseOption = None, as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False) -> None:
    """What stands where: every asset with its checks, and what is in production."""
    from genaiops_assets.status import collect

    session = Session()
    uc = session.use_case(use_case)
    definitions, instance = session.dagster()
    if as_json:
        sys.stdout.write(json.dumps(collect(definitions, instance, session.lake, uc), indent=1) + "\n")
    else:
        show_status(session, definitions, instance, uc)


def show_status(session: Session, definitions: Any, instance: Any, uc: Any) -> None:
    from genaiops_assets.status import collect

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
    for version, told in found["erased"].items():
        for line in told:
            console.print(f"[yellow]![/yellow] {version} was trained on what was erased: {line}", highlight=False, soft_wrap=True)


def checks_in_words(checks: list[dict[str, Any]]) -> str:
    """`7/7 passed`, the failed ones by name with their severity, `not run` for the others."""
    ran = [c for c in checks if c["passed"] is not None]
    if not ran:
        return "not run" if checks else ""
    failed = "; ".join(f"{c['name']} {c['severity']}" for c in ran if not c["passed"])
    return f"{sum(c['passed'] for c in ran)}/{len(checks)} passed {failed}".strip()


@app.command()
def up(port: Annotated[int, typer.Option(help="Port of the UI.")] = 3000) -> None:
    """Start the Dagster UI and the daemon (sensors, schedules) on 127.0.0.1; Ctrl-C stops both."""
    from genaiops_assets.processes import run_ui

    session = Session()
    raise typer.Exit(run_ui(console, port, session.home))


@app.command()
def ingest(
    files: Annotated[list[Path], typer.Argument(help="jsonl, json, csv, parquet, txt, md, html, pdf or docx, also .gz and .zst")],
    use_case: UseCaseOption = None,
    now: Annotated[bool, typer.Option("--now", help="Rebuild the index here instead of leaving it to the sensor.")] = False,
) -> None:
    """Put documents into the inbox; the sensor brings them into the index."""
    from genaiops_assets.assets.inbox import inbox_folder
    from genaiops_assets.corpus import format_of

    session = Session()
    uc = session.use_case(use_case)
    folder = inbox_folder(session.lake, uc)
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        if not file.is_file():
            stop(f"{file}: no such file")
        if format_of(file) is None:
            stop(f"{file}: unknown format; jsonl, json, csv, parquet, txt, md, html, pdf and docx can be read, also with .gz or .zst")
        partial = folder / f".{file.name}.partial"
        shutil.copyfile(file, partial)
        os.replace(partial, folder / file.name)
        done(f"{file.name} is in the inbox of {uc.name}")
    if now:
        definitions, instance = session.dagster()
        session.run(definitions, instance, f"{uc.name}__refresh")


@app.command()
def verify() -> None:
    """Check the ledger's chain and every published byte; names what was altered."""
    from genaiops_assets.governance import pointer_problem
    from genaiops_assets.lake.verify import problems
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
        f"{len(checked)} artifacts and {head.seq if head else 0} ledger entries are as published; ledger head {lake.ledger.head_hash()[:16]}"
    )


@app.command()
def doctor() -> None:
    """Versions, cores, memory, disk, ports; what is missing and what to type."""
    from genaiops_assets.doctor import examine

    session = Session()
    table = Table(show_header=False, box=None)
    findings = examine(session.home, session.use_cases)
    for finding in findings:
        mark = "[green]✓[/green]" if finding.good else "[red]✗[/red]"
        table.add_row(mark, finding.what, finding.found, "" if finding.good else f"→ {finding.cure}")
    console.print(table)
    if not all(f.good for f in findings):
        raise typer.Exit(1)


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="A new folder for your use case.")]) -> None:
    """Write a commented starter for your own use case and register it."""
    from genaiops_assets.use_case_file import UseCaseError, register, write_starter

    session = Session()
    try:
        files = write_starter(folder)
    except (UseCaseError, FileExistsError) as error:
        stop(str(error))
    register(session.home, str(folder.absolute()))
    for file in files:
        console.print(f"  {file}", highlight=False)
    done(f"edit {folder / 'use_case.yaml'}, then: genaiops status --use-case NAME")


def main() -> None:
    app()


if __name__ == "__main__":
    main()

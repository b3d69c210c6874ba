"""Commands that run a use case: `demo`, `run`, `ingest`, `init`."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Annotated, Any

import typer

from genaiops_assets.cli.session import Session, UseCaseOption, console, done, stop
from genaiops_assets.cli.status import show_status


def demo(
    preset: Annotated[str, typer.Option(help="`small` is the whole example, `smoke` a few minutes of it.")] = "small",
    use_case: Annotated[str, typer.Option("--use-case", "-u", help="A packaged example.")] = "bank_support",
) -> None:
    """Run the whole life of a packaged example: documents to a release decision that waits for you."""
    from genaiops_assets.use_case import BrokenUseCase, load_entry, register

    session = Session()
    entry = f"package:{use_case}" if preset == "small" else f"package:{use_case}#{preset}"
    found = load_entry(session.home, entry)
    if isinstance(found, BrokenUseCase):  # before it is on the list: a typing mistake must not stay there
        stop(found.error)
    register(session.home, entry)
    uc = session.use_case(use_case)
    live(session, uc)


def run(use_case: UseCaseOption = None) -> None:
    """Run the whole life of a use case, yours or a packaged one; what was done before is not done again."""
    session = Session()
    live(session, session.use_case(use_case))


def live(session: Session, uc: Any) -> None:
    """Everything up to the model plan, then its model version, then what comes next."""
    from genaiops_assets.cli.overview import newest_version
    from genaiops_assets.orchestration.orphans import close_orphans

    definitions, instance = session.dagster()
    close_orphans(instance, session.home)
    session.run(definitions, instance, f"{uc.name}__plan")
    version = newest_version(session.lake, uc)
    session.run(definitions, instance, f"{uc.name}__model", partition=version)
    show_status(session, definitions, instance, uc)
    next_step(session, uc, version or "")


def next_step(session: Session, uc: Any, version: str) -> None:
    from genaiops_assets.governance.release import approval_of

    state = approval_of(session.lake, uc, version).status
    verdict = session.lake.current(uc.key("release_decision"), version).json("decision.json")["verdict"]
    say = {
        "waiting": f"waiting for approval of {version}",
        "approved": f"{version} is approved",
        "rejected": f"{version} was rejected",
        "lapsed": f"the approval of {version} lapsed",
    }
    console.print(f"\n[bold]{say[state]}[/bold] (verdict of the gates: {verdict})", highlight=False)
    if state == "waiting" and verdict != "no_go":
        which = "" if session.use_cases[0].name == uc.name else f" -u {uc.name}"
        console.print(
            f'  genaiops approve {version}{which} --as "{uc.people.approvers[0]}" --reason "…"',
            highlight=False,
            soft_wrap=True,
        )
        console.print(f'  genaiops promote {version}{which} --as NAME --reason "…"', highlight=False, soft_wrap=True)
    console.print("  genaiops up        opens the graph with everything that happened", highlight=False)


def ingest(
    files: Annotated[
        list[Path], typer.Argument(help="jsonl, json, csv, parquet, txt, md, html, pdf or docx, also .gz and .zst")
    ],
    use_case: UseCaseOption = None,
    now: Annotated[
        bool, typer.Option("--now", help="Rebuild the index here instead of leaving it to the sensor.")
    ] = False,
) -> None:
    """Put documents into the inbox; the sensor brings them into the index."""
    from genaiops_assets.corpus import format_of, inbox_folder

    session = Session()
    uc = session.use_case(use_case)
    folder = inbox_folder(session.lake, uc)
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        if not file.is_file():
            stop(f"{file}: no such file")
        if format_of(file) is None:
            stop(
                f"{file}: unknown format; jsonl, json, csv, parquet, txt, md, html, pdf and docx can be read, also "
                "with .gz or .zst"
            )
        partial = folder / f".{file.name}.partial"
        shutil.copyfile(file, partial)
        os.replace(partial, folder / file.name)
        done(f"{file.name} is in the inbox of {uc.name}")
    if now:
        definitions, instance = session.dagster()
        session.run(definitions, instance, f"{uc.name}__refresh")


def init(folder: Annotated[Path, typer.Argument(help="A new folder for your use case.")]) -> None:
    """Write a commented starter for your own use case and register it."""
    from genaiops_assets.use_case import UseCaseError, register, write_starter

    session = Session()
    try:
        files = write_starter(folder)
    except (UseCaseError, FileExistsError) as error:
        stop(str(error))
    register(session.home, str(folder.absolute()))
    for file in files:
        console.print(f"  {file}", highlight=False)
    done(f"edit {folder / 'use_case.yaml'}, then: genaiops status --use-case NAME")

"""Commands that run a use case: `demo`, `run`, `ingest`, `init`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from genaiops_assets.cli.dossier import write_dossier
from genaiops_assets.cli.session import Session, UseCaseOption
from genaiops_assets.cli.terminal import done, say, stop


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
    version = live(session, uc)
    if version:
        write_dossier(session, uc, version, session.home / "dossiers" / version, uc.language)


def run(use_case: UseCaseOption = None) -> None:
    """Run the whole life of a use case, yours or a packaged one; what was done before is not done again."""
    session = Session()
    live(session, session.use_case(use_case))


def live(session: Session, uc: Any) -> str | None:
    """Everything up to the model plan, then its model version, then what is covered, then what comes next. Returns the
    version."""
    from genaiops_assets.cli.overview import newest_version
    from genaiops_assets.cli.status import show_status
    from genaiops_assets.orchestration.orphans import close_orphans

    definitions, instance = session.dagster()
    close_orphans(instance, session.home)
    session.run(definitions, instance, f"{uc.name}__plan")
    version = newest_version(session.lake, uc)
    session.run(definitions, instance, f"{uc.name}__model", partition=version)
    session.run(definitions, instance, f"{uc.name}__coverage")
    show_status(session, uc)
    say("  genaiops up        opens the graph with everything that happened")
    return version


def ingest(
    files: Annotated[
        list[Path],
        typer.Argument(help="jsonl, json, csv, parquet, txt, md, html, pdf or docx, also .gz and .zst; or folders"),
    ],
    use_case: UseCaseOption = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put a file in the place of another one of its name without asking.")
    ] = False,
    now: Annotated[
        bool, typer.Option("--now", help="Rebuild the index here instead of leaving it to the sensor.")
    ] = False,
) -> None:
    """Put documents into the inbox; the sensor brings them into the index."""
    from genaiops_assets.corpus import arrivals, deliver, differs_in_inbox, inbox_folder

    session = Session()
    uc = session.use_case(use_case)
    folder = inbox_folder(session.lake, uc)
    try:
        found = arrivals(files)
    except ValueError as error:
        stop(str(error))
    for name, file in found.files.items():
        if not replace and differs_in_inbox(folder, name, file):
            newer = f"{name} lies in the inbox of {uc.name} with other content"
            if not sys.stdin.isatty():
                stop(f"{newer}: --replace takes this one as its newer version; to keep both, rename the file")
            typer.confirm(f"{newer}. Is this its newer version?", abort=True)
    for name, file in found.files.items():
        deliver(folder, name, file)
        done(f"{name} is in the inbox of {uc.name}")
    for path, why in found.passed_over.items():
        say(f"  passed over: {path}: {why}")
    if now:
        definitions, instance = session.dagster()
        session.run(definitions, instance, f"{uc.name}__refresh")


def init(folder: Annotated[Path, typer.Argument(help="A new folder for your use case.")]) -> None:
    """Write a commented starter for your own use case and register it."""
    from genaiops_assets.use_case import register, write_starter

    session = Session()
    files = write_starter(folder)
    register(session.home, str(folder.absolute()))
    for file in files:
        say(f"  {file}")
    done(f"edit {folder / 'use_case.yaml'}, then: genaiops status --use-case NAME")

"""`genaiops report`: the evaluation of a model version, as people read it.

Belongs here: finding the page and opening it. Does not belong here: what stands on it
(`governance/evaluation_page`)."""

from __future__ import annotations

import sys
import webbrowser
from typing import Annotated

import typer

from genaiops_assets.cli.session import Session, UseCaseOption, stop
from genaiops_assets.cli.show import decided_last
from genaiops_assets.cli.terminal import note


def report(
    version: Annotated[str | None, typer.Argument(help="Model version; the one decided last unless given.")] = None,
    use_case: UseCaseOption = None,
    language: Annotated[
        str | None, typer.Option("--lang", help="en or zh; the language of the use case unless given.")
    ] = None,
    opened: Annotated[
        bool, typer.Option("--open/--no-open", help="Open it in a browser, or print its path alone.")
    ] = True,
) -> None:
    """Open the evaluation report of a model version: whether it may be used, gates and intervals, what could not be
    decided, the worst items. One HTML file that loads nothing."""
    from genaiops_assets.governance.evaluation_page import LANGUAGES, page_file

    session = Session(reads=True)
    uc = session.use_case(use_case)
    version = version or decided_last(session.lake, uc)
    if version is None:
        stop("no version was decided on yet")
    language = language or uc.language
    if language not in LANGUAGES:
        stop(f"the page is written in {' and '.join(LANGUAGES)}, not in {language!r}")
    file = session.lake.current(uc.key("evaluation_page"), version).local(page_file(language))
    sys.stdout.write(f"{file}\n")
    if opened and not webbrowser.open(file.resolve().as_uri()):
        note("no browser could be opened: open this file with one")

"""`genaiops dossier`: a model version with all its evidence as a folder that anybody can read and check.

Belongs here: the command, and what the graph's history says of checks. Does not belong here: what goes into the folder
(`governance/dossier`)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from genaiops_assets.cli.session import Session, UseCaseOption
from genaiops_assets.cli.terminal import done, say


def dossier(
    version: Annotated[str, typer.Argument(help="A model version, mv-…")],
    into: Annotated[Path, typer.Option("--into", "-o", help="A folder; it is made where it is not there.")],
    use_case: UseCaseOption = None,
    language: Annotated[
        str | None, typer.Option("--lang", help="en or zh; the language of the use case unless given.")
    ] = None,
    pdf: Annotated[bool, typer.Option("--pdf", help="The documents that people file as PDF too.")] = False,
) -> None:
    """Write the release dossier of a model version: pages that open from a file, every document and its evidence, and
    verify.py, which checks all of it without this platform. No text of a document leaves the home."""
    session = Session(reads=True)
    uc = session.use_case(use_case)
    write_dossier(session, uc, version, into, language or uc.language, pdf=pdf)


def write_dossier(session: Session, uc: Any, version: str, into: Path, language: str, *, pdf: bool = False) -> Path:
    """Build it and say where it lies, how large it is and how long it took."""
    from genaiops_assets.governance.dossier import build_dossier

    built = build_dossier(session.lake, uc, version, into, graph_of(session, uc, version), language, pdf=pdf)
    signed = "signed" if built.signed else "not signed"
    done(
        f"dossier of {version}: {into / 'index.html'} ({built.files} files, {built.megabytes} MB, built in "
        f"{built.seconds:.1f} s, {signed})"
    )
    say(f"  python {into / 'verify.py'}        checks it; digest of pack.json {built.digest}")
    return into


def graph_of(session: Session, uc: Any, version: str) -> Any:
    """The outcome of each check of this version as Dagster's history has it, phases and articles of assets."""
    from genaiops_assets.cli.graph import card_of
    from genaiops_assets.cli.history import history_of
    from genaiops_assets.cli.overview import check_status
    from genaiops_assets.governance.documents import documents
    from genaiops_assets.governance.dossier import Graph
    from genaiops_assets.orchestration.claims import file_of

    history = history_of(session.home / "dagster")
    checks, phases = {}, {}
    for asset in card_of(session.home, uc, session.definitions):
        key, name = asset["key"], asset["key"].partition("/")[2]
        partition = {"versions": version, "days": history.newest_partition(key)}.get(asset["partitions"] or "")
        checks[name] = [check_status(key, check, history, partition) for check in asset["checks"]]
        phases[name] = (asset["group"] or "").rpartition("__")[2]
    articles = {name: one.article for name, one in documents().items()}
    return Graph(checks, phases, articles, file_of)

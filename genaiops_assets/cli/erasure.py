"""The command for people's erasures and opt-outs: shows everything that is affected, asks, then starts the same job as
the UI's launchpad."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.text import Text

from genaiops_assets.cli.session import AsOption, ReasonOption, Session, UseCaseOption
from genaiops_assets.cli.terminal import clean, console, done, note, say, stop, table


def erase(
    name: AsOption,
    reason: ReasonOption,
    documents: Annotated[list[str] | None, typer.Argument(help="Ids of documents.")] = None,
    source: Annotated[
        list[str] | None, typer.Option("--source", help="Everything of a source, by its name; may be repeated.")
    ] = None,
    opt_out: Annotated[
        Path | None,
        typer.Option(
            "--opt-out",
            help="A file: document id, source, interaction id, URL prefix or domain a line, # comments.",
        ),
    ] = None,
    finish: Annotated[bool, typer.Option("--finish", help="Only finish an erasure that was interrupted.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    use_case: UseCaseOption = None,
) -> None:
    """Erase documents and all that derives from them from every file of the home; row hashes stay as proof. There is
    no way back."""
    from genaiops_assets.governance.erasure import (
        Targets,
        erasures,
        known_names,
        read_opt_out,
        refuse_stranger,
        refuse_unknown,
        unfinished,
    )

    session = Session()
    uc, lake = session.use_case(use_case), session.lake
    refuse_stranger(uc, name, reason)
    open_ones, targets = unfinished(lake, uc), Targets()
    if open_ones:
        note(f"an erasure begun on {open_ones[0].at} is finished first")
    elif finish:
        done("no erasure is unfinished")
        return
    if not finish:
        targets = Targets(documents=tuple(documents or ()), sources=tuple(source or ()))
        if not open_ones:
            refuse_unknown(lake, uc, targets)
        targets |= read_opt_out(opt_out, known_names(lake, uc)) if opt_out else Targets()
        if not targets:
            stop("what is to be erased? DOC_ID …, --source NAME or --opt-out FILE")
    if not open_ones and not confirmed(session, lake, uc, targets, yes):
        stop("nothing was erased")
    before = len(erasures(lake, uc))
    definitions, instance = session.dagster()
    form = {"config": {**targets.to_dict(), "unknown_too": True, "name": name, "reason": reason}}
    session.run(definitions, instance, f"{uc.name}__erase", ops={f"{uc.name}__erase_documents": form})
    show_erased(erasures(lake, uc)[before:], session.option_for(uc))


def readmit(
    ids: Annotated[list[str], typer.Argument(help="Ids of documents or interactions that were erased once.")],
    name: AsOption,
    reason: ReasonOption,
    use_case: UseCaseOption = None,
) -> None:
    """Let something else come in under an id that was erased once. What was erased stays out by its text, where the
    erasure noted it; it brings nothing back by itself."""
    from genaiops_assets.governance.erasure import readmit as let_in

    session = Session()
    uc = session.use_case(use_case)
    let_in(session.lake, uc, ids, name=name, reason=reason)
    done(f"{len(ids)} ids may be used again; the ledger says by whom and why")
    say(f"  genaiops run{session.option_for(uc)}     reads the sources again (the sensor does it too)")


def confirmed(session: Session, lake: Any, uc: Any, targets: Any, yes: bool) -> bool:
    """Show every affected asset and ask."""
    from genaiops_assets.governance.erasure import survey_copies

    with console.status("looking everywhere") as line:
        plan = survey_copies(lake, uc, targets, lambda what: line.update(Text(clean(f"looking into {what}"))))
    rows = [(r["place"], *("" if r[c] is None else str(r[c]) for c in ("rows", "snapshots"))) for r in plan.rows()]
    table(
        f"{len(plan.documents)} documents of {uc.name} and what derives from them", ("place", "rows", "snapshots"), rows
    )
    for version, through in plan.versions.items():
        note(f"{version} was trained on it (through its {through}); its weights stay")
    for left in plan.standing:
        note(f"still stands in {left}")
    if not plan:
        say("nothing is left of it here; from now on it is kept out")
    return yes or typer.confirm("Erase all of this? There is no way back")


def show_erased(made: list[Any], option: str) -> None:
    for erasure in made:
        for changed in erasure.tables:
            say(f"  {changed['table']}: {changed['rows']} rows erased from {changed['snapshots']} snapshots")
        done(f"{len(erasure.documents)} documents erased and recorded, ledger {erasure.entry[:16]}")
    if not made:
        done("nothing was left to erase; it is kept out from now on")
    say(
        f"  genaiops run{option}     brings corpus, index and documents of the data up to date (the sensor does it too)"
    )

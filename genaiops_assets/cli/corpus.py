"""Commands that explain the corpus: the plan of a recipe, the life of a document.

Belongs here: collecting from the lake and printing. Does not belong here: how a document is traced (`corpus/trace.py`)
or a recipe compiled."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from genaiops_assets.cli.session import Session, UseCaseOption, console, done, stop

recipe_app = typer.Typer(help="Look into a Data-Juicer recipe.", no_args_is_help=True)


@recipe_app.command()
def explain(file: Annotated[Path, typer.Argument(help="A Data-Juicer recipe (YAML).")]) -> None:
    """Print which operator runs where: in Polars, in a compiled loop, prefiltered, or in Data-Juicer; and how the last
    run went."""
    from genaiops_assets.corpus import RecipeError, engines_of, load_recipe

    session = Session()
    prepare_data_juicer(session)
    try:
        with console.status("reading Data-Juicer's operators"):
            rows = engines_of(load_recipe(file), file.resolve())
    except RecipeError as error:
        stop(str(error))
    runs = {r["step"]: r for r in last_run(session, file)}
    table = Table(title=Text(str(file)), title_justify="left")
    for column in ("step", "segment", "operator", "runs in", *(("rows in", "rows out", "seconds") if runs else ())):
        table.add_column(
            column, justify="right" if column in ("step", "segment", "rows in", "rows out", "seconds") else "left"
        )
    for row in rows:
        ran = runs.get(row["step"])
        figures = (f"{ran['rows_in']:,}", f"{ran['rows_out']:,}", f"{ran['seconds']:.2f}") if ran else ()
        table.add_row(str(row["step"]), str(row["segment"]), row["operator"], row["engine"], *figures)
    console.print(table)
    for row in rows:
        if row["note"]:
            console.print(f"  step {row['step']} {row['operator']}: {row['note']}", highlight=False, markup=False)
    compiled = sum(r["engine"] != "data-juicer" for r in rows)
    done(f"{compiled} of {len(rows)} operators compiled; a deduplicator ends a segment, whose results are stored")


def last_run(session: Session, file: Path) -> list[dict[str, Any]]:
    """What the operators did in the last run of a use case with this recipe file."""
    from genaiops_assets.use_case import UseCase

    for uc in session.use_cases:
        if isinstance(uc, UseCase) and uc.path(uc.corpus.recipe) == file.resolve():
            name = uc.key("filtered_corpus")
            if session.lake.heads.get(name):
                return session.lake.current(name).summary["figures"].get("operator_runs", [])
    return []


def prepare_data_juicer(session: Session) -> None:
    """Data-Juicer keeps its files in the home and calls nobody."""
    import os

    from genaiops_assets.lake import set_network_switches

    set_network_switches()
    os.environ.setdefault("DATA_JUICER_CACHE_HOME", str(session.home / "cache" / "data_juicer"))


def trace(
    document: Annotated[str, typer.Argument(metavar="ID", help="Of a document, or of a logged answer.")],
    use_case: UseCaseOption = None,
) -> None:
    """The life of a document or an answer. Of a document: source, rights, every decision worked out again, chunks,
    pairs, model versions trained on it. Of an answer: the question (masked), release, index, passages and their
    documents."""
    from genaiops_assets.governance.lineage import life_of
    from genaiops_assets.serving import life_of_answer

    session = Session()
    uc = session.use_case(use_case)
    if answered := life_of_answer(session.lake, uc, document):
        print_sections(answered.sections())
        return
    prepare_data_juicer(session)
    try:
        with console.status("tracing"):
            life = life_of(session.lake, uc, document)
    except KeyError as error:
        stop(str(error.args[0]))
    print_sections(life.sections())
    if life.agrees is None:
        return
    if not life.agrees:
        stop("the decisions worked out again are not those of the row ledger")
    done("worked out again by Data-Juicer's own operators: same decisions, same numbers")


def print_sections(sections: list[tuple[str, list[tuple[str, str]]]]) -> None:
    for title, rows in sections:
        console.print(f"\n[bold]{title}[/bold]")
        for name, value in rows:
            console.print(f"  {name:<14} {value}", highlight=False, markup=False, soft_wrap=True)

"""`genaiops …`: the platform from the command line.

Belongs here: the list of commands. Does not belong here: any one command (the other modules of this room).
"""

from __future__ import annotations

import typer

from genaiops_assets.cli.corpus import recipe_app, trace
from genaiops_assets.cli.decisions import approve, promote, reject, rollback
from genaiops_assets.cli.doctor import doctor
from genaiops_assets.cli.drift import drift
from genaiops_assets.cli.erasure import erase
from genaiops_assets.cli.interactions import ask, import_log, interactions, replay
from genaiops_assets.cli.life import demo, ingest, init, run
from genaiops_assets.cli.status import status
from genaiops_assets.cli.up import code, up
from genaiops_assets.cli.verify import verify

app = typer.Typer(
    help="Every lifecycle artifact of a generative model as a Dagster asset.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
)
LIFE = (demo, run, status, up, ingest, init, ask, replay, interactions)
DECISIONS = (approve, reject, promote, rollback, code, erase, trace, drift, verify, doctor)
for command in LIFE + DECISIONS:
    app.command()(command)
app.command("import")(import_log)
app.add_typer(recipe_app, name="recipe")


def main() -> None:
    app()

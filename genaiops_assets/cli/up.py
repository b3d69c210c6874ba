"""Commands `up`, the Dagster UI with its daemon, and `code`, the one-time code for a form of that UI."""

from __future__ import annotations

from typing import Annotated

import typer

from genaiops_assets.cli.session import AsOption, Session, UseCaseOption
from genaiops_assets.cli.terminal import say, stop


def up(
    port: Annotated[int, typer.Option(help="Port of the UI.")] = 3000,
    public: Annotated[
        str | None,
        typer.Option(help="Address of a reverse proxy that asks people to sign in (infra/README.md)."),
    ] = None,
) -> None:
    """Start the Dagster UI and the daemon (sensors, schedules) on 127.0.0.1; Ctrl-C stops both."""
    from genaiops_assets.cli.services import run_ui
    from genaiops_assets.orchestration.postgres.budget import budget_of
    from genaiops_assets.orchestration.web.door import SECRET_FILE, public_origin, secret_file

    session = Session()
    budget = budget_of(session.home / "dagster")
    if budget is not None and not budget.fits:
        stop(f"{budget}; {budget.cure}")
    if public:
        try:
            public_origin(public)
        except ValueError as error:
            stop(str(error))
        secret_file(session.home, SECRET_FILE)
    raise typer.Exit(run_ui(port, session.home, public))


def code(name: AsOption, use_case: UseCaseOption = None) -> None:
    """Make a one-time code for a form of the UI: good once, for ten minutes, for you alone. Needs
    `people.decisions: ui_with_code` (or `ui_signed_in`) in the use case file."""
    from genaiops_assets.orchestration.codes import LIFETIME, Codes
    from genaiops_assets.text import same_person

    session = Session()
    uc = session.use_case(use_case)
    people = {*uc.people.owners, *uc.people.builders, *uc.people.approvers}
    if not any(same_person(name, person) for person in people):
        stop(f"{name!r} is not among the people of {uc.name}: {', '.join(sorted(people))}")
    if uc.people.decisions == "cli":
        stop(
            f"{uc.name} takes decisions at the command line only; people.decisions: ui_with_code in "
            f"{uc.folder / 'use_case.yaml'} opens the forms of the UI"
        )
    say(Codes(session.home).make(name, uc.name))
    say(f"  for {name}, once, within {LIFETIME // 60} minutes: the field `code` of the form")

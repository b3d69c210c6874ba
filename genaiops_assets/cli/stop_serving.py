"""`genaiops stop-serving`: the kill switch of a use case, and lifting it.

Belongs here: options and printing. Does not belong here: the stop itself (`governance/serving_stop.py`)."""

from __future__ import annotations

from typing import Annotated

import typer

from genaiops_assets.cli.session import AsOption, ReasonOption, Session, UseCaseOption
from genaiops_assets.cli.terminal import done, note


def stop_serving(
    name: AsOption,
    reason: ReasonOption,
    lift: Annotated[bool, typer.Option("--lift", help="Let it be served again.")] = False,
    use_case: UseCaseOption = None,
) -> None:
    """Stop all that answers: each running gateway refuses within a second, answers in the making end, and none starts
    until a person lifts it (--lift). Who and why stand in the ledger and among the incidents."""
    from genaiops_assets.governance import serving_stop

    session = Session()
    uc = session.use_case(use_case)
    if lift:
        serving_stop.lift_stop(session.lake, uc, by=name, reason=reason)
        done(f"{uc.name} may be served again")
        return
    made = serving_stop.stop_serving(session.lake, uc, by=name, reason=reason)
    done(made.in_words())
    note(f"to lift it: {serving_stop.LIFT}")

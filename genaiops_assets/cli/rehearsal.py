"""`genaiops rehearse-rollback`: the way back, tried out before it is needed.

Belongs here: asking for it and saying how it went. Does not belong here: what is verified (`governance/release`)."""

from __future__ import annotations

import typer

from genaiops_assets.cli.session import AsOption, Session, UseCaseOption
from genaiops_assets.cli.terminal import console, done, say


def rehearse_rollback(name: AsOption, use_case: UseCaseOption = None) -> None:
    """Rehearse a rollback: everything a rollback verifies and writes, without moving production. Good or bad, the
    outcome goes into the ledger and from there into the runbook."""
    from genaiops_assets.governance.release import rehearse_rollback as rehearse

    session = Session()
    uc = session.use_case(use_case)
    with console.status("verifying everything the way back rests on"):
        made = rehearse(session.lake, uc, by=name)
    way = f"{made.from_version} → {made.to_version}"
    if made.outcome != "held":
        say(f"the rollback {way} would have been refused after {made.seconds:g} s: {made.why}")
        raise typer.Exit(1)
    done(f"the rollback {way} held, in {made.seconds:g} s; production stays {made.from_version}")
    if made.why:
        say(made.why)

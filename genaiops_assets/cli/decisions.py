"""Commands for people's decisions: approve, reject, promote, roll back. The same functions as the jobs of the UI's
launchpad.

Belongs here: asking for the decision and having Dagster's history show it (`show_decision.py`). The ledger holds it
before Dagster hears of it.
Does not belong here: the rules (`governance/release`)."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from genaiops_assets.cli.session import AsOption, ReasonOption, Session, UseCaseOption
from genaiops_assets.cli.show_decision import showing
from genaiops_assets.cli.terminal import console, done, say


def approve(model_version: str, name: AsOption, reason: ReasonOption, use_case: UseCaseOption = None) -> None:
    """Approve a model version, as a named approver."""
    decide_on(model_version, name, reason, "approved", use_case)


def reject(model_version: str, name: AsOption, reason: ReasonOption, use_case: UseCaseOption = None) -> None:
    """Reject a model version, as a named approver."""
    decide_on(model_version, name, reason, "rejected", use_case)


def decide_on(
    version: str, name: str, reason: str, decision: Literal["approved", "rejected"], use_case: str | None
) -> None:
    from genaiops_assets.governance.release import approval_in_words, decide

    session = Session()
    uc = session.use_case(use_case)
    with showing(session.home) as shows, console.status("verifying what the decision rests on"):
        decide(session.lake, uc, version, name=name, decision=decision, reason=reason)
        shows.approval(session.lake, uc, version)
    done(f"{version} {decision} by {name}")
    for command in approval_in_words(session.lake, uc, version, session.option_for(uc)).commands:
        say(f"  {command}")


def promote(model_version: str, name: AsOption, reason: ReasonOption, use_case: UseCaseOption = None) -> None:
    """Release an approved model version, after verifying everything it rests on."""
    from genaiops_assets.governance.release import release

    session = Session()
    uc = session.use_case(use_case)
    with showing(session.home) as shows, console.status("verifying everything it rests on"):
        release(session.lake, uc, model_version, kind="promote", by=name, reason=reason)
        shows.release(session.lake, uc)
    done(f"{model_version} is in production")


def rollback(
    name: AsOption,
    reason: ReasonOption,
    model_version: Annotated[str, typer.Argument(help="An earlier release; the last one when left out.")] = "",
    use_case: UseCaseOption = None,
) -> None:
    """Go back to an earlier release."""
    from genaiops_assets.governance.release import last_good, release

    session = Session()
    uc = session.use_case(use_case)
    with showing(session.home) as shows, console.status("verifying everything it rests on"):
        version = model_version or last_good(session.lake, uc)
        release(session.lake, uc, version, kind="rollback", by=name, reason=reason)
        shows.release(session.lake, uc)
    done(f"{version} is in production")

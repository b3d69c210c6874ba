"""Commands for people's decisions: approve, reject, promote, roll back. They start the same jobs as the launchpad in
the UI."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from genaiops_assets.cli.session import AsOption, ReasonOption, Session, UseCaseOption, done


def approve(model_version: str, name: AsOption, reason: ReasonOption, use_case: UseCaseOption = None) -> None:
    """Approve a model version, as a named approver."""
    decide(model_version, name, reason, "approved", use_case)


def reject(model_version: str, name: AsOption, reason: ReasonOption, use_case: UseCaseOption = None) -> None:
    """Reject a model version, as a named approver."""
    decide(model_version, name, reason, "rejected", use_case)


def decide(version: str, name: str, reason: str, decision: str, use_case: str | None) -> None:
    people_job(
        "decide",
        "record_decision",
        use_case,
        {"model_version": version, "name": name, "decision": decision, "reason": reason},
    )
    done(f"{version} {decision} by {name}")


def promote(model_version: str, name: AsOption, reason: ReasonOption, use_case: UseCaseOption = None) -> None:
    """Release an approved model version, after verifying everything it rests on."""
    people_job(
        "promote",
        "promote_version",
        use_case,
        {"model_version": model_version, "name": name, "reason": reason},
        then="check_production",
    )
    done(f"{model_version} is in production")


def rollback(
    name: AsOption,
    reason: ReasonOption,
    model_version: Annotated[str, typer.Argument(help="An earlier release; the last one when left out.")] = "",
    use_case: UseCaseOption = None,
) -> None:
    """Go back to an earlier release."""
    from genaiops_assets.governance.release import production_release

    session, uc = people_job(
        "rollback",
        "rollback_version",
        use_case,
        {"model_version": model_version, "name": name, "reason": reason},
        then="check_production",
    )
    now = production_release(session.lake, uc)
    done(f"{now.model_version if now else 'nothing'} is in production")


def people_job(
    job: str, op: str, use_case: str | None, form: dict[str, str], then: str | None = None
) -> tuple[Session, Any]:
    """The same jobs the launchpad starts, so that both ways keep the same rules."""
    session = Session()
    uc = session.use_case(use_case)
    definitions, instance = session.dagster()
    session.run(definitions, instance, f"{uc.name}__{job}", ops={f"{uc.name}__{op}": {"config": form}})
    if then:
        session.run(definitions, instance, f"{uc.name}__{then}")
    return session, uc

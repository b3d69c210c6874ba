"""`genaiops incident …`: enter an incident, see its deadlines, write its report, say that it was handed in or is over.

Belongs here: options and printing. Does not belong here: the log and its clocks (`governance/incidents`), the asset
that publishes them (`assets/monitoring/incidents.py`)."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from genaiops_assets.cli.session import AsOption, ReasonOption, Session, UseCaseOption
from genaiops_assets.cli.terminal import done, note, say, stop, table

incident_app = typer.Typer(help="Incidents: what went wrong, who has to be told, until when.", no_args_is_help=True)
TIME = "%Y-%m-%dT%H:%M"
IdArgument = Annotated[str, typer.Argument(help="The incident's id, or the beginning of it.")]


@incident_app.command("open")
def open_one(
    name: AsOption,
    title: Annotated[str, typer.Option(help="In a few words.")],
    text: Annotated[str, typer.Option(help="What happened, without personal data.")],
    severity: Annotated[str, typer.Option(help="near_miss, minor, major or serious.")],
    happened: Annotated[datetime | None, typer.Option(formats=[TIME], help="When (UTC); now when left out.")] = None,
    aware: Annotated[
        datetime | None,
        typer.Option(formats=[TIME], help="When the house learned of it (UTC): legal clocks start there."),
    ] = None,
    harm: Annotated[list[str] | None, typer.Option(help="What came to harm; may be given several times.")] = None,
    failure_mode: Annotated[list[str] | None, typer.Option(help="RISK/FAILURE_MODE of the risk register.")] = None,
    model_version: Annotated[str, typer.Option(help="The model version that answered.")] = "",
    use_case: UseCaseOption = None,
) -> None:
    """Enter an incident or a near miss into the log. Nothing takes it out again."""
    from genaiops_assets.governance.incidents import open_incident

    session = Session()
    uc = session.use_case(use_case)
    said: dict[str, Any] = {"title": title, "text": text, "severity": severity, "model_version": model_version}
    said |= {"harms": harm or [], "failure_modes": failure_mode or []}
    said |= {"happened_at": in_utc(happened)} if happened else {}
    said |= {"aware_at": in_utc(aware)} if aware else {}
    made = open_incident(session.lake, uc, by=name, now=datetime.now(UTC), **said)
    done(f"{made} is in the log")
    show_deadlines(session, uc, made)


@incident_app.command("list")
def list_all(use_case: UseCaseOption = None) -> None:
    """The log, and each report that is owed with what is left of its time."""
    session = Session(reads=True)
    uc = session.use_case(use_case)
    log = log_now(session, uc)
    if not log:
        note("no incident is known")
        return
    rows = [(i["id"], i["happened_at"][:16], i["severity"], i["closed_at"][:10] or "open", i["title"]) for i in log]
    table("", ("id", "when (UTC)", "severity", "closed", "what"), rows)
    show_deadlines(session, uc)


@incident_app.command("report")
def report(
    incident: IdArgument,
    output: Annotated[Path, typer.Option("-o", "--output", help="Folder for the report.")] = Path(),
    language: Annotated[str, typer.Option("--lang", help="en or zh.")] = "",
    handed_in: Annotated[str, typer.Option(help="The step that was handed in: initial, intermediate, final.")] = "",
    to: Annotated[str, typer.Option(help="To whom: market_surveillance, ai_office, provider, data_protection.")] = "",
    at: Annotated[datetime | None, typer.Option(formats=[TIME], help="When (UTC); now when left out.")] = None,
    name: Annotated[str, typer.Option("--as", help="Your name as it stands in `people` of the use case file.")] = "",
    use_case: UseCaseOption = None,
) -> None:
    """Write the report of an incident with its gaps. With --handed-in, say that it went to an authority: the file that
    stands in the folder, which people may have completed since."""
    from genaiops_assets.evidence import find_gaps
    from genaiops_assets.governance.incidents import build_report, hand_in, render_report
    from genaiops_assets.lake import digest_of_file

    session = Session(reads=not handed_in)
    uc = session.use_case(use_case)
    one = chosen(log_now(session, uc), incident)
    made = build_report(one, [d.to_dict() for d in deadlines_of(session, uc, one)], **evidence_for(session, uc, one))
    file = output / f"report-{one['id']}.md"
    if not (handed_in and file.exists()):
        file.write_text(render_report(made, language or uc.language), encoding="utf-8")
        done(f"written: {file}")
    if handed_in:
        now = datetime.now(UTC)
        when, digest = in_utc(at) if at else now, digest_of_file(file)
        hand_in(session.lake, uc, one["id"], step=handed_in, to=to, by=name, at=when, digest=digest, now=now)
        done(f"{one['id']}: the {handed_in} report went to {to}, as {file} has it")
    for gap in find_gaps(made):
        note(f"gap: {gap}")


@incident_app.command("close")
def close(incident: IdArgument, name: AsOption, reason: ReasonOption, use_case: UseCaseOption = None) -> None:
    """Say that an incident is over, and why one may say so."""
    from genaiops_assets.governance.incidents import close_incident

    session = Session()
    uc = session.use_case(use_case)
    one = chosen(log_now(session, uc), incident)
    if one["closed_at"]:
        stop(f"{one['id']} was closed on {one['closed_at'][:10]}")
    close_incident(session.lake, uc, one["id"], by=name, reason=reason)
    done(f"{one['id']} closed by {name}")
    show_deadlines(session, uc, one["id"])


def in_utc(typed: datetime) -> datetime:
    return typed.replace(tzinfo=UTC)


def log_now(session: Session, uc: Any) -> list[dict[str, Any]]:
    """From the records that were published and the ledger as it is now."""
    from genaiops_assets.governance.incidents import incident_log
    from genaiops_assets.governance.risk import published_records

    return incident_log(session.lake, uc, published_records(session.lake, uc))


def chosen(log: list[dict[str, Any]], typed: str) -> dict[str, Any]:
    found = [one for one in log if typed and one["id"].startswith(typed)]
    exact = [one for one in found if one["id"] == typed] or found
    if len(exact) != 1:
        known = ", ".join(one["id"] for one in log) or "none"
        stop(f"{typed!r} names {'several incidents' if exact else 'no incident'}; there are: {known}")
    return exact[0]


def deadlines_of(session: Session, uc: Any, one: dict[str, Any]) -> list[Any]:
    from genaiops_assets.governance.incidents import deadlines, roles_of_house

    return deadlines(one, roles_of_house(session.lake, uc))


def evidence_for(session: Session, uc: Any, one: dict[str, Any]) -> dict[str, Any]:
    """What a report claims on. Ends the command where scope and risk register were never made."""
    from genaiops_assets.governance.incidents import alike
    from genaiops_assets.orchestration.claims import evidence

    lake = session.lake
    missing = [name for name in ("use_case_scope", "risk_register") if lake.heads.get(uc.key(name)) is None]
    if missing:
        stop(f"{' and '.join(missing)} must be made first: genaiops run")
    decided = lake.heads.get(uc.key("release_decision"), one["model_version"]) if one["model_version"] else None
    decision = evidence(lake.current(uc.key("release_decision"), one["model_version"])) if decided else None
    made = {n: evidence(lake.current(uc.key(n))) for n in ("use_case_scope", "risk_register")}
    same = alike(one, log_now(session, uc))
    return {"scope": made["use_case_scope"], "register": made["risk_register"], "decision": decision, "same_mode": same}


def show_deadlines(session: Session, uc: Any, only: str = "") -> None:
    now = datetime.now(UTC)
    marks = {"overdue": "bad", "red": "bad", "near": "note"}
    owed = [d for one in log_now(session, uc) if only in ("", one["id"]) for d in deadlines_of(session, uc, one)]
    for deadline in sorted((d for d in owed if not d.met_at), key=lambda d: d.due):
        say(deadline.in_words(now), marks.get(deadline.standing(now), ""))

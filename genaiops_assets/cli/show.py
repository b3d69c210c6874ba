"""`genaiops show`: one record, as people read it.

Belongs here: printing what a record holds. Does not belong here: making or judging it (`evaluation`), the state of its
approval (`status.py`)."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from genaiops_assets.cli.session import Session, UseCaseOption, stop
from genaiops_assets.cli.terminal import say

show_app = typer.Typer(help="A release decision, gate by gate.", no_args_is_help=True)
BELOW = ("measured", "reason", "what it can show", "missing", "beside the other gates")  # the status, a line each


@show_app.callback()
def show() -> None:
    """A release decision, gate by gate."""


@show_app.command()
def decision(
    version: Annotated[str | None, typer.Argument(help="Model version; the one decided last unless given.")] = None,
    use_case: UseCaseOption = None,
) -> None:
    """The gates of a release decision: what was measured with its interval, over how many, what so many can show, what
    was missing, and the sample that would decide."""
    session = Session(reads=True)
    uc = session.use_case(use_case)
    version = version or decided_last(session.lake, uc)
    if version is None or not session.lake.heads.get(uc.key("release_decision"), version):
        stop(f"there is no decision on {version}" if version else "no version was decided on yet")
    found = session.lake.current(uc.key("release_decision"), version).json("decision.json")
    for line in [*in_lines(found), *about_people(session.lake, uc, version)]:
        say(line)
    from genaiops_assets.evaluation import decision_rows

    for row in decision_rows(found["gates"]):
        say(f"{row['gate']}: {row['status']}", style="bold")
        for line in (row[name] for name in BELOW if row[name]):
            say(f"  {line}")


def in_lines(found: dict[str, Any]) -> list[str]:
    """Verdict, and what a person should know beside the gates."""
    lines = [f"{found['model_version']}: {found['verdict']}"]
    if found.get("blocked_by"):
        lines += [f"blocked by {finding}" for finding in found["blocked_by"]]
        lines.append(f"the gates alone say {found['by_gates']}; genaiops run decides again when this is cured")
    if found.get("champion"):
        lines.append(f"compared with {found['champion']['version']}, which is released")
    if found.get("should_have_passed"):
        lines.append(f"should have passed, and stops nothing: {', '.join(found['should_have_passed'])}")
    if found.get("rules"):
        lines.append(f"rules: version {found['rules']['version']}, {found['rules']['digest'][:12]}")
    return lines


def about_people(lake: Any, uc: Any, version: str) -> list[str]:
    """What people decided on it, by which key, what was only accepted, and whose word it rests on and who is gone."""
    from genaiops_assets.governance.release import approval_in_words

    words = approval_in_words(lake, uc, version)
    signed = f" ({words.signature})" if words.signature else ""
    return [f"{words.state}{signed}", *([words.override] if words.override else []), *words.gone]


def decided_last(lake: Any, uc: Any) -> str | None:
    """The version whose decision was made last."""
    asset = uc.key("release_decision")
    made = [e.body["partition"] for e in lake.ledger.entries("materialized") if e.body["asset"] == asset]
    return made[-1] if made else None

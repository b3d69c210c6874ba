"""Command `status`: every asset with its checks, what is in production, and what waits for a person."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

import typer
from rich.text import Text

from genaiops_assets.cli.overview import collect
from genaiops_assets.cli.session import Session, UseCaseOption
from genaiops_assets.cli.terminal import note, say, table
from genaiops_assets.governance.serving_stop import LIFT

COLOURS = {"materialized": "green", "missing": "yellow", "failed": "red"}


def status(
    use_case: UseCaseOption = None, as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False
) -> None:
    """What stands where: every asset with its checks, what is in production, and what waits for a person."""
    session = Session(reads=True)
    uc = session.use_case(use_case)
    if as_json:
        sys.stdout.write(json.dumps(collect(session, uc), indent=1) + "\n")
    else:
        show_status(session, uc)


def show_status(session: Session, uc: Any) -> None:
    found = collect(session, uc)
    rows = [
        (
            (asset["group"] or "").split("__")[-1],
            asset["key"].split("/")[-1],
            Text(asset["state"], COLOURS[asset["state"]]),
            (asset["digest"] or "")[:12],
            asset["partition"] or "",
            checks_in_words(asset["checks"]),
        )
        for asset in found["assets"]
    ]
    table(f"{uc.title} ({uc.name})", ("phase", "asset", "state", "digest", "partition", "checks"), rows)
    warning = f", but {found['production_warning']}" if found["production_warning"] else ""
    say(f"production: {found['production'] or 'nothing released'}{warning}")
    if found["serving_stopped"]:
        note(f"{found['serving_stopped']} (to lift it: {LIFT})")
    for task in found["tasks"]:
        note(f"open task {task['id']}: {task['in_words']}")
    for line in [*found["revoked"].values(), *found["removed_from_people"]]:
        note(line)
    for version, lines in found["erased"].items():
        for line in lines:
            note(f"{version} was trained on what was erased: {line}")
    if found["newest"]["model_version"]:
        show_approval(session, uc, found["newest"]["model_version"])
    if session.problem:
        note(session.problem)


def show_approval(session: Session, uc: Any, version: str) -> None:
    """The state of a version's approval in words, what the gates said, and the command that comes next."""
    from genaiops_assets.governance.release import approval_in_words

    if not session.lake.heads.get(uc.key("release_decision"), version):
        return
    found = approval_in_words(session.lake, uc, version, session.option_for(uc))
    say("")
    signed = f" ({found.signature})" if found.signature else ""
    say(f"{found.state}{signed}", style="bold")
    for line in found.gates:
        say(f"  {line}")
    if found.override:
        note(found.override)
    for line in found.gone:
        note(line)
    for command in found.commands:
        say(f"  {command}")


def checks_in_words(checks: list[dict[str, Any]]) -> str:
    """`7/7 passed`, the failed ones by name with their severity, `not run` for the others."""
    ran = [c for c in checks if c["passed"] is not None]
    if not ran:
        return "not run" if checks else ""
    failed = "; ".join(f"{c['name']} {c['severity']}" for c in ran if not c["passed"])
    return f"{sum(c['passed'] for c in ran)}/{len(checks)} passed {failed}".strip()

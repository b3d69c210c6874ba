"""`genaiops rollout`: a candidate beside the released version, step by step.

Belongs here: asking for steps and printing where it stands. Does not belong here: the tests and steps
(`governance/rollout`), answering (`serving`)."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from genaiops_assets.cli.session import AsOption, ReasonOption, Session, UseCaseOption, stop
from genaiops_assets.cli.terminal import console, done, note, say

rollout_app = typer.Typer(
    help="A candidate beside the released version: shadow, canary, release.", no_args_is_help=True
)


@rollout_app.callback()
def rollout() -> None:
    """A candidate beside the released version: shadow, canary, release or the way back."""


@rollout_app.command()
def start(model_version: str, name: AsOption, reason: ReasonOption, use_case: UseCaseOption = None) -> None:
    """Begin the shadow of an approved version: both answer, people see the released one."""
    from genaiops_assets.governance.rollout import start as begin

    session = Session()
    uc = session.use_case(use_case)
    state = begin(session.lake, uc, model_version, by=name, reason=reason)
    done(f"{model_version} is in shadow beside {state.released}")
    note("questions reach it through genaiops serve, or from a file: genaiops rollout shadow FILE")


@rollout_app.command()
def shadow(
    questions: Annotated[
        typer.FileText, typer.Argument(help="JSON Lines with a question each, as `replay` takes them.")
    ],
    use_case: UseCaseOption = None,
) -> None:
    """Ask both versions the questions of a file, compare their answers, and keep the figures (no texts)."""
    from genaiops_assets.serving import shadowed

    session = Session()
    uc = session.use_case(use_case)
    with console.status("both versions answer"):
        count = shadowed(session.lake, uc, [json.loads(line)["question"] for line in questions if line.strip()])
    done(f"{count} questions compared")
    status(use_case)


@rollout_app.command()
def act(use_case: UseCaseOption = None) -> None:
    """Take the step that follows from what was shown so far, if any, as the sensor does by itself."""
    from genaiops_assets.cli.show_decision import showing
    from genaiops_assets.governance.release import production_release
    from genaiops_assets.governance.rollout import act as take

    session = Session()
    uc = session.use_case(use_case)
    with showing(session.home) as shows, console.status("looking at what was shown"):
        before = production_release(session.lake, uc)
        take(session.lake, uc)
        if production_release(session.lake, uc) != before:
            shows.release(session.lake, uc)
    status(use_case)


@rollout_app.command()
def pause(name: AsOption, reason: ReasonOption, use_case: UseCaseOption = None) -> None:
    """Pause: everybody sees the released version, nothing is compared, nothing is decided."""
    _step("paused", name, reason, use_case)


@rollout_app.command()
def resume(name: AsOption, reason: ReasonOption, use_case: UseCaseOption = None) -> None:
    """Go on after a pause."""
    _step("resumed", name, reason, use_case)


@rollout_app.command("stop")
def stop_it(name: AsOption, reason: ReasonOption, use_case: UseCaseOption = None) -> None:
    """End the rollout; the released version stays."""
    _step("stopped", name, reason, use_case)


@rollout_app.command()
def status(use_case: UseCaseOption = None, as_json: Annotated[bool, typer.Option("--json")] = False) -> None:
    """Where the newest rollout stands, and why."""
    from genaiops_assets.governance.rollout import rollout_of, standing_of

    session = Session(reads=True)
    uc = session.use_case(use_case)
    state = rollout_of(session.lake, uc)
    if state is None:
        stop("no rollout was started: genaiops rollout start MV --as NAME --reason TEXT")
    found = standing_of(session.lake, uc, state)
    if as_json:
        typer.echo(json.dumps({**asdict(state), "standing": found.to_dict()}, indent=1))
        return
    where = state.ended or (f"{state.stage}, paused" if state.paused else state.stage)
    say(
        f"{state.candidate} beside {state.released}: {where.replace('_', ' ')} ({state.because or 'started'})",
        style="bold",
    )
    for m in found.measures:
        mean = "not measured" if m.mean is None else f"{m.mean:+.3f}" if m.name == "quality" else f"{m.mean:.3f}"
        shown = f"not shown on either side of {m.limit:g}" if m.shown == "open" else f"shown {m.shown} {m.limit:g}"
        say(f"  {m.name}: {mean} over {m.n}, {shown}")
    say(f"  {found.outcome.replace('_', ' ')}: {found.because}")


def _step(did: str, name: str, reason: str, use_case: str | None) -> None:
    from genaiops_assets.governance.rollout import step

    session = Session()
    state = step(session.lake, session.use_case(use_case), did, by=name, because=reason)
    done(f"the rollout of {state.candidate} is {did}")

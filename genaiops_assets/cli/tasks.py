"""`genaiops tasks`, `close-task`, `rescope` and `ask-for-data`: what people have to do that no training replaces.

Belongs here: listing open tasks and closing one as a named person. Does not belong here: what opens them (`drift/`),
who may close them (`governance/tasks.py`)."""

from __future__ import annotations

from typing import Annotated

import typer

from genaiops_assets.cli.session import AsOption, ReasonOption, Session, UseCaseOption
from genaiops_assets.cli.terminal import done, say, stop


def tasks(use_case: UseCaseOption = None) -> None:
    """What people have to do, who, and until when: the open tasks, the oldest first, with the command that closes one
    by hand."""
    from genaiops_assets.drift import open_tasks
    from genaiops_assets.governance.audit import RESCOPE
    from genaiops_assets.governance.data_requests import ASK

    session = Session(reads=True)
    uc = session.use_case(use_case)
    found = open_tasks(session.lake, uc)
    for task in found:
        say(f"{task.id}  {task.in_words()}")
    scope = next((task for task in found if task.what == RESCOPE), None)
    others = [task for task in found if task.what != RESCOPE]
    if scope:
        decide = f"genaiops rescope {scope.id}{session.option_for(uc)} --decision keep_out"
        say(f'  {decide} --as NAME --reason "…"  (or widen)')
    if others:
        say(f'  genaiops close-task {others[0].id}{session.option_for(uc)} --as NAME --reason "…"')
        about_data = next((task for task in found if task.what.startswith(ASK)), None)
        if about_data:
            say(f'  genaiops ask-for-data {about_data.id}{session.option_for(uc)} --as NAME --count N --reason "…"')
    if not found:
        say("no open task")


def close_task(
    task: Annotated[str, typer.Argument(help="Its id, or the beginning of it, as `tasks` prints it.")],
    name: AsOption,
    reason: ReasonOption,
    use_case: UseCaseOption = None,
) -> None:
    """Close an open task by hand: say what was done. It stands in the ledger; the same advice about later questions
    opens a new one."""
    from genaiops_assets.governance.tasks import close_by_hand

    session = Session()
    uc = session.use_case(use_case)
    closed = close_by_hand(session.lake, uc, task, name=name, reason=reason)
    done(f"{closed.id} ({closed.what}) closed by {name}")


def rescope(
    task: Annotated[str, typer.Argument(help="Its id, or the beginning of it, as `tasks` prints it.")],
    name: AsOption,
    reason: ReasonOption,
    decision: Annotated[str, typer.Option(help="widen: the new topics are part of the use; or keep_out.")],
    use_case: UseCaseOption = None,
) -> None:
    """Decide on a wider use, as an owner or approver: until then nothing new is released. After `widen` the scope in
    the use case file has to be written anew."""
    from typing import cast

    from genaiops_assets.governance.audit import Decision, decide_scope

    if decision not in ("widen", "keep_out"):
        stop(f"--decision is widen or keep_out, not {decision!r}")
    session = Session()
    uc = session.use_case(use_case)
    made = decide_scope(session.lake, uc, task, name=name, decision=cast("Decision", decision), reason=reason)
    done(f"{made.id}: {decision}, decided by {name}")
    if decision == "widen":
        say("  now write the purpose in the use case file anew, and look at the stakeholders again")


def ask_for_data(
    task: Annotated[str, typer.Argument(help="Its id, or the beginning of it, as `tasks` prints it.")],
    name: AsOption,
    reason: ReasonOption,
    count: Annotated[int, typer.Option(help="How many are asked for.", min=1)],
    pairs: Annotated[bool, typer.Option("--pairs", help="Preference pairs; documents unless given.")] = False,
    use_case: UseCaseOption = None,
) -> None:
    """Ask for documents or pairs that a task says are missing: writes a request for you to pass on, with the fields
    that are needed and no others, puts it into the ledger and closes the task. Nothing is collected by itself."""
    from genaiops_assets.governance.data_requests import ask_for_data as ask

    session = Session()
    uc = session.use_case(use_case)
    wanted = "pairs" if pairs else "documents"
    asked, file = ask(session.lake, uc, task, name=name, reason=reason, count=count, wanted=wanted)
    done(f"{count} {wanted} asked for by {name} ({asked.id}, {asked.what}): {file}")

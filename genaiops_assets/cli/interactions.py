"""`genaiops ask`, `replay`, `import` and `interactions`: questions and answers from the command line, into the log and
out of it.

Belongs here: reading what is asked, pace, printing. Does not belong here: answering and the log (`serving/`).
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress

from genaiops_assets.cli.session import Session, UseCaseOption, console, done, say, stop

Exchanges = Sequence[dict[str, Any]]
NAMED = 10  # unusable lines that are printed


def ask(
    question: Annotated[str, typer.Argument(help="In the language of the use case.")],
    use_case: UseCaseOption = None,
    access: Annotated[
        list[str] | None, typer.Option(help="Only sources of this class of access; may be given again.")
    ] = None,
    source: Annotated[list[str] | None, typer.Option(help="Only this source; may be given again.")] = None,
    license: Annotated[
        list[str] | None, typer.Option(help="Only documents under this licence (SPDX); may be given again.")
    ] = None,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only texts first read on this day or later.")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Only texts first read on this day or earlier.")
    ] = None,
) -> None:
    """Answer a question with the production (or newest) model over the index, with sources; the exchange is logged,
    masked."""
    from genaiops_assets.serving import log_interactions, search_conditions

    session = Session()
    uc = session.use_case(use_case)
    days = {"since": since and since.date(), "until": until and until.date()}
    try:
        only = search_conditions(
            session.lake, uc, access=access or (), sources=source or (), licenses=license or (), **days
        )
    except (KeyError, ValueError) as error:
        stop(str(error.args[0]))
    assistant = assistant_of(session, uc, True)
    with console.status("reading and answering"):
        answer = assistant.answer([question], only)[0]
    console.print(f"\n{answer.text}\n", highlight=False, markup=False)
    if answer.held_back:
        say(f"a rule held the question back: {answer.held_back}", style="yellow")
    for number, passage in enumerate(answer.passages, start=1):
        console.print(
            f"[{number}] {passage.title} ({passage.doc_id}, similarity {passage.score:.2f})",
            highlight=False,
            markup=False,
        )
    console.print(
        f"\nmodel {answer.model_version} ({standing(assistant.choice)}), {answer.seconds:.1f} s. A small model: check "
        "the sources before you rely on it.",
        style="dim",
        highlight=False,
        markup=False,
    )
    logged = log_interactions(session.lake, uc, [answer.exchange("ask")])
    if logged.ids:
        say(f"logged, masked: genaiops trace {logged.ids[0]}")


def standing(choice: Any) -> str:
    """Whether the version that answers is released, and what people should know of its approval."""
    released = "in production" if choice.released else "not released"
    return f"{released}, but {choice.warning}" if choice.warning else released


def replay(
    file: Annotated[Path, typer.Argument(help='jsonl with {"question": …} a line, or OpenTelemetry GenAI spans')],
    use_case: UseCaseOption = None,
    limit: Annotated[int | None, typer.Option(help="First N questions only.")] = None,
    answers: Annotated[
        bool, typer.Option("--answers", help="Let the model answer each one (slow); otherwise passages only.")
    ] = False,
    per_minute: Annotated[float | None, typer.Option(help="Ask so many a minute, evenly.", min=0.001)] = None,
    speed: Annotated[
        float | None, typer.Option(help="Ask in the rhythm of the lines' own times, so many times faster.", min=0.001)
    ] = None,
) -> None:
    """Ask the questions of a file and log them as today's interactions, masked: a way to produce real drift. All at
    once, unless a pace is given."""
    from genaiops_assets.serving import log_interactions

    if per_minute and speed:
        stop("--per-minute and --speed: give one of them")
    session = Session()
    uc = session.use_case(use_case)
    asked = usable(file).exchanges[:limit]
    assistant, written, today = assistant_of(session, uc, answers), 0, 0
    if assistant.choice.warning:
        say(f"{assistant.choice.version} is {standing(assistant.choice)}", style="yellow")
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task(
            f"{len(asked)} questions to {assistant.choice.version or 'the base model'}", total=len(asked)
        )
        for due in paced(asked, moments(asked, per_minute, speed, file)):
            made = assistant.answer([e["question"] for e in due])
            logged = log_interactions(session.lake, uc, [answer.exchange("replay") for answer in made])
            written, today = written + logged.written, logged.today
            progress.advance(task, len(due))
    least = uc.monitoring.drift.min_interactions
    done(f"{written} interactions logged; {today} today. `genaiops up` measures drift from {least} on.")


def moments(asked: Exchanges, per_minute: float | None, speed: float | None, file: Path) -> list[float]:
    """When each question is due, in seconds from the start."""
    if per_minute:
        return [60 * n / per_minute for n in range(len(asked))]
    if not speed:
        return [0.0] * len(asked)
    undated = next((n for n, e in enumerate(asked, start=1) if e["at"] is None), None)
    if undated:
        stop(
            f"{file}: question {undated} has no time (`at`, or start_time_unix_nano): --speed needs one on each, "
            "--per-minute needs none"
        )
    first = min((e["at"] for e in asked), default=None)
    return [(e["at"] - first).total_seconds() / speed for e in asked]


def paced(asked: Exchanges, seconds: Sequence[float]) -> Iterator[Exchanges]:
    """The exchanges in the order they are due, those together that are due by now."""
    order, began, at = sorted(range(len(asked)), key=lambda n: seconds[n]), time.monotonic(), 0
    while at < len(order):
        time.sleep(max(0.0, seconds[order[at]] - (time.monotonic() - began)))
        past = time.monotonic() - began
        end = next((n for n in range(at + 1, len(order)) if seconds[order[n]] > past), len(order))
        yield [asked[n] for n in order[at:end]]
        at = end


def import_log(
    file: Annotated[
        Path, typer.Argument(help="JSON lines: OpenTelemetry GenAI spans, or lines with question, answer and at")
    ],
    use_case: UseCaseOption = None,
) -> None:
    """Take the questions and answers of another system into the log, each on its own day, masked. Lines that cannot be
    used are named and left out; the same file again changes nothing."""
    from genaiops_assets.serving import log_interactions

    session = Session()
    uc = session.use_case(use_case)
    read = usable(file, dated=True)
    logged = log_interactions(session.lake, uc, [{**e, "channel": "import"} for e in read.exchanges])
    days = sorted({e["at"].date().isoformat() for e in read.exchanges})
    past = [d for d in days if d != datetime.now(UTC).date().isoformat()]
    span = f" of {days[0]} to {days[-1]}" if days else ""
    done(f"{logged.written} interactions taken in, of {len(read.exchanges)} read{span}")
    for line in left_out(uc, read, logged):
        console.print(f"  {line}", highlight=False, markup=False)
    if past and logged.written:
        console.print(f"  measure past days: a backfill of the job {uc.name}__monitor in the UI", highlight=False)


def left_out(uc: Any, read: Any, logged: Any) -> list[str]:
    """What was not taken in, and why, each with its number."""
    numbers = [
        (logged.known, "in the log already"),
        (logged.erased, "of an id that was erased (genaiops readmit ID, where it is another one)"),
        (logged.expired, f"past their retention of {uc.monitoring.retention_days} days"),
        (read.left_out, "spans of other operations (tools, HTTP, agents)"),
        (read.silent, "chat spans without messages: their exporter does not record content"),
        (len(read.refused), "lines that cannot be used, named above"),
    ]
    return [f"{number} left out: {why}" for number, why in numbers if number]


def interactions(
    day: Annotated[str | None, typer.Argument(help="UTC, YYYY-MM-DD; today unless given.")] = None,
    use_case: UseCaseOption = None,
) -> None:
    """Print a day's interactions, masked, as OpenTelemetry GenAI spans: one JSON object a line, as `import` reads
    them."""
    from genaiops_assets.serving import a_day, attributes_of, day_rows

    session = Session()
    uc = session.use_case(use_case)
    try:
        chosen = a_day(day) if day else datetime.now(UTC).date().isoformat()
    except ValueError as error:
        stop(str(error))
    for row in day_rows(session.lake, uc, chosen):
        sys.stdout.write(json.dumps(attributes_of(row), ensure_ascii=False) + "\n")


def usable(file: Path, *, dated: bool = False) -> Any:
    """What can be used of a file; what cannot is named. Ends the command where nothing can."""
    from genaiops_assets.serving import read_exchanges

    try:
        read = read_exchanges(file, dated=dated)
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        stop(f"{file}: {'no such file' if isinstance(error, FileNotFoundError) else error.strerror}")
    for problem in read.refused[:NAMED]:
        console.print(f"! {problem}", style="yellow", highlight=False, markup=False, soft_wrap=True)
    if len(read.refused) > NAMED:
        console.print(f"! … and {len(read.refused) - NAMED} more lines", style="yellow", highlight=False)
    if not read.exchanges:
        spans = f"; {read.left_out} spans are no chat" if read.left_out else ""
        silent = f"; {read.silent} chat spans carry no messages" if read.silent else ""
        stop(f"{file}: no question in it that can be used{spans}{silent}")
    return read


def assistant_of(session: Session, uc: Any, with_model: bool) -> Any:
    """Everything that answers a question, or the reason why nothing can."""
    from genaiops_assets.errors import Refused
    from genaiops_assets.lake import set_network_switches

    set_network_switches()  # before the model libraries are imported
    from genaiops_assets.serving import Assistant

    try:
        return Assistant(session.lake, uc, with_model=with_model)
    except (KeyError, ValueError, Refused) as error:
        stop(str(error.args[0]))

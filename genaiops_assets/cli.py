"""`genaiops …`: the platform from the command line.

Belongs here: commands, their words and their exit codes. Does not belong here: what they do (governance, serving, lake, console).
"""

from __future__ import annotations

import json
import os
import shutil
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from genaiops_assets.home import find_home, prepare_home

app = typer.Typer(help="Every lifecycle artifact of a generative model as a Dagster asset.", no_args_is_help=True, add_completion=False, rich_markup_mode="markdown")
console = Console(width=None if sys.stdout.isatty() else 140)
UseCaseOption = Annotated[str | None, typer.Option("--use-case", "-u", help="Name of the use case; the first one when left out.")]
AsOption = Annotated[str, typer.Option("--as", help="Your name as it stands in `people` of the use case file.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why, in your words; it goes into the ledger.")]


class Session:
    """Home, instance and definitions, each made when first asked for."""

    def __init__(self) -> None:
        self.home = find_home()
        os.environ["GENAIOPS_HOME"] = str(self.home)
        os.environ["DAGSTER_HOME"] = str(prepare_home(self.home))
        os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "1")

    @property
    def lake(self) -> Any:
        from genaiops_assets.lake import Lake

        return Lake(self.home)

    @property
    def use_cases(self) -> list[Any]:
        from genaiops_assets.use_case_file import discover

        return discover(self.home)

    def use_case(self, name: str | None) -> Any:
        """A use case that loads, by name; a broken or unknown one ends the command with its reason."""
        from genaiops_assets.use_case import UseCase

        found = self.use_cases
        chosen = next((u for u in found if name is None or u.name == name), None)
        if chosen is None:
            stop(f"no use case {name!r}; there are: {', '.join(u.name for u in found) or 'none'}")
        if not isinstance(chosen, UseCase):
            stop(chosen.error)
        return chosen

    def dagster(self) -> tuple[Any, Any]:
        """(definitions, instance)"""
        import dagster as dg

        from genaiops_assets.definitions import defs

        return defs(), dg.DagsterInstance.get()

    def run(self, definitions: Any, instance: Any, name: str, **more: Any) -> str:
        from genaiops_assets.console import JobFailed, run_job

        try:
            return run_job(definitions, instance, console, name, **more)
        except JobFailed as error:
            stop(str(error))


def stop(message: str) -> Any:
    console.print(f"[red]✗[/red] {message}", highlight=False, soft_wrap=True)
    raise typer.Exit(1)


def done(message: str) -> None:
    console.print(f"[green]✓[/green] {message}", highlight=False, soft_wrap=True)


@app.command()
def demo(
    preset: Annotated[str, typer.Option(help="`small` is the whole example, `smoke` a few minutes of it.")] = "small",
    use_case: Annotated[str, typer.Option("--use-case", "-u", help="A packaged example.")] = "bank_support",
) -> None:
    """Run the whole life of a packaged example: documents to a release decision that waits for you."""
    from genaiops_assets.console import close_orphans
    from genaiops_assets.status import newest_version
    from genaiops_assets.use_case_file import UseCaseError, register

    session = Session()
    try:
        register(session.home, f"package:{use_case}" if preset == "small" else f"package:{use_case}#{preset}")
    except UseCaseError as error:
        stop(str(error))
    uc = session.use_case(use_case)
    definitions, instance = session.dagster()
    close_orphans(instance)
    session.run(definitions, instance, f"{uc.name}__plan")
    version = newest_version(session.lake, uc)
    session.run(definitions, instance, f"{uc.name}__model", partition=version)
    show_status(session, definitions, instance, uc)
    next_step(session, uc, version or "")


def next_step(session: Session, uc: Any, version: str) -> None:
    from genaiops_assets.governance import approval_of

    state = approval_of(session.lake, uc, version).status
    verdict = session.lake.current(f"{uc.name}/release_decision", version).json("decision.json")["verdict"]
    say = {"waiting": f"waiting for approval of {version}", "approved": f"{version} is approved", "rejected": f"{version} was rejected", "lapsed": f"the approval of {version} lapsed"}
    console.print(f"\n[bold]{say[state]}[/bold] (verdict of the gates: {verdict})", highlight=False)
    if state == "waiting" and verdict != "no_go":
        console.print(f'  genaiops approve {version} --as "{uc.people.approvers[0]}" --reason "…"     then: genaiops promote {version} --as NAME --reason "…"', highlight=False, soft_wrap=True)
    console.print("  genaiops up        opens the graph with everything that happened", highlight=False)


@app.command()
def status(use_case: UseCaseOption = None, as_json: Annotated[bool, typer.Option("--json", help="For machines.")] = False) -> None:
    """What stands where: every asset with its checks, and what is in production."""
    from genaiops_assets.status import collect

    session = Session()
    uc = session.use_case(use_case)
    definitions, instance = session.dagster()
    if as_json:
        sys.stdout.write(json.dumps(collect(definitions, instance, session.lake, uc), indent=1) + "\n")
    else:
        show_status(session, definitions, instance, uc)


def show_status(session: Session, definitions: Any, instance: Any, uc: Any) -> None:
    from genaiops_assets.status import collect

    found = collect(definitions, instance, session.lake, uc)
    table = Table(title=f"{uc.title} ({uc.name})", title_justify="left")
    for column in ("phase", "asset", "state", "digest", "partition", "checks"):
        table.add_column(column, overflow="fold")
    colours = {"materialized": "green", "missing": "yellow", "failed": "red"}
    for asset in found["assets"]:
        good, bad = [c for c in asset["checks"] if c["passed"]], [c for c in asset["checks"] if c["passed"] is False]
        checks = f"{len(good)}/{len(asset['checks'])} passed" if asset["checks"] else ""
        failing = "; ".join(f"{c['name']} {c['severity']}" for c in bad)
        state = asset["state"]
        phase = (asset["group"] or "").split("__")[-1]
        table.add_row(phase, asset["key"].split("/")[-1], f"[{colours[state]}]{state}[/]", (asset["digest"] or "")[:12], asset["partition"] or "", f"{checks} {failing}".strip())
    console.print(table)
    console.print(f"production: {found['production'] or 'nothing released'}", highlight=False)


@app.command()
def up(port: Annotated[int, typer.Option(help="Port of the UI.")] = 3000) -> None:
    """Start the Dagster UI and the daemon (sensors, schedules) on 127.0.0.1; Ctrl-C stops both."""
    from genaiops_assets.processes import run_ui

    session = Session()
    raise typer.Exit(run_ui(console, port, session.home))


@app.command()
def ingest(files: Annotated[list[Path], typer.Argument(help="jsonl, json, csv, parquet, txt or md, also .gz")], use_case: UseCaseOption = None, now: Annotated[bool, typer.Option("--now", help="Rebuild the index here instead of leaving it to the sensor.")] = False) -> None:
    """Put documents into the inbox; the sensor brings them into the index."""
    from genaiops_assets.assets.corpus import inbox_folder
    from genaiops_assets.corpus import format_of

    session = Session()
    uc = session.use_case(use_case)
    folder = inbox_folder(session.lake, uc)
    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        if not file.is_file():
            stop(f"{file}: no such file")
        if format_of(file) is None:
            stop(f"{file}: unknown format; jsonl, json, csv, parquet, txt and md can be read, also with .gz")
        partial = folder / f".{file.name}.partial"
        shutil.copyfile(file, partial)
        os.replace(partial, folder / file.name)
        done(f"{file.name} is in the inbox of {uc.name}")
    if now:
        definitions, instance = session.dagster()
        session.run(definitions, instance, f"{uc.name}__refresh")


@app.command()
def replay(
    file: Annotated[Path, typer.Argument(help='jsonl with {"question": …} a line')],
    use_case: UseCaseOption = None,
    limit: Annotated[int | None, typer.Option(help="First N questions only.")] = None,
    answers: Annotated[bool, typer.Option("--answers", help="Let the model answer each one (slow); otherwise passages only.")] = False,
) -> None:
    """Log the questions of a file as today's interactions, masked: a way to produce real drift."""
    session = Session()
    uc = session.use_case(use_case)
    exchanged = exchanges(session, uc, questions_of(file)[:limit], answers)
    from genaiops_assets.serving import log_interactions

    today = log_interactions(session.lake, uc, exchanged)
    done(f"{len(exchanged)} interactions logged; {today} today. `genaiops up` measures drift from {uc.monitoring.drift.min_interactions} on.")


def questions_of(file: Path) -> list[str]:
    found = []
    if not file.is_file():
        stop(f"{file}: no such file")
    for number, line in enumerate(file.read_text("utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            question = json.loads(line)["question"]
        except (ValueError, KeyError, TypeError):
            stop(f'{file}:{number}: question: expected {{"question": "…"}}')
        found.append(str(question))
    return found


def exchanges(session: Session, uc: Any, questions: list[str], answers: bool) -> list[dict[str, Any]]:
    from genaiops_assets.serving import Assistant

    try:
        assistant = Assistant(session.lake, uc, with_model=answers)
    except KeyError as error:
        stop(str(error.args[0]))
    with console.status(f"{len(questions)} questions to {assistant.version or 'the base model'}"):
        made = assistant.answer(questions)
    return [{"question": a.question, "answer": a.text, "passages": [p.id for p in a.passages], "model_version": a.model_version, "channel": "replay"} for a in made]


@app.command()
def ask(question: Annotated[str, typer.Argument(help="In the language of the use case.")], use_case: UseCaseOption = None) -> None:
    """Answer a question with the production (or newest) model over the index, with sources; the exchange is logged, masked."""
    from genaiops_assets.serving import Assistant, log_interactions

    session = Session()
    uc = session.use_case(use_case)
    try:
        assistant = Assistant(session.lake, uc)
    except KeyError as error:
        stop(str(error.args[0]))
    with console.status("reading and answering"):
        answer = assistant.answer([question])[0]
    console.print(f"\n{answer.text}\n", highlight=False, markup=False)
    for number, passage in enumerate(answer.passages, start=1):
        console.print(f"[{number}] {passage.title} ({passage.doc_id}, similarity {passage.score:.2f})", highlight=False, markup=False)
    released = "in production" if answer.released else "not released"
    console.print(f"\nmodel {answer.model_version} ({released}). A small model: check the sources before you rely on it.", style="dim", highlight=False)
    entry = {"question": question, "answer": answer.text, "passages": [p.id for p in answer.passages], "model_version": answer.model_version, "channel": "ask"}
    log_interactions(session.lake, uc, [entry])


@app.command()
def approve(model_version: str, name: AsOption, reason: ReasonOption, use_case: UseCaseOption = None) -> None:
    """Approve a model version, as a named approver."""
    decide(model_version, name, reason, "approved", use_case)


@app.command()
def reject(model_version: str, name: AsOption, reason: ReasonOption, use_case: UseCaseOption = None) -> None:
    """Reject a model version, as a named approver."""
    decide(model_version, name, reason, "rejected", use_case)


def decide(version: str, name: str, reason: str, decision: str, use_case: str | None) -> None:
    people_job("decide", "record_decision", use_case, {"model_version": version, "name": name, "decision": decision, "reason": reason})
    done(f"{version} {decision} by {name}")


@app.command()
def promote(model_version: str, name: AsOption, reason: ReasonOption, use_case: UseCaseOption = None) -> None:
    """Release an approved model version, after verifying everything it rests on."""
    people_job("promote", "promote_version", use_case, {"model_version": model_version, "name": name, "reason": reason}, then="check_production")
    done(f"{model_version} is in production")


@app.command()
def rollback(name: AsOption, reason: ReasonOption, model_version: Annotated[str, typer.Argument(help="An earlier release; the last one when left out.")] = "", use_case: UseCaseOption = None) -> None:
    """Go back to an earlier release."""
    from genaiops_assets.governance import production

    session, uc = people_job("rollback", "rollback_version", use_case, {"model_version": model_version, "name": name, "reason": reason}, then="check_production")
    now = production(session.lake, uc)
    done(f"{now.model_version if now else 'nothing'} is in production")


def people_job(job: str, op: str, use_case: str | None, form: dict[str, str], then: str | None = None) -> tuple[Session, Any]:
    """The same jobs the launchpad starts, so that both ways keep the same rules."""
    session = Session()
    uc = session.use_case(use_case)
    definitions, instance = session.dagster()
    session.run(definitions, instance, f"{uc.name}__{job}", ops={f"{uc.name}__{op}": {"config": form}})
    if then:
        session.run(definitions, instance, f"{uc.name}__{then}")
    return session, uc


@app.command()
def verify() -> None:
    """Check the ledger's chain and every published byte; names what was altered."""
    from genaiops_assets.governance import pointer_problem
    from genaiops_assets.lake.verify import problems
    from genaiops_assets.use_case import UseCase

    session = Session()
    lake, checked = session.lake, []
    with console.status("verifying") as line:
        found = problems(lake, lambda name: (checked.append(name), line.update(f"verifying {name}")))
    found += [p for u in session.use_cases if isinstance(u, UseCase) and (p := pointer_problem(lake, u))]
    for problem in found:
        console.print(f"[red]✗[/red] {problem}", highlight=False, soft_wrap=True)
    if found:
        raise typer.Exit(1)
    head = lake.ledger.head()
    done(f"{len(checked)} artifacts and {head.seq if head else 0} ledger entries are as published; ledger head {lake.ledger.head_hash()[:16]}")


@app.command()
def doctor() -> None:
    """Versions, cores, memory, disk, ports; what is missing and what to type."""
    from genaiops_assets.doctor import examine

    session = Session()
    table = Table(show_header=False, box=None)
    findings = examine(session.home, session.use_cases)
    for finding in findings:
        mark = "[green]✓[/green]" if finding.good else "[red]✗[/red]"
        table.add_row(mark, finding.what, finding.found, "" if finding.good else f"→ {finding.cure}")
    console.print(table)
    if not all(f.good for f in findings):
        raise typer.Exit(1)


@app.command()
def init(folder: Annotated[Path, typer.Argument(help="A new folder for your use case.")]) -> None:
    """Write a commented starter for your own use case and register it."""
    from genaiops_assets.use_case_file import UseCaseError, register, write_starter

    session = Session()
    try:
        files = write_starter(folder)
    except (UseCaseError, FileExistsError) as error:
        stop(str(error))
    register(session.home, str(folder.absolute()))
    for file in files:
        console.print(f"  {file}", highlight=False)
    done(f"edit {folder / 'use_case.yaml'}, then: genaiops status --use-case NAME")


def main() -> None:
    app()


if __name__ == "__main__":
    main()

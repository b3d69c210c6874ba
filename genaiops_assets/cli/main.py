"""`genaiops …`: the platform from the command line.

Belongs here: the list of commands, and that only the module of the one that is typed is imported. Does not belong
here: any one command (the other modules of this room)."""

from __future__ import annotations

import functools
import importlib
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import typer

TITLE = "Every lifecycle artifact of a generative model as a Dagster asset."
# group → command → (module of this room, function, what it does: the beginning of the function's docstring)
COMMANDS: dict[str, dict[str, tuple[str, str, str]]] = {
    "Run": {
        "demo": ("life", "demo", "Run the whole life of a packaged example"),
        "init": ("life", "init", "Write a commented starter for your own use case"),
        "run": ("life", "run", "Run the whole life of a use case, yours or a packaged one"),
        "ingest": ("life", "ingest", "Put documents into the inbox"),
        "up": ("up", "up", "Start the Dagster UI and the daemon"),
        "migrate-storage": ("storage", "migrate_storage", "Move Dagster's history of this home into Postgres"),
        "prune-events": ("storage", "prune_events", "Delete what only helped to follow old runs"),
        "upgrade": ("upgrade", "upgrade", "Upgrade a home made by an earlier version"),
    },
    "Look": {
        "status": ("status", "status", "What stands where: every asset with its checks"),
        "coverage": ("coverage", "coverage", "What the life of the model owes"),
        "compare": ("compare", "compare", "Two model versions side by side"),
        "diff": ("diff", "diff", "What changed between the documents of two model versions"),
        "export": ("export", "export", "Export a model version"),
        "import-results": ("results", "import_results", "Check results of another harness"),
        "drift": ("drift", "drift", "What moved in a day's questions"),
        "report": ("report", "report", "Open the evaluation report of a model version"),
        "dossier": ("dossier", "dossier", "Write the release dossier of a model version"),
        "show": ("show", "show_app", "A release decision, gate by gate"),
        "tasks": ("tasks", "tasks", "What people have to do, who, and until when"),
        "trace": ("corpus", "trace", "The life of a document or an answer"),
        "find": ("find", "find", "Find what was written and decided"),
        "ledger": ("ledger", "ledger", "Find earlier runs, failures and decisions by words"),
        "recipe": ("corpus", "recipe_app", "Look into a Data-Juicer recipe"),
        "detect": ("detect", "detect", "Tell whether a machine of ours wrote a text"),
        "anchor": ("anchor", "anchor", "Note the ledger's head outside the home"),
        "verify": ("verify", "verify", "Check the ledger's chain and every published byte"),
        "doctor": ("doctor", "doctor", "Versions, cores, memory, disk, ports"),
    },
    "Operate": {
        "backup": ("operations", "backup", "Copy the home into one file"),
        "restore": ("operations", "restore", "Make a home from a backup"),
        "gc": ("operations", "gc", "Show what nothing refers to any more, and remove it"),
    },
    "Decide": {
        "approve": ("decisions", "approve", "Approve a model version, as a named approver"),
        "reject": ("decisions", "reject", "Reject a model version, as a named approver"),
        "promote": ("decisions", "promote", "Release an approved model version"),
        "rollback": ("decisions", "rollback", "Go back to an earlier release"),
        "revoke": ("decisions", "revoke", "Take a model version out for good"),
        "keys": ("keys", "keys_app", "Keys of people and of the platform"),
        "rollout": ("rollout", "rollout_app", "A candidate beside the released version: shadow, canary"),
        "rehearse-rollback": ("rehearsal", "rehearse_rollback", "Rehearse a rollback"),
        "accept-failure": ("failures", "accept_failure", "Turn a failure of the red team into a preference pair"),
        "close-task": ("tasks", "close_task", "Close an open task by hand"),
        "rescope": ("tasks", "rescope", "Decide on a wider use, as an owner or approver"),
        "ask-for-data": ("tasks", "ask_for_data", "Ask for documents or pairs that a task says are missing"),
        "incident": ("incident", "incident_app", "Incidents: what went wrong, who has to be told, until when"),
        "code": ("up", "code", "Make a one-time code for a form of the UI"),
        "erase": ("erasure", "erase", "Erase documents and all that derives from them"),
        "readmit": ("erasure", "readmit", "Let something else come in under an id that was erased once"),
    },
    "Ask": {
        "ask": ("interactions", "ask", "Answer a question with the production (or newest) model"),
        "reason": ("reason", "reason", "Say whether a statement follows from a policy's rules"),
        "replay": ("interactions", "replay", "Ask the questions of a file and log them"),
        "import": ("interactions", "import_log", "Take the questions and answers of another system into the log"),
        "interactions": ("interactions", "interactions", "Print a day's interactions"),
        "import-guardrails": ("import_guardrails", "import_guardrails", "Read NeMo's or guardrails-ai's rules as ours"),
        "serve": ("serve", "serve", "Answer over HTTP, as OpenAI's chat API"),
        "stop-serving": ("stop_serving", "stop_serving", "Stop all that answers"),
        "serve-key": ("serve_key", "serve_key", "Keys that open the gateway"),
        "label": ("label", "label", "Rate answers on a local page"),
    },
}
PLACES = {name: place for group in COMMANDS.values() for name, place in group.items()}


def main() -> None:
    """The help comes from the list alone; a command brings its own module and no other."""
    typed = sys.argv[1:]
    if typed in ([], ["--help"]):
        sys.stdout.write(overview())
        raise SystemExit(0 if typed else 2)
    chosen = next((word for word in typed if not word.startswith("-")), "")
    application([chosen] if chosen in PLACES else PLACES)()


def overview() -> str:
    """All commands by what they are for, as `genaiops --help` prints them."""
    width = max(map(len, PLACES)) + 2
    lines = ["Usage: genaiops [OPTIONS] COMMAND [ARGS]...", "", TITLE]
    for group, commands in COMMANDS.items():
        lines += ["", f"{group}:", *(f"  {name:<{width}}{text}" for name, (_, _, text) in commands.items())]
    return "\n".join([*lines, "", "genaiops COMMAND --help says more about one of them.", ""])


def application(names: Iterable[str]) -> typer.Typer:
    """A Typer app with these commands."""
    import typer

    app = typer.Typer(
        help=TITLE,
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode="markdown",
        pretty_exceptions_show_locals=False,  # they may hold what a person typed or a source's password
    )
    app.callback()(lambda: None)  # an app of one command would not want its name
    for name in names:
        module, function, _ = PLACES[name]
        found = getattr(importlib.import_module(f"genaiops_assets.cli.{module}"), function)
        if isinstance(found, typer.Typer):
            for command in found.registered_commands:
                command.callback = explained(command.callback)
            app.add_typer(found, name=name)
        else:
            app.command(name)(explained(found))
    return app


def explained(command: Any) -> Callable[..., Any]:
    """The command, ended by what a person can act on with its message alone. Anything else is a fault of ours and
    keeps its traceback."""

    @functools.wraps(command)
    def guarded(*arguments: Any, **options: Any) -> Any:
        from genaiops_assets.errors import GenaiopsError

        try:
            return command(*arguments, **options)
        except GenaiopsError as error:
            from genaiops_assets.cli.terminal import stop

            stop(str(error))

    return guarded


def __getattr__(name: str) -> Any:
    """`app`: all commands, for those that want the whole."""
    if name == "app":
        return application(PLACES)
    raise AttributeError(name)

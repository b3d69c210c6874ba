"""`genaiops import-results`: results of another harness, looked at before a use case names them.

Belongs here: the command. Does not belong here: reading (`evaluation/imported`). It writes nothing: what a version is
judged by stands in the use case file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from genaiops_assets.cli.terminal import done, note, say, stop, table


def import_results(
    file: Annotated[Path, typer.Argument(help="results_….json, an Inspect log in JSON, or garak's report.jsonl")],
    suite: Annotated[str, typer.Option("--suite", help="The name below /suites in the report.")],
    version: Annotated[str, typer.Option("--version", help="The model version that was tested, mv-…")],
    form: Annotated[str, typer.Option("--format", help="lm_eval, inspect or garak; told from the file's name.")] = "",
    samples: Annotated[list[Path] | None, typer.Option("--samples", help="Of lm_eval: its samples_….jsonl.")] = None,
) -> None:
    """Check results of another harness, and print the lines that make them a suite of the report."""
    import yaml

    from genaiops_assets.evaluation import Measure, as_suite, read_results
    from genaiops_assets.use_case import CONFIDENCE, ImportedResults

    stated = {
        "name": suite,
        "ref": f"path:{file}",
        "format": form or format_of(file),
        **({"samples": [f"path:{path}" for path in samples]} if samples else {}),
        "model_version": version,
    }
    try:
        checked = ImportedResults.model_validate(stated)
    except ValueError as error:
        stop(str(error))
    found = read_results(checked.format, file, samples or [])
    section, _ = as_suite(suite, found, Measure(2000, CONFIDENCE, 0))
    rows = [
        (f"/suites/{suite}/cells/all/{metric}/all", f"{v['mean']:.3f} [{v['low']:.3f}, {v['high']:.3f}]", str(v["n"]))
        for metric, parts in section["cells"]["all"].items()
        if (v := parts["all"])["low"] is not None
    ]
    done(f"{found.tool} {found.tool_version}: {section['items']} items")
    table("", ("metric", "mean", "items"), rows, right=("items",))
    for metric, why in found.left_out.items():
        note(f"{metric} is left out: {why}")
    say("Nothing was written. In the use case file, with paths relative to it:")
    say(yaml.safe_dump({"evaluation": {"imported": [stated]}}, sort_keys=False, allow_unicode=True))


def format_of(file: Path) -> str:
    """Told from the name that each harness gives its files."""
    if file.name.endswith(".report.jsonl"):
        return "garak"
    return "lm_eval" if file.name.startswith("results_") else "inspect"

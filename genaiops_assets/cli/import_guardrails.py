"""Command `import-guardrails`: rules of NeMo Guardrails or guardrails-ai as ours, with what does not map.

Belongs here: what is printed. Does not belong here: reading the files (`serving/guardrails/importing.py`)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from genaiops_assets.cli.terminal import clean


def import_guardrails(
    file: Annotated[
        Path, typer.Argument(help="config.yml of NeMo Guardrails; a guard of guardrails-ai as JSON, YAML or .rail")
    ],
) -> None:
    """Read NeMo's or guardrails-ai's rules as ours: print the section `serving` that does the same, and beside it, on
    standard error, each line that is not the same here or does not map. Ends with 1 where a line does not map."""
    from genaiops_assets.errors import Unusable
    from genaiops_assets.serving import imported_guardrails

    if not file.is_file():
        raise Unusable(f"{file} is no file")
    found = imported_guardrails(file)
    typer.echo(found.to_yaml(), nl=False)
    for line, said in found.notes:
        typer.echo(clean(f"line {line}: {said}"), err=True)
    for line, said in found.unmapped:
        typer.echo(clean(f"does not map, line {line}: {said}"), err=True)
    if found.unmapped:
        raise typer.Exit(1)

"""`genaiops export`: a model version, as published, in the files of other tools.

Belongs here: the command. Does not belong here: trackers (`alignment/exporters/`), forms of evaluations
(`governance/evaluation_exports/`) and of the whole version (`governance/machine_forms/`)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from genaiops_assets.cli.session import Session, UseCaseOption
from genaiops_assets.cli.terminal import done

PDF = "pdf"  # no exporter of others: documents as they are filed


def export(
    version: Annotated[str, typer.Argument(help="A model version, mv-…")],
    to: Annotated[
        str,
        typer.Option(
            "--to",
            help="A training: mlflow, wandb. An evaluation: every-eval-ever, eval-results (Hugging Face), inspect. "
            "The version with its lineage: cyclonedx, spdx, openlineage, oscal, in-toto, prov. What people file: "
            "pdf. Or an exporter of another distribution.",
        ),
    ],
    into: Annotated[Path, typer.Option("--into", "-o", help="A folder; it is made where it is not there.")],
    use_case: UseCaseOption = None,
) -> None:
    """Export a model version: its training to an experiment tracker's local store, its evaluation to a form that
    others read, or itself with its lineage, gates and decisions as a BOM, events, assessments or attestations. Nothing
    leaves the machine, and no text of a document, question or answer leaves the home."""
    session = Session(reads=True)
    uc = session.use_case(use_case)
    name = exported(session.lake, uc, version, to, into)
    done(f"{version} is exported to {to} as {name} in {into}")


def exported(lake: Any, uc: Any, version: str, to: str, into: Path) -> str:
    """By an exporter of evaluations or a machine form where there is one of that name, else of trainings. Raises
    PluginError."""
    from genaiops_assets.governance.evaluation_exports import EVALUATION_EXPORTERS, judged_version
    from genaiops_assets.governance.machine_forms import MACHINE_FORMS, export_form, record_of

    if to == PDF:
        from genaiops_assets.governance.documents import file_as_pdf

        return f"{len(file_as_pdf(lake, uc, version, into))} files"
    if to in EVALUATION_EXPORTERS.names():
        return str(EVALUATION_EXPORTERS.get(to).export(judged_version(lake, uc, version), into))
    if to in MACHINE_FORMS.names():
        return export_form(to, record_of(lake, uc, version), into)
    from genaiops_assets.alignment import exporter_of, tracked_run
    from genaiops_assets.plugins import PluginError

    try:
        exporter = exporter_of(to)
    except PluginError as error:
        others = f"of evaluations: {', '.join(EVALUATION_EXPORTERS.names())}; forms: {', '.join(MACHINE_FORMS.names())}"
        raise PluginError(f"{error}; {others}") from None
    return exporter.export(tracked_run(lake, uc, version), into)

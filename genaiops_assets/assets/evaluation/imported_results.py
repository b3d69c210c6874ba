"""Results of other harnesses that a use case names, as an evaluation takes them.

Belongs here: finding their files, and which are of a version. Does not belong here: reading them
(`evaluation/imported`)."""

from __future__ import annotations

from pathlib import Path

from genaiops_assets.evaluation import EvaluationPlan, ImportedFiles
from genaiops_assets.lake import Lake, digest_of, digest_of_file
from genaiops_assets.orchestration.gates import refusal
from genaiops_assets.use_case import UseCase


def imported_of(lake: Lake, uc: UseCase, version: str) -> list[ImportedFiles]:
    """Those that say they are of this version. Raises UnresolvedReference."""
    found = []
    for stated in uc.evaluation.imported:
        if stated.model_version == version:
            path, *samples = (Path(lake.resolve(ref, uc.folder).path) for ref in (stated.ref, *stated.samples))
            found.append(
                ImportedFiles(
                    name=stated.name,
                    format=stated.format,
                    path=str(path),
                    samples=[str(sample) for sample in samples],
                    digests={file.name: digest_of_file(file) for file in (path, *samples)},
                )
            )
    return found


def digests_of(imported: list[ImportedFiles]) -> dict[str, str]:
    """Name → digest of the format and all files."""
    return {one.name: digest_of([one.format, one.digests]) for one in imported}


def results_as_planned(
    lake: Lake, uc: UseCase, judged_by: EvaluationPlan
) -> tuple[list[ImportedFiles], dict[str, str]]:
    """The files, and their digests as inputs of the report. Raises dg.Failure where they are not those that the plan
    names."""
    found = imported_of(lake, uc, judged_by.model_version)
    now = digests_of(found)
    changed = sorted(n for n in {*judged_by.imported, *now} if judged_by.imported.get(n) != now.get(n))
    if changed:
        raise refusal(
            f"the imported results {', '.join(changed)} are not what the evaluation plan of {judged_by.model_version} "
            "names: materialize evaluation_plan again (job judge)"
        )
    return found, {f"imported {name}": digest for name, digest in now.items()}

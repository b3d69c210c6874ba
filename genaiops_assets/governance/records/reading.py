"""Reading the records of a use case: one YAML file a record in `records/` beside the use case file.

Belongs here: from files to records, or to messages that name file, line and field. Does not belong here: what the
fields mean (`schema.py`), time (`due.py`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from genaiops_assets.governance.records.kinds import KINDS
from genaiops_assets.governance.records.schema import Record
from genaiops_assets.governance.records.signatures import signature_problem
from genaiops_assets.use_case import UseCase, UseCaseError, UseCaseProblem, read_document

SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True)
class Records:
    """What was found: usable records, whether each is signed, and what is wrong with the others, one line each."""

    records: list[Record] = field(default_factory=list)
    signed: dict[str, bool] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def records_folder(uc: UseCase) -> Path:
    return uc.path("records")


def read_records(uc: UseCase) -> Records:
    """All records in the order of their file names; one that cannot be used hides none of the others."""
    found, folder = Records(), records_folder(uc)
    if not folder.is_dir():
        return found
    for file in sorted(p for p in folder.iterdir() if p.suffix.lower() in SUFFIXES):
        if file.is_symlink():
            found.problems.append(f"{file}: is a link; put the file itself here")
            continue
        try:
            record = read_record(file)
        except UseCaseError as error:
            found.problems.extend(str(problem) for problem in error.problems)
            continue
        if record.id in found.signed:
            found.problems.append(f"{file}: id: {record.id} is taken by another record; give this one its own")
        elif problem := signature_problem(uc, record.author, file):
            found.problems.append(f"{file}: {problem}")
        else:
            found.records.append(record)
            found.signed[record.id] = file.with_name(file.name + ".sig").exists()
    known = {record.id for record in found.records}
    for record in found.records:
        lost = sorted(set(record.about) - known)
        found.problems.extend(f"{folder}: {record.id} is about {name}, which is no record here" for name in lost)
    return found


def read_record(file: Path) -> Record:
    """One record. Raises UseCaseError with every mistake in the file."""
    document = read_document(file)
    kind = document.data.get("kind")
    if kind not in KINDS:
        message = f"expected one of {', '.join(KINDS)}, found {kind!r}"
        raise UseCaseError([document.problem("kind", message)])
    try:
        return KINDS[kind].model_validate(document.data)
    except ValidationError as error:
        raise UseCaseError(_problem(document, item) for item in error.errors()) from None


def _problem(document: object, item: object) -> UseCaseProblem:
    place = ".".join(str(part) for part in item["loc"])  # type: ignore[index]
    missing = item["type"] == "missing"  # type: ignore[index]
    message = "this field is required" if missing else str(item["msg"])  # type: ignore[index]
    return document.problem(place, message)  # type: ignore[attr-defined]

"""Sections of documents that only people can write, read from `dossier/DOCUMENT.yaml` in the use case folder.

Belongs here: the form of such a file, and each section as a person's words or a named gap. Does not belong here: which
sections a document has, records of single events (`governance/records`), scoping documents (`governance/risk`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from genaiops_assets.evidence import person_text
from genaiops_assets.use_case import UseCase, UseCaseError, read_document

FOLDER = "dossier"


class Section(BaseModel):
    """A text and who answers for it. One that a model drafted counts as empty until a person signs it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str = ""
    author: str = ""
    written_on: date | None = None
    drafted_by_model: str = Field(default="", description="the model that wrote the draft; empty: a person wrote it")
    signed_by: str = ""
    signed_on: date | None = None

    @model_validator(mode="after")
    def a_signature_has_a_day(self) -> Section:
        if bool(self.signed_by) != bool(self.signed_on):
            raise ValueError("signed_by and signed_on belong together")
        return self

    @property
    def is_a_draft(self) -> bool:
        return bool(self.drafted_by_model) and not self.signed_by


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    sections: dict[str, Section] = Field(default_factory=dict)


def file_of(document: str) -> str:
    return f"{FOLDER}/{document}.yaml"


def read_sections(uc: UseCase, document: str, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The sections `names` of a document, each {"text", "author", "written_on"} (and "drafted_by_model", "signed_by",
    "signed_on" where a model drafted it) or {"gap": True, "name"}.

    Raises UseCaseError naming file, line and field: a file that cannot be read, and a section the document does not
    have."""
    file = uc.path(file_of(document))
    if not file.exists():
        return {name: _gap(document, name) for name in names}
    read = read_document(file)
    try:
        written = _File.model_validate(read.data or {}).sections
    except ValidationError as error:
        raise UseCaseError(
            read.problem(".".join(map(str, item["loc"])), str(item["msg"])) for item in error.errors()
        ) from None
    unknown = sorted(set(written) - set(names))
    if unknown:
        says = f"{document} has no section of this name; it has {', '.join(names)}"
        raise UseCaseError([read.problem(f"sections.{name}", says) for name in unknown])
    return {name: _section(document, name, written.get(name, Section())) for name in names}


def _section(document: str, name: str, section: Section) -> dict[str, Any]:
    if section.is_a_draft:
        return {**_gap(document, name), "drafted_by_model": section.drafted_by_model}
    said = person_text(section.text, _gap(document, name)["name"])
    if "gap" in said:
        return said
    stated = section.model_dump(mode="json", exclude={"text"}, exclude_defaults=True)
    return {**said, "author": "", **stated}


def _gap(document: str, name: str) -> dict[str, Any]:
    return {"gap": True, "name": f"{file_of(document)}: {name}"}

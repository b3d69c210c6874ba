"""The recipe: a standard Data-Juicer YAML as a list of operators.

Belongs here: reading and naming it. Does not belong here: running it (`filtering.py` decides, the payload brings
Data-Juicer)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genaiops_assets.corpus.operators.allowed import field_problem, why_not
from genaiops_assets.corpus.schemas import DOCUMENTS
from genaiops_assets.errors import GenaiopsError
from genaiops_assets.lake import digest_of_file, digest_of_folder
from genaiops_assets.use_case import UseCaseError, read_document

if TYPE_CHECKING:
    from genaiops_assets.use_case import Document

# Settings of Data-Juicer's own runner that would change what operators do or what code runs; others are left to it.
REFUSED_SETTINGS = {
    "text_keys": "the operators of a corpus recipe work on the text of a document; name its column in `fields` of the "
    "source",
    "custom_operator_paths": "a recipe may load no code",
    "custom-operator-paths": "a recipe may load no code",
}


# What an operator may look at of a document, and where Data-Juicer looks for the suffix of its file.
SUFFIX = "__dj__suffix__"
COLUMNS = (*DOCUMENTS.names, SUFFIX)


class RecipeError(GenaiopsError, ValueError):
    """A recipe that cannot be read; the message names file and step."""


@dataclass(frozen=True)
class Operator:
    name: str
    params: dict[str, Any]
    visible: dict[str, Any] | None = None  # what people see of the parameters, where that is less

    @property
    def kind(self) -> str:
        """mapper, filter or deduplicator, by Data-Juicer's naming rule."""
        return self.name.rsplit("_", 1)[-1]

    @property
    def threshold(self) -> str:
        return json.dumps(self.params if self.visible is None else self.visible, sort_keys=True, ensure_ascii=False)


def load_recipe(path: Path) -> list[Operator]:
    """The operators of a recipe in order. Raises RecipeError, with file, line and step, for what is not YAML as a use
    case file is, for an operator that is not on the allow-list, and for a parameter it does not have or of another
    type."""
    document = _document(path)
    for name, why in REFUSED_SETTINGS.items():
        if document.data.get(name) not in (None, "text", ["text"], []):
            raise RecipeError(f"{path}:{_line(document, name)}: {name}: {why}")
    steps = document.data.get("process")
    if not isinstance(steps, list) or not steps:
        raise RecipeError(f"{path}:{_line(document, 'process')}: expected a list of operators under `process:`")
    return [_operator(document, number, step) for number, step in enumerate(steps, start=1)]


def _document(path: Path) -> Document:
    """The file with the limits of a use case file: each field once, no aliases, UTF-8."""
    try:
        return read_document(path)
    except UseCaseError as error:
        problems = [f"{p.file}:{p.line}: {_field(p.field)}{p.message}" for p in error.problems]
        raise RecipeError("\n".join(problems)) from error


def _field(name: str) -> str:
    return "" if name == "use case" else f"{name}: "


def _line(document: Document, name: str) -> int:
    return document.places.get(document.written_part(name), (1, ""))[0]


def _operator(document: Document, number: int, step: Any) -> Operator:
    where = f"{document.file}:{_line(document, f'process.{number - 1}')}: process step {number}"
    if isinstance(step, str):
        step = {step: None}
    if not isinstance(step, dict) or len(step) != 1:
        raise RecipeError(f"{where}: expected one operator name with its parameters")
    name, params = next(iter(step.items()))
    if params is not None and not isinstance(params, dict):
        raise RecipeError(f"{where}: parameters of {name} must be a mapping")
    problem = why_not(str(name), params or {}, document.file.resolve().parent)
    if problem := problem or field_problem(str(name), params or {}, COLUMNS):
        raise RecipeError(f"{where}: {problem}")
    return Operator(name, params or {})


def contents(value: Any) -> Any:
    """A path as the digest of what it leads to; any other value as it is."""
    if not isinstance(value, str) or not Path(value).is_absolute() or not Path(value).exists():
        return value
    path = Path(value)
    return {"sha256": digest_of_folder(path) if path.is_dir() else digest_of_file(path)}

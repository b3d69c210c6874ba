"""From a use case file to a typed `UseCase`, or to messages a person can act on.

Belongs here: checking the file against the schema and the disk, mistakes in words, discovery, registration, the
starter folder. Does not belong here: the fields (`schema.py`), YAML and its line numbers (`yaml_file.py`),
anything that acts on the fields."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from genaiops_assets.use_case.gate_problems import gate_problems
from genaiops_assets.use_case.measures import close_name, nearest
from genaiops_assets.use_case.methods import setting_problems
from genaiops_assets.use_case.schema import SCHEMA_VERSION, UseCase
from genaiops_assets.use_case.yaml_file import Document, UseCaseError, UseCaseProblem, read_document

SET_BY_THE_LOADER = ("folder", "preset")
NOT_BY_PRESET = ("schema_version", "name", "title", "risk", "purpose", "people", "success_criteria", "presets")


@dataclass(frozen=True)
class BrokenUseCase:
    """A use case that does not load: shown as one red placeholder under `name`."""

    name: str
    path: Path
    error: str


# --- loading
# -----------------------------------------------------------------------------------------------------------


def load_use_case(path: Path, preset: str | None = None) -> UseCase:
    """Reads one use case (folder or file), with the overrides of a preset; raises `UseCaseError` with every mistake."""
    document = read_document(path)
    plain = _checked(document)
    if problems := _preset_problems(document, plain):
        raise UseCaseError(problems)
    variants = {name: _checked(document.with_preset(name)) for name in plain.presets}
    if preset is None:
        return plain
    if preset not in variants:
        raise UseCaseError([document.problem("presets", f"no preset '{preset}'", nearest(preset, variants))])
    return variants[preset].model_copy(update={"preset": preset})


def _checked(document: Document) -> UseCase:
    problems = _version_problems(document)
    if problems:
        raise UseCaseError(problems)
    try:
        use_case = UseCase.model_validate(document.data)
    except ValidationError as e:
        problems = _schema_problems(document, e)
    problems = _loader_field_problems(document) + problems
    if problems:
        raise UseCaseError(problems)
    use_case = use_case.model_copy(update={"folder": document.file.parent.resolve(), "preset": None})
    problems = _method_problems(document, use_case) + _missing_file_problems(document, use_case)
    problems += [document.problem(*found) for found in gate_problems(use_case)]
    if problems:
        raise UseCaseError(problems)
    return use_case


def _preset_problems(document: Document, use_case: UseCase) -> list[UseCaseProblem]:
    """A preset changes how much is done, never who decides, on what, or how dangerous it is."""
    hint = "change it in the file itself: a preset is for sizes and settings"
    return [
        document.problem(f"presets.{name}.{field}", "a preset may not change this", hint)
        for name, overrides in use_case.presets.items()
        for field in overrides
        if field in NOT_BY_PRESET
    ]


def _version_problems(document: Document) -> list[UseCaseProblem]:
    version = document.data.get("schema_version", SCHEMA_VERSION)
    if version == SCHEMA_VERSION:
        return []
    message = f"this release reads schema_version {SCHEMA_VERSION}, the file says {_found(version)}"
    return [
        document.problem("schema_version", message, "use the matching release, or rewrite the file from the starter")
    ]


def _loader_field_problems(document: Document) -> list[UseCaseProblem]:
    hint = "set when the file is loaded; leave it out"
    return [document.problem(name, "unknown field", hint) for name in SET_BY_THE_LOADER if name in document.data]


def _method_problems(document: Document, use_case: UseCase) -> list[UseCaseProblem]:
    return [
        document.problem(f"alignment.{field}", message, hint)
        for field, message, hint in setting_problems(use_case.alignment)
    ]


def _missing_file_problems(document: Document, use_case: UseCase) -> list[UseCaseProblem]:
    named = {"corpus.recipe": use_case.corpus.recipe, "evaluation.golden": use_case.evaluation.golden}
    referred = {f"sources.{i}.ref": s.ref for i, s in enumerate(use_case.sources)}
    referred |= {f"evaluation.retrieval_sets.{i}.ref": s.ref for i, s in enumerate(use_case.evaluation.retrieval_sets)}
    referred |= {f"evaluation.suite_items.{name}": ref for name, ref in use_case.evaluation.suite_items.items()}
    named |= {field: ref.removeprefix("path:") for field, ref in referred.items() if ref.startswith("path:")}
    return [
        document.problem(field, f"'{relative}' does not exist", "paths are relative to the use case file")
        for field, relative in named.items()
        if not use_case.path(relative).exists()
    ]


# --- mistakes in words
# -------------------------------------------------------------------------------------------------

EXPECTED = {
    "int": "a whole number",
    "float": "a number",
    "string": "text",
    "bool": "true or false",
    "list": "a list (lines that start with '- ')",
    "dict": "a mapping (indented 'name: value' lines)",
    "model": "a mapping (indented 'name: value' lines)",
}


def _schema_problems(document: Document, error: ValidationError) -> list[UseCaseProblem]:
    """One problem per field; what the options of a union each say is joined by 'or'."""
    problems: dict[str, UseCaseProblem] = {}
    for item in error.errors():
        name = ".".join(str(part) for part in item["loc"])
        message, hint = _in_words(item)
        problem = document.problem(name if item["type"] == "missing" else document.written_part(name), message, hint)
        earlier = problems.get(problem.field)
        problems[problem.field] = replace(earlier, message=f"{earlier.message}; or {message}") if earlier else problem
    return sorted(problems.values(), key=lambda p: p.line)


def _in_words(error: Any) -> tuple[str, str]:
    """Message and hint for one pydantic error."""
    place, kind, value = error["loc"], error["type"], error["input"]
    fields = _fields_at(place[:-1])
    hint = (fields[place[-1]].description or "") if place and place[-1] in fields else ""
    if kind == "missing":
        return "this field is required", hint
    if kind == "extra_forbidden":
        return "unknown field", nearest(place[-1], fields)
    if kind == "value_error":
        return str(error["ctx"]["error"]), hint
    if kind == "literal_error":
        expected = error["ctx"]["expected"]
        return f"expected {expected}, found {_found(value)}", close_name(
            value, re.findall(r"'([^']*)'", expected)
        ) or hint
    sort, _, what = kind.partition("_")
    if what in ("type", "parsing", "from_float") and sort in EXPECTED:
        quotes = "put it in quotes" if sort == "string" and isinstance(value, bool | int | float) else hint
        return f"expected {EXPECTED[sort]}, found {_found(value)}", quotes
    return f"{error['msg'].replace('Input', 'value')}, found {_found(value)}", hint


def _found(value: object) -> str:
    """A value as its writer knows it from the file."""
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    return repr(value) if len(repr(value)) <= 60 else f"{repr(value)[:57]}..."


def _fields_at(place: tuple[int | str, ...]) -> dict[int | str, FieldInfo]:
    """The fields the schema knows at a place; none where it holds free names."""
    model: type[BaseModel] | None = UseCase
    for part in place:
        if isinstance(part, str):
            known = model.model_fields if model else {}
            model = _model_in(known[part].annotation) if part in known else None
    return {name: f for name, f in model.model_fields.items() if name not in SET_BY_THE_LOADER} if model else {}


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((model for model in map(_model_in, get_args(annotation)) if model), None)

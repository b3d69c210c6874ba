"""From a use case file to a typed `UseCase`, or to messages a person can act on; and the list of use cases of a workspace.

Belongs here: checking the file against the schema and the disk, mistakes in words, discovery, registration, the starter
folder. Does not belong here: the fields (`use_case.py`), YAML and its line numbers (`use_case_yaml.py`), anything that acts
on the fields.
"""

from __future__ import annotations

import difflib
import os
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from genaiops_assets.use_case import BUILT_METHODS, SCHEMA_VERSION, UseCase
from genaiops_assets.use_case_yaml import FILE_NAME, Document, UseCaseError, UseCaseProblem, read_document

__all__ = ["BrokenUseCase", "UseCaseError", "UseCaseProblem", "discover", "load_entry", "load_use_case", "register", "write_starter"]

LIST_NAME = "use_cases.txt"
LIST_VARIABLE = "GENAIOPS_USE_CASES"
DEFAULT_ENTRIES = ("package:bank_support", "package:library_zh")
PACKAGED = Path(__file__).parent / "use_cases"
STARTER = PACKAGED / "_starter"
SET_BY_THE_LOADER = ("folder", "preset")


@dataclass(frozen=True)
class BrokenUseCase:
    """A use case that does not load: shown as one red placeholder under `name`."""

    name: str
    path: Path
    error: str


# --- loading -----------------------------------------------------------------------------------------------------------


def load_use_case(path: Path, preset: str | None = None) -> UseCase:
    """Reads one use case (folder or file), with the overrides of a preset; raises `UseCaseError` with every mistake."""
    document = read_document(path)
    plain = _checked(document)
    variants = {name: _checked(document.with_preset(name)) for name in plain.presets}
    if preset is None:
        return plain
    if preset not in variants:
        raise UseCaseError([document.problem("presets", f"no preset '{preset}'", _nearest(preset, variants))])
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
    problems = _not_built_problems(document, use_case) + _missing_file_problems(document, use_case)
    if problems:
        raise UseCaseError(problems)
    return use_case


def _version_problems(document: Document) -> list[UseCaseProblem]:
    version = document.data.get("schema_version", SCHEMA_VERSION)
    if version == SCHEMA_VERSION:
        return []
    message = f"this release reads schema_version {SCHEMA_VERSION}, the file says {_found(version)}"
    return [document.problem("schema_version", message, "use the matching release, or rewrite the file from the starter")]


def _loader_field_problems(document: Document) -> list[UseCaseProblem]:
    hint = "set when the file is loaded; leave it out"
    return [document.problem(name, "unknown field", hint) for name in SET_BY_THE_LOADER if name in document.data]


def _not_built_problems(document: Document, use_case: UseCase) -> list[UseCaseProblem]:
    problems, method = [], use_case.alignment.method
    if method not in BUILT_METHODS:
        message = f"method '{method}' is in the schema but not built yet; built: {', '.join(BUILT_METHODS)}"
        problems.append(document.problem("alignment.method", message))
    if use_case.alignment.external_checkpoint is not None:
        message = "bring a checkpoint tuned elsewhere: in the schema, not built yet"
        problems.append(document.problem("alignment.external_checkpoint", message, "leave the line out"))
    return problems


def _missing_file_problems(document: Document, use_case: UseCase) -> list[UseCaseProblem]:
    named = {"corpus.recipe": use_case.corpus.recipe, "evaluation.golden": use_case.evaluation.golden}
    referred = {f"sources.{i}.ref": s.ref for i, s in enumerate(use_case.sources)}
    referred |= {f"evaluation.retrieval_sets.{i}.ref": s.ref for i, s in enumerate(use_case.evaluation.retrieval_sets)}
    named |= {field: ref.removeprefix("path:") for field, ref in referred.items() if ref.startswith("path:")}
    return [
        document.problem(field, f"'{relative}' does not exist", "paths are relative to the use case file")
        for field, relative in named.items()
        if not use_case.path(relative).exists()
    ]


# --- mistakes in words -------------------------------------------------------------------------------------------------

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
        return "unknown field", _nearest(place[-1], fields)
    if kind == "value_error":
        return str(error["ctx"]["error"]), hint
    if kind == "literal_error":
        expected = error["ctx"]["expected"]
        return f"expected {expected}, found {_found(value)}", _close(value, re.findall(r"'([^']*)'", expected)) or hint
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


def _close(word: object, names: Iterable[object]) -> str:
    near = difflib.get_close_matches(str(word), map(str, names), n=1, cutoff=0.5)
    return f"did you mean '{near[0]}'?" if near else ""


def _nearest(word: object, names: Iterable[object]) -> str:
    known = [str(name) for name in names]
    return _close(word, known) or f"known here: {', '.join(known) or 'none'}"


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


# --- the use cases of a workspace --------------------------------------------------------------------------------------


def discover(home: Path) -> list[UseCase | BrokenUseCase]:
    """Every use case of the workspace in the order of its list; one that does not load never hides the others."""
    found: list[UseCase | BrokenUseCase] = []
    names: set[str] = set()
    for entry in _entries(home):
        use_case = load_entry(home, entry)
        if isinstance(use_case, UseCase) and use_case.name in names:
            message = f"{entry}: a use case named '{use_case.name}' is already loaded: give this one another name, or remove it"
            use_case = BrokenUseCase(_dagster_name(use_case.folder.name), use_case.folder, message)
        if isinstance(use_case, UseCase):
            names.add(use_case.name)
        found.append(use_case)
    return [case if isinstance(case, UseCase) else _with_free_name(case, names) for case in found]


def register(home: Path, entry: str) -> Path:
    """Adds an entry to the list, in place of an earlier one for the same folder; the first one is added to the default."""
    entry, file = entry.strip(), home / LIST_NAME
    if not entry or "\n" in entry:
        raise ValueError("an entry is one line: package:NAME[#preset] or FOLDER[#preset]")
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else list(DEFAULT_ENTRIES)
    target = _target(home, entry)[0]
    same = [i for i, line in enumerate(lines) if _entry_in(line) and _target(home, _entry_in(line))[0] == target]
    at = same[0] if same else len(lines)
    kept = [line for i, line in enumerate(lines) if i not in same]
    home.mkdir(parents=True, exist_ok=True)
    staged = file.with_suffix(f".{os.getpid()}.tmp")
    staged.write_text("\n".join([*kept[:at], entry, *kept[at:]]) + "\n", encoding="utf-8")
    os.replace(staged, file)
    return file


def write_starter(folder: Path) -> list[Path]:
    """Copies the starter into a folder; all of it, or nothing where a file would be overwritten."""
    copies = {source: folder / source.relative_to(STARTER) for source in sorted(STARTER.rglob("*")) if source.is_file()}
    taken = [str(copy) for copy in copies.values() if copy.exists()]
    if taken:
        raise FileExistsError(f"nothing written, these files exist already: {', '.join(taken)}")
    for source, copy in copies.items():
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
    return list(copies.values())


def _entries(home: Path) -> list[str]:
    listed = os.environ.get(LIST_VARIABLE, "").strip()
    file = home / LIST_NAME
    if listed:
        lines = _split_variable(listed)
    else:
        lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else list(DEFAULT_ENTRIES)
    return [entry for entry in map(_entry_in, lines) if entry]


def _split_variable(text: str) -> list[str]:
    """Splits at commas and path separators; the colon of `package:NAME` is no separator."""
    pieces: list[str] = []
    for piece in re.split(f"[,{re.escape(os.pathsep)}]", text):
        if pieces and pieces[-1].strip() == "package":
            pieces[-1] += f":{piece}"
        else:
            pieces.append(piece)
    return pieces


def _entry_in(line: str) -> str:
    """The entry of a line of the list without its comment; a preset's '#' has no space before it."""
    return re.split(r"(?:^|\s)#", line.strip(), maxsplit=1)[0].strip()


def _target(home: Path, entry: str) -> tuple[Path, str | None]:
    place, _, preset = entry.partition("#")
    if place.startswith("package:"):
        return PACKAGED / place.removeprefix("package:"), preset or None
    return (home.resolve().parent / Path(place).expanduser()).resolve(), preset or None


def load_entry(home: Path, entry: str) -> UseCase | BrokenUseCase:
    """What an entry of the list stands for, registered or not."""
    path, preset = _target(home, entry)
    packaged = sorted(p.parent.name for p in PACKAGED.glob(f"[!_]*/{FILE_NAME}"))
    if entry.startswith("package:") and path.name not in packaged:
        return BrokenUseCase(_dagster_name(path.name), path, f"{entry}: no packaged use case ({_nearest(path.name, packaged)})")
    try:
        return load_use_case(path, preset)
    except UseCaseError as e:
        folder = path.parent if path.suffix in (".yaml", ".yml") else path
        return BrokenUseCase(_dagster_name(folder.name), path, str(e))


def _dagster_name(text: str) -> str:
    name = re.sub(r"[^A-Za-z0-9_]", "_", text)
    return name if name.strip("_") else "use_case"


def _with_free_name(broken: BrokenUseCase, names: set[str]) -> BrokenUseCase:
    """The placeholder under a name that no other use case has."""
    candidates = (broken.name if n == 1 else f"{broken.name}_{n}" for n in range(1, len(names) + 2))
    name = next(candidate for candidate in candidates if candidate not in names)
    names.add(name)
    return replace(broken, name=name)

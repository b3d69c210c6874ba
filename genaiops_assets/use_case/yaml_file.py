"""YAML with line numbers: the use case file as plain data that knows where each field is written.

Belongs here: parsing, the place of every dotted field, presets as a merge of data, and the form of a mistake. Does not
belong here: what the fields mean (`schema.py`), or which values are right (`load.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from genaiops_assets.errors import GenaiopsError

FILE_NAME = "use_case.yaml"


@dataclass(frozen=True)
class UseCaseProblem:
    """One mistake, where it is and what to do about it."""

    file: Path
    line: int
    field: str
    message: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.field}: {self.message}" + (f" ({self.hint})" if self.hint else "")


class UseCaseError(GenaiopsError, ValueError):
    """All mistakes found in one use case file."""

    def __init__(self, problems: Iterable[UseCaseProblem]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(str(p) for p in self.problems))


@dataclass(frozen=True)
class Document:
    """Plain data; `places` holds for each dotted field its line and the name it has in the file."""

    file: Path
    data: dict[str, Any]
    places: dict[str, tuple[int, str]] = field(default_factory=dict)

    def with_preset(self, preset: str) -> Document:
        """The same file with the overrides of one preset; a mistake in them still points at the preset's line."""
        prefix = f"presets.{preset}."
        moved = {name.removeprefix(prefix): place for name, place in self.places.items() if name.startswith(prefix)}
        return replace(self, data=_merged(self.data, self.data["presets"][preset]), places=self.places | moved)

    def written_part(self, name: str) -> str:
        """The longest part of a dotted field that stands in the file."""
        while name and name not in self.places:
            name = name.rpartition(".")[0]
        return name

    def problem(self, name: str, message: str, hint: str = "") -> UseCaseProblem:
        part = self.written_part(name)
        line, written = self.places.get(part, (1, ""))
        place = (written + name[len(part) :]).removeprefix(".") or "use case"
        return UseCaseProblem(self.file, line, place, message, hint)


def read_document(path: Path) -> Document:
    """Reads a use case folder or file; raises `UseCaseError` where it is no YAML mapping with each field once."""
    file = path / FILE_NAME if path.is_dir() else path
    text = _text_of(file)
    root, data = _parsed(file, text)
    if not isinstance(data, dict):
        raise _stop(
            file,
            "expected 'name: value' lines" if text.strip() else "the file is empty",
            "start from the starter folder",
        )
    document = Document(file, data)
    repeated = [
        UseCaseProblem(file, line, name, "written twice", f"first on line {first}: keep one")
        for line, name, first in _note_places(root, "", document.places)
    ]
    if repeated:
        raise UseCaseError(repeated)
    return document


def _stop(file: Path, message: str, hint: str = "", line: int = 1) -> UseCaseError:
    return UseCaseError([UseCaseProblem(file, line, "use case", message, hint)])


def _text_of(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        raise _stop(file, "file not found", f"a use case is a folder with a {FILE_NAME}") from None
    except OSError as e:
        raise _stop(file, f"cannot be read: {e.strerror}") from e
    except UnicodeDecodeError as e:
        raise _stop(file, "is not UTF-8 text", "save it as UTF-8", e.object[: e.start].count(b"\n") + 1) from e


def _parsed(file: Path, text: str) -> tuple[yaml.Node | None, Any]:
    try:
        loader = _PlainYaml(text)  # read once: the scanner is the slow part
        node = loader.get_single_node()
        return node, None if node is None else loader.construct_document(node)
    except yaml.MarkedYAMLError as e:
        mark = e.problem_mark or e.context_mark
        said = ", ".join(part for part in (e.context, e.problem) if part)
        hint = (
            "indent with spaces, not tabs" if "'\\t'" in said else "check indentation, quotes and colons near this line"
        )
        raise _stop(file, f"is not valid YAML: {said}", hint, mark.line + 1 if mark else 1) from e
    except (yaml.YAMLError, ValueError) as e:
        raise _stop(file, f"is not valid YAML: {e}") from e
    except RecursionError:
        raise _stop(file, "is nested too deeply", "no field is deeper than a few levels") from None


class _PlainYaml(yaml.SafeLoader):
    """YAML as people read it: dates and names stay text, and every value stands where it is used."""

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            message = "aliases (*name) are not read here: write the value out"
            raise yaml.MarkedYAMLError(problem=message, problem_mark=self.peek_event().start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Names are text: YAML 1.1 reads the field `on` as the value true."""
        for key, _ in node.value:
            if key.tag == "tag:yaml.org,2002:bool":
                key.tag = "tag:yaml.org,2002:str"
        return super().construct_mapping(node, deep)


_PlainYaml.yaml_implicit_resolvers = {
    first: [rule for rule in rules if rule[0] != "tag:yaml.org,2002:timestamp"]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def _note_places(
    node: yaml.Node | None, parent: str, places: dict[str, tuple[int, str]]
) -> Iterator[tuple[int, str, int]]:
    """Notes the line of every field below a node; yields (line, field, first line) of the fields that are written
    twice."""
    seen: dict[str, int] = {}
    for name, marked, child in _children(node):
        dotted, line = f"{parent}.{name}".removeprefix("."), marked.start_mark.line + 1
        if name in seen:
            yield line, dotted, seen[name]
        seen.setdefault(name, line)
        places[dotted] = (line, dotted)
        yield from _note_places(child, dotted, places)


def _children(node: yaml.Node | None) -> list[tuple[str, yaml.Node, yaml.Node]]:
    """Name, the node whose line counts, and the value, of everything directly below a node."""
    if isinstance(node, yaml.MappingNode):
        return [(str(key.value), key, value) for key, value in node.value]
    if isinstance(node, yaml.SequenceNode):
        return [(str(i), item, item) for i, item in enumerate(node.value)]
    return []


def _merged(base: Any, override: Any) -> Any:
    """Mappings merge field by field; anything else, a list too, is replaced."""
    if not (isinstance(base, dict) and isinstance(override, dict)):
        return override
    return base | {key: _merged(base[key], value) if key in base else value for key, value in override.items()}

"""Labelled texts for the rules: the packaged ones, and those in files of a use case.

Belongs here: reading them. Does not belong here: measuring the rules on them (`measuring.py`). A line of a use case's
file is {rule, text, hold_back} and, where it has them, {language, passages, question}."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from genaiops_assets.errors import Unusable
from genaiops_assets.text import json_lines, language

PROBES = "probes.yaml"
HERE = "genaiops_assets.serving.guardrails"
PACKAGED = "packaged"


class Labelled(BaseModel):
    """`hold_back`: what the rule should do with the text; `source`: the file it stands in, or `packaged`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rule: str
    text: str
    hold_back: bool
    language: str = ""
    passages: list[str] = []
    question: str = ""
    source: str = PACKAGED


@cache
def packaged_texts() -> tuple[Labelled, ...]:
    """In the order of the file."""
    stated = yaml.safe_load(files(HERE).joinpath(PROBES).read_text("utf-8"))
    return tuple(
        Labelled(rule=rule, text=text, hold_back=label, language=one, passages=passages_of(part))
        for rule, languages in stated.items()
        for one, part in languages.items()
        for text, label in texts_of(part)
    )


def texts_of(part: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    if "hold_back_repeated" in part:
        text, times = part["hold_back_repeated"]
        yield text * times, True
    yield from ((str(text), True) for text in part.get("hold_back", ()))
    yield from ((str(text), False) for text in part["let_through"])


def passages_of(part: Mapping[str, Any]) -> list[str]:
    return [part["passage"]] if "passage" in part else []


def labelled_texts(files: Sequence[Path]) -> list[Labelled]:
    """The texts of JSONL files. Raises Unusable naming the file and line that is none."""
    return [one for file in files for one in _read(file)]


def labelled_files(paths: Sequence[Path]) -> list[Path]:
    """JSONL files, and those in folders. Raises Unusable where nothing is there."""
    return [file for path in paths for file in _jsonl_files(path)]


def _jsonl_files(path: Path) -> list[Path]:
    found = sorted(path.rglob("*.jsonl")) if path.is_dir() else [path]
    if not found or not all(file.is_file() for file in found):
        raise Unusable(f"{path}: there is no JSONL file with labelled texts (serving.guard_record.labelled)")
    return found


def _read(file: Path) -> Iterator[Labelled]:
    for line in json_lines(file.read_bytes()):
        if line.problem:
            raise Unusable(f"{file.name}, line {line.number}: {line.problem}")
        try:
            found = Labelled.model_validate({**line.row, "source": file.name})
        except ValidationError as error:
            first = error.errors()[0]
            place = ".".join(map(str, first["loc"])) or "line"
            raise Unusable(f"{file.name}, line {line.number}: {place}: {first['msg']}") from None
        yield found if found.language else found.model_copy(update={"language": language(found.text)})

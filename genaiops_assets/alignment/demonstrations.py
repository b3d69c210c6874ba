"""Demonstrations: how people answer a question, written for training; what nothing answers shows how to refuse.

Belongs here: reading the file of the use case folder, with errors that name file, line and field. Does not belong here:
the passages shown with a question and the model's own answer (payload `make_pairs`)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from genaiops_assets.errors import GenaiopsError
from genaiops_assets.evaluation import question_key
from genaiops_assets.privacy import redact
from genaiops_assets.text import JsonLine, json_lines
from genaiops_assets.use_case import UseCase

MASK = {"default": "mask"}


class DemonstrationError(GenaiopsError, ValueError):
    """A file of demonstrations that cannot be used; the message names file, line and field."""


@dataclass(frozen=True)
class Demonstration:
    """`documents`: where the answer stands; empty where nothing answers, and the answer says so."""

    id: str
    question: str
    answer: str
    documents: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "documents": list(self.documents)}


def read_demonstrations(uc: UseCase) -> list[Demonstration]:
    """All lines of `alignment.demonstrations`, personal data masked, in the order of their id; none where the use case
    names no file. Raises DemonstrationError, also where an id or a question stands twice."""
    if uc.alignment.demonstrations is None:
        return []
    path = uc.path(uc.alignment.demonstrations)
    try:
        raw = path.read_bytes()
        raw.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DemonstrationError(f"{path}: {error}") from error
    lines = list(json_lines(raw))
    found = [_demonstration(path, line) for line in lines]
    _refuse_copies(path, lines, found)
    return sorted(found, key=lambda one: one.id)


def _refuse_copies(path: Path, lines: list[JsonLine], found: list[Demonstration]) -> None:
    """Ids are compared whatever their case, questions as golden questions are."""
    for name, key in (("id", str.casefold), ("question", question_key)):
        first: dict[str, int] = {}
        for line, one in zip(lines, found, strict=True):
            if (before := first.setdefault(key(getattr(one, name)), line.number)) != line.number:
                raise DemonstrationError(f"{path}:{line.number}: {name}: the same as on line {before}")


def _demonstration(path: Path, line: JsonLine) -> Demonstration:
    if line.problem:
        also = " with id, question, answer and documents" if line.problem == "expected an object" else ""
        raise DemonstrationError(f"{path}:{line.number}: {line.problem}{also}")
    number, row = line.number, line.row
    for name in ("id", "question", "answer"):
        if not isinstance(row.get(name), str) or not row[name].strip():
            raise DemonstrationError(f"{path}:{number}: {name}: expected text")
    documents = row.get("documents")
    if not isinstance(documents, list) or not all(isinstance(d, str) and d for d in documents):
        raise DemonstrationError(f"{path}:{number}: documents: expected a list of document ids, empty for a refusal")
    question, answer = (masked.text.strip() for masked in redact([row["question"], row["answer"]], MASK))
    return Demonstration(row["id"], question, answer, tuple(documents))

"""The packaged sets that every use case is measured on: running text, and questions with four options.

Belongs here: reading `texts.yaml`, `choices.yaml` and `choices_more.yaml`.
Does not belong here: a model reading them (a payload)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from genaiops_assets.lake import digest_of

LANGUAGES = ("en", "zh")


@dataclass(frozen=True)
class Paragraph:
    """A running text of 60 to 120 words, in Chinese about 160 characters; `id` names its kind."""

    id: str
    text: str

    @property
    def bytes(self) -> int:
        return len(self.text.encode())


@dataclass(frozen=True)
class Choice:
    """A question with four options, the right one first; `about`: knowledge, arithmetic, language or reasoning."""

    id: str
    about: str
    question: str
    options: tuple[str, ...]


def packaged_languages(first: str) -> tuple[str, ...]:
    """Those of the packaged sets, the language of the use case before the others."""
    return tuple(sorted(LANGUAGES, key=lambda language: language != first))


def packaged_texts(language: str) -> list[Paragraph]:
    """In the order of the file. A line break within a Chinese text is no blank."""
    blank = "" if language == "zh" else " "
    return [Paragraph(kind, text.replace(" ", blank).strip()) for kind, text in _file("texts.yaml")[language].items()]


def packaged_choices(language: str) -> list[Choice]:
    """Those that say what tuning lost, in the order of the file."""
    return _choices("choices.yaml", language)


def all_choices(language: str) -> list[Choice]:
    """All there are, 120 of a language. What tuning lost keeps to the first ones, so that its figures go on
    comparing with earlier ones."""
    return [*_choices("choices.yaml", language), *_choices("choices_more.yaml", language, "more-")]


def _choices(name: str, language: str, mark: str = "") -> list[Choice]:
    return [
        Choice(f"{mark}{about}-{n}", about, question, tuple(options))
        for about, rows in _file(name)[language].items()
        for n, (question, *options) in enumerate(rows, 1)
    ]


def sets_digest() -> str:
    """Of both sets: figures of two reports compare where this is the same."""
    return digest_of([_file("texts.yaml"), _file("choices.yaml")])


@cache
def _file(name: str) -> dict[str, Any]:
    return yaml.safe_load(files("genaiops_assets.evaluation.losses").joinpath(name).read_text("utf-8"))

"""Prompts: the words put around a question. The same words are trained, evaluated and served.

Belongs here: their form, the packaged ones, a use case's own, and how they are joined. Does not belong here: a chat
template, which is the model's. What a model was trained with is in its plan: packaged prompts by `PROMPT_VERSION`, a
use case's own by their digest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from genaiops_assets.lake import digest_of
from genaiops_assets.use_case import Document, UseCase, UseCaseError, read_document

PROMPT_VERSION = "1"
OWN_FILE = "prompts.yaml"
AS_THEY_ARE = "as they are"  # the prompts of today, among variants
PASSAGE_CHARACTERS = 1200

Messages = list[dict[str, str]]


class Example(BaseModel):
    """One worked example that stands before the question."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    passage: str = Field(min_length=1)
    question: str = Field(min_length=1)
    answer: str = Field(min_length=1)


class Prompts(BaseModel):
    """All texts around a question, in one language. `context` names {passages} and {question}, `plain` {question}."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    system: str = Field(min_length=1)
    context: str
    plain: str
    example: Example | None
    further_examples: tuple[Example, ...] = Field(
        default=(), exclude_if=lambda stated: not stated, description="more worked examples, after the first"
    )
    refusal: str = Field(min_length=1, description="what to say when no passage holds the answer")
    passage_characters: int = Field(default=PASSAGE_CHARACTERS, gt=0, description="of a passage, the rest is cut off")

    @field_validator("context")
    @classmethod
    def context_names_both(cls, value: str) -> str:
        return names_exactly(value, {"passages", "question"})

    @field_validator("plain")
    @classmethod
    def plain_names_the_question(cls, value: str) -> str:
        return names_exactly(value, {"question"})

    @property
    def digest(self) -> str:
        return digest_of(self.model_dump(mode="json"))

    @property
    def version(self) -> str:
        """`PROMPT_VERSION` for the packaged prompts of a language, else the first digits of the digest."""
        packaged = any(self == packaged_prompts(language) for language in all_packaged())
        return PROMPT_VERSION if packaged else self.digest[:12]

    @property
    def examples(self) -> list[Example]:
        return [*([self.example] if self.example else []), *self.further_examples]

    def messages(self, question: str, passages: Sequence[str] = ()) -> Messages:
        """The conversation for one question, with passages (most relevant first) or without any, after the worked
        examples."""
        messages = [{"role": "system", "content": self.system}]
        for example in self.examples:
            passage = [example.passage] if passages else []
            messages += [
                {"role": "user", "content": self.asked(example.question, passage)},
                {"role": "assistant", "content": example.answer},
            ]
        return [*messages, {"role": "user", "content": self.asked(question, passages)}]

    def asked(self, question: str, passages: Sequence[str]) -> str:
        if not passages:
            return self.plain.format(question=question)
        joined = "\n\n".join(passage[: self.passage_characters] for passage in passages)
        return self.context.format(passages=joined, question=question)


def names_exactly(text: str, wanted: set[str]) -> str:
    """A template that names exactly these placeholders. Raises ValueError saying which are missing or unknown."""
    try:
        text.format(**dict.fromkeys(wanted, ""))
    except (KeyError, IndexError, ValueError) as error:
        raise ValueError(f"may name {{{'}, {'.join(sorted(wanted))}}} only: {error}") from None
    missing = sorted(name for name in wanted if f"{{{name}}}" not in text)
    if missing:
        raise ValueError(f"must name {{{'}, {'.join(missing)}}}")
    return text


def prompts_of(uc: UseCase) -> Prompts:
    """The prompts of a use case: the packaged ones of its language, with what its `prompts.yaml` says instead. Raises
    UseCaseError with file, line and field."""
    file = uc.path(OWN_FILE)
    packaged = packaged_prompts(uc.language)
    if not file.exists():
        return packaged
    document = read_document(file)
    return _with(packaged, document.data, document)


def prompt_variants_of(uc: UseCase) -> dict[str, Prompts]:
    """The variants that `evaluation.prompt_variants` names: name → the prompts of the use case with what the file says
    instead; none without a file. Raises UseCaseError with file, line and field."""
    if uc.evaluation.prompt_variants is None:
        return {}
    document = read_document(uc.path(uc.evaluation.prompt_variants))
    lost = [name for name, says in document.data.items() if not isinstance(says, dict) or name == AS_THEY_ARE]
    if lost:
        raise UseCaseError(
            document.problem(name, f"expected a mapping of prompts, under another name than {AS_THEY_ARE!r}")
            for name in lost
        )
    mine = prompts_of(uc)
    return {str(name): _with(mine, says, document, f"{name}.") for name, says in document.data.items()}


def _with(known: Prompts, says: Mapping[str, Any], document: Document, place: str = "") -> Prompts:
    """These prompts, with what a document says instead. Raises UseCaseError."""
    try:
        return Prompts.model_validate({**known.model_dump(), **says})
    except ValidationError as error:
        raise UseCaseError(
            document.problem(place + ".".join(map(str, item["loc"])), str(item["msg"])) for item in error.errors()
        ) from None


def prompt_fields(prompts: Prompts) -> dict[str, Any]:
    """Prompts as a plan or a payload's configuration carries them: the packaged ones by version alone."""
    own = prompts.version != PROMPT_VERSION
    return {"prompts": prompts.version, **({"prompt_texts": prompts.model_dump(mode="json")} if own else {})}


def prompts_in(section: Mapping[str, Any]) -> Prompts:
    """The prompts that a plan or a configuration carries, beside its `language`."""
    texts = section.get("prompt_texts")
    return Prompts.model_validate(texts) if texts else packaged_prompts(section["language"])


@cache
def packaged_prompts(language: str) -> Prompts:
    """The packaged prompts in "en" or "zh"."""
    return Prompts.model_validate(all_packaged()[language])


@cache
def all_packaged() -> dict[str, Any]:
    return yaml.safe_load(files("genaiops_assets.models").joinpath("packaged_prompts.yaml").read_text("utf-8"))


REFUSAL = {language: content["refusal"] for language, content in all_packaged().items()}


def messages(question: str, passages: Sequence[str], language: str) -> Messages:
    """The conversation for one question with the packaged prompts of a language."""
    return packaged_prompts(language).messages(question, passages)

"""Training methods as a use case file sees them: which there are, and which settings have an effect under each.

Belongs here: names, and what is wrong with a section `alignment` for the method it names. Does not belong here:
training (`alignment/methods/`), which stands above this room and is found by name."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple, Protocol

from pydantic import BaseModel, ValidationError

from genaiops_assets.plugins import PluginError, Registry
from genaiops_assets.use_case.training import Alignment

_ROOM = "genaiops_assets.alignment.methods"
METHODS = Registry(
    "training method",
    "genaiops.methods",
    {"dpo": f"{_ROOM}.dpo:Dpo", "sft": f"{_ROOM}.sft:Sft", "none": f"{_ROOM}.none:Untrained"},
)
# The pairs are made of pairs, demonstrations and seed.
WHATEVER_THE_METHOD = {"method", "external_checkpoint", "pairs", "demonstrations", "seed", "stability", "settings"}


class SettingProblem(NamedTuple):
    """What is wrong with one field below `alignment`, and the way out."""

    field: str
    message: str
    hint: str = ""


class NamedMethod(Protocol):
    """As much of a training method as a use case file and its documents need."""

    @property
    def settings(self) -> type[BaseModel]:
        """What the method reads of section `alignment`."""
        ...

    @property
    def relation(self) -> str | None:
        """How its checkpoint relates to the base model; None where it is the base model."""
        ...

    def problems(self, settings: Any) -> Iterable[SettingProblem]:
        """Settings that are accepted but have no effect, or cannot work."""
        ...


def settings_of(method: NamedMethod, section: Mapping[str, Any]) -> Any:
    """The method's own settings from a section `alignment` or a frozen training, both as plain JSON: fields that bear
    the same name, and what stands under `settings`. Raises pydantic.ValidationError."""
    return method.settings.model_validate({**section, **section.get("settings", {})})


def setting_problems(alignment: Alignment) -> list[SettingProblem]:
    """Why this section cannot be carried out as it is written: an unknown method, settings the method does not know,
    and settings that would be recorded without changing a weight."""
    try:
        method: NamedMethod = METHODS.get(alignment.method)
    except PluginError as error:
        return [SettingProblem("method", str(error), _nearest(alignment.method, METHODS.names()))]
    known = set(method.settings.model_fields)
    foreign = [n for n in alignment.settings if n not in known or n in Alignment.model_fields]
    if foreign:
        own = sorted(known - set(Alignment.model_fields))
        message = f"{alignment.method} has no setting of its own named '{foreign[0]}'"
        return [SettingProblem("settings", message, _nearest(foreign[0], own))]
    try:
        settings = settings_of(method, alignment.model_dump(mode="json"))
    except ValidationError as error:
        return [SettingProblem(_place(item["loc"]), item["msg"]) for item in error.errors()]
    return [*without_effect(alignment, known), *method.problems(settings)]


def without_effect(alignment: Alignment, known: Iterable[str]) -> Iterator[SettingProblem]:
    """Fields that differ from their default although the method uses none of that name."""
    for name in Alignment.model_fields:
        if name in WHATEVER_THE_METHOD or name in known:
            continue
        default = Alignment.model_fields[name].get_default()
        for field, value, usual in _differences(name, getattr(alignment, name), default):
            message = f"{value!r} has no effect under method {alignment.method}: nothing is trained by it"
            yield SettingProblem(field, message, f"leave the line out (the default is {usual!r})")


def _differences(field: str, value: Any, default: Any) -> Iterator[tuple[str, Any, Any]]:
    if not isinstance(value, BaseModel):
        if value != default:
            yield field, value, default
        return
    for name in type(value).model_fields:
        yield from _differences(f"{field}.{name}", getattr(value, name), getattr(default, name))


def _place(loc: tuple[int | str, ...]) -> str:
    """Where a method's setting stands in the file."""
    return ".".join(map(str, loc if loc and loc[0] in Alignment.model_fields else ("settings", *loc)))


def _nearest(word: str, names: list[str]) -> str:
    near = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    return f"did you mean '{near[0]}'?" if near else f"known here: {', '.join(names) or 'none'}"

"""Training methods as a use case file sees them: which there are, and which settings have an effect under each.

Belongs here: names, and what is wrong with a section `alignment` for the method it names. Does not belong here:
training (`alignment/methods/`), which stands above this room and is found by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol

from pydantic import BaseModel, ValidationError

from genaiops_assets.plugins import PluginError, Registry
from genaiops_assets.use_case.measures import nearest
from genaiops_assets.use_case.stages import POLICY, SettingProblem, chain_problems, stage_section
from genaiops_assets.use_case.training import Alignment

_ROOM = "genaiops_assets.alignment.methods"
METHODS = Registry(
    "training method",
    "genaiops.methods",
    {
        "dpo": f"{_ROOM}.dpo:Dpo",
        "sft": f"{_ROOM}.sft:Sft",
        "none": f"{_ROOM}.none:Untrained",
        "external": f"{_ROOM}.external:External",
        "kto": f"{_ROOM}.kto:Kto",
        "reward": f"{_ROOM}.reward:Reward",
        "grpo": f"{_ROOM}.grpo:Grpo",
        "rloo": f"{_ROOM}.rloo:Rloo",
        "distil": f"{_ROOM}.distil:Distil",
    },
)
# The pairs are made of pairs, demonstrations and seed.
WHATEVER_THE_METHOD = {
    "method",
    "preset",
    "stages",
    "pairs",
    "demonstrations",
    "noise",
    "judging",
    "seed",
    "held_out",
    "canaries",
    "stability",
    "settings",
}


class NamedMethod(Protocol):
    """As much of a training method as a use case file and its documents need."""

    @property
    def settings(self) -> type[BaseModel]:
        """What the method reads of section `alignment`."""
        ...

    @property
    def data(self) -> str:
        """What it reads of the pairs; "nothing" where nothing is trained here."""
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
    return _of_a_chain(alignment) if alignment.stages else _of_one(alignment)


def _of_one(alignment: Alignment) -> list[SettingProblem]:
    try:
        method: NamedMethod = METHODS.get(alignment.method)
    except PluginError as error:
        return [SettingProblem("method", str(error), nearest(alignment.method, METHODS.names()))]
    known = set(method.settings.model_fields)
    foreign = [n for n in alignment.settings if n not in known or n in Alignment.model_fields]
    if foreign:
        own = sorted(known - set(Alignment.model_fields))
        message = f"{alignment.method} has no setting of its own named '{foreign[0]}'"
        return [SettingProblem("settings", message, nearest(foreign[0], own))]
    try:
        settings = settings_of(method, alignment.model_dump(mode="json"))
    except ValidationError as error:
        return [SettingProblem(_place(item["loc"]), item["msg"]) for item in error.errors()]
    return [*without_effect(alignment, known), *_alone(alignment, method), *method.problems(settings)]


def _alone(alignment: Alignment, method: NamedMethod) -> Iterator[SettingProblem]:
    """Why a method cannot be the only stage."""
    if makes(method) != POLICY:
        message = f"{alignment.method} makes a model that scores answers, none that gives them"
        yield SettingProblem("method", message, f"write stages: [{alignment.method}, grpo]")
    elif wants_reward_model(method, alignment.model_dump(mode="json")):
        message = "the reward model is trained by a stage before, and there is none"
        yield SettingProblem("settings.rewards", message, f"write stages: [reward, {alignment.method}]")


def _of_a_chain(alignment: Alignment) -> list[SettingProblem]:
    """Each stage is judged as a training of its own, by what is said for all and what its entry says over it."""
    names = [stage.method for stage in alignment.stages]
    try:
        chain: list[NamedMethod] = [METHODS.get(name) for name in names]
    except PluginError as error:
        return [SettingProblem("stages", str(error), nearest(str(error).split("'")[1], METHODS.names()))]
    found = chain_problems(alignment, [makes(method) for method in chain])
    if found:
        return found
    known = [set(method.settings.model_fields) for method in chain]
    found += without_effect(alignment, set.union(*known))
    found += _reward_problems(alignment, chain)
    for n, (stage, method) in enumerate(zip(alignment.stages, chain, strict=True)):
        found += _of_a_stage(alignment, f"stages.{n}", stage.method, known[n], method)
    return found


def _of_a_stage(
    alignment: Alignment, place: str, name: str, known: set[str], method: NamedMethod
) -> Iterator[SettingProblem]:
    section = stage_section(alignment.model_dump(mode="json"), name)
    own = next(stage.settings for stage in alignment.stages if stage.method == name)
    for field in own:
        if field not in known:
            hint = nearest(field, sorted(known))
            yield SettingProblem(f"{place}.{name}.{field}", f"{name} has no setting named '{field}'", hint)
            return
    try:
        Alignment.model_validate({key: section[key] for key in section if key in Alignment.model_fields})
        settings = settings_of(method, section)
    except ValidationError as error:
        for item in error.errors():
            yield SettingProblem(f"{place}.{name}.{'.'.join(map(str, item['loc']))}", item["msg"])
        return
    for problem in method.problems(settings):
        field = problem.field.removeprefix("settings.")
        yield problem._replace(field=f"{place}.{name}.{field}" if field.split(".")[0] in own else problem.field)


def _reward_problems(alignment: Alignment, chain: list[NamedMethod]) -> Iterator[SettingProblem]:
    """A reward model that no later stage asks, and a stage that asks one nobody trained."""
    section, trained = alignment.model_dump(mode="json"), ""
    for stage, method in zip(alignment.stages, chain, strict=True):
        if makes(method) != POLICY:
            trained = stage.method
        elif wants_reward_model(method, stage_section(section, stage.method)):
            if not trained:
                message = f"{stage.method} asks a reward model, and no stage before it trains one"
                yield SettingProblem("stages", message, f"put reward before {stage.method}")
            trained = ""
    if trained:
        yield SettingProblem("stages", f"no later stage asks the model that {trained} trains", "leave it out")


def makes(method: Any) -> str:
    """What a stage of this method leaves: a model that answers, or one that scores answers."""
    return getattr(method, "makes", POLICY)


def wants_reward_model(method: Any, section: Mapping[str, Any]) -> bool:
    """Whether a stage asks the reward model of a stage before. Settings that cannot be read ask for nothing."""
    try:
        return bool(getattr(method, "needs_reward", lambda settings: False)(settings_of(method, section)))
    except ValidationError:
        return False


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

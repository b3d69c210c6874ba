"""Stages of a training as a use case file names them, and each stage's own section.

Belongs here: what a chain of stages is made of and what is wrong with one. Does not belong here: which settings a
method knows (`methods.py`), or training (`alignment/`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from genaiops_assets.use_case.training import Alignment

OF_THE_WHOLE = {"method", "stages", "external_checkpoint", "pairs", "demonstrations", "seed", "settings", "sft"}
POLICY, REWARD_MODEL = "policy", "reward_model"


class SettingProblem(NamedTuple):
    """What is wrong with one field below `alignment`, and the way out."""

    field: str
    message: str
    hint: str = ""


def stage_section(section: Mapping[str, Any], name: str) -> dict[str, Any]:
    """The section of one stage, as JSON: what is said for all stages, and over it what its entry says. A setting that
    bears the name of a field of section `alignment` stands there, any other under `settings`."""
    own = next(dict(stage["settings"]) for stage in section["stages"] if stage["method"] == name)
    shared = {key: value for key, value in section.items() if key not in ("stages", "settings", "sft")}
    fields = {key: own.pop(key) for key in list(own) if key in Alignment.model_fields and key not in OF_THE_WHOLE}
    return {**shared, **{key: _over(shared.get(key), value) for key, value in fields.items()}, "method": name} | (
        {"settings": own} if own else {}
    )


def _over(shared: Any, own: Any) -> Any:
    """A mapping (`lora`) is completed from what is said for all, anything else is replaced."""
    return {**shared, **own} if isinstance(shared, Mapping) and isinstance(own, Mapping) else own


def chain_problems(alignment: Alignment, makes: Sequence[str]) -> list[SettingProblem]:
    """What is wrong with the chain as such. `makes`: what each stage makes, in order."""
    names = [stage.method for stage in alignment.stages]
    found = []
    if names[-1] != alignment.method:
        message = f"the last stage is {names[-1]}, but alignment.method says {alignment.method}"
        found.append(SettingProblem("method", message, "leave alignment.method out: the last stage is the method"))
    for n, name in enumerate(names):
        if name in names[:n]:
            found.append(SettingProblem(f"stages.{n}", f"{name} comes twice", "each method at most once"))
    if "none" in names:
        found.append(SettingProblem("stages", "none is no stage: it trains nothing", "leave it out"))
    if makes[-1] != POLICY:
        message = f"{names[-1]} makes no model that answers, so it cannot come last"
        found.append(SettingProblem("stages", message, "add a stage that uses it, such as grpo"))
    for field in ("sft", "settings"):
        if getattr(alignment, field) != Alignment.model_fields[field].get_default(call_default_factory=True):
            message = f"{field} has no effect beside stages"
            found.append(SettingProblem(field, message, "write it under its stage, as in `- sft: {steps: 20}`"))
    return found

"""Methods by name.

Belongs here: the one way to a method, and what each may do otherwise: open its model, save its result. Does not belong
here: the list of ours (`use_case/methods.py`, so that a use case file can be checked without loading any of them)."""

from __future__ import annotations

from itertools import takewhile
from pathlib import Path
from typing import Any

from genaiops_assets.alignment.adapters import save_adapter
from genaiops_assets.alignment.methods.base import Method, Trained
from genaiops_assets.models import load_model
from genaiops_assets.plugins import PluginError
from genaiops_assets.use_case import (
    METHODS,
    POLICY,
    REWARD_MODEL,
    Rounding,
    UseCase,
    makes,
    settings_of,
    stage_section,
    wants_reward_model,
)

LAST = "aligned_checkpoint"  # asset of the last stage


def method_of(name: str) -> Method:
    """Raises PluginError where nothing of that name is installed, or what is installed is no training method."""
    found = METHODS.get(name)
    if not isinstance(found, Method):
        wanted = sorted(n for n in (*Method.__annotations__, "stages", "problems", "train") if not hasattr(found, n))
        raise PluginError(f"{name!r} is no training method: it lacks {', '.join(wanted)}")
    return found


def open_model(
    method: Method, directory: Path, *, dtype: str, load_in_4bit: Rounding, start: str | Path | None, seed: int
) -> Any:
    """The model a method trains: the base model, or the adapter of the stage before, to be trained further. What is no
    causal language model always begins at the base model."""
    own = getattr(method, "open", None)
    if own is not None:
        return own(directory, dtype=dtype, load_in_4bit=load_in_4bit, seed=seed)
    return load_model(directory, dtype=dtype, load_in_4bit=load_in_4bit, adapter=start, trainable=start is not None)


def save_trained(method: Method, trained: Trained, scratch: Path, out: Path) -> None:
    """Publish what a method made, as it does it; as an adapter where it does not say."""
    own = getattr(method, "save", None)
    if own is not None:
        own(trained, scratch, out)
    else:
        save_adapter(trained.model, scratch, out)


def stages_of(section: dict[str, Any]) -> tuple[str, ...]:
    """The methods a section `alignment`, or a frozen training, carries out one after the other."""
    if section.get("stages"):
        return tuple(stage["method"] for stage in section["stages"])
    method = method_of(section["method"])
    return method.stages(settings_of(method, section))


def stage_of(section: dict[str, Any], name: str) -> dict[str, Any]:
    """The section of one stage: as its entry under `stages` says, else as the section named like it does."""
    if section.get("stages"):
        return stage_section(section, name)
    return section if name == section["method"] else {**section, **section[name], "method": name}


def checkpoints_of(section: dict[str, Any]) -> dict[str, str]:
    """{stage: asset that it makes}, in order. The last one's is the version's checkpoint."""
    *before, last = stages_of(section)
    made = {name: f"{name}_checkpoint" if makes(method_of(name)) == POLICY else REWARD_MODEL for name in before}
    return {**made, last: LAST}


def inputs_of_stage(section: dict[str, Any], name: str) -> dict[str, str]:
    """What a stage takes of those before it: `start`, the stage whose model it trains further, and `reward`, the stage
    whose reward model it asks."""
    found: dict[str, str] = {}
    for stage in takewhile(lambda stage: stage != name, stages_of(section)):
        found["start" if makes(method_of(stage)) == POLICY else "reward"] = stage
    method = method_of(name)
    if makes(method) != POLICY or not wants_reward_model(method, stage_of(section, name)):
        found.pop("reward", None)
    if makes(method) != POLICY:
        found.pop("start", None)  # a reward model is trained from the base model
    return found


def files_of(section: dict[str, Any]) -> dict[str, str]:
    """{name: reference} of the files that a training takes beside base model and pairs: a checkpoint tuned elsewhere, a
    teacher."""
    found: dict[str, str] = {}
    for name in stages_of(section):
        method = method_of(name)
        if files := getattr(method, "files", None):
            found |= files(settings_of(method, stage_of(section, name)))
    return found


def section_of(uc: UseCase) -> dict[str, Any]:
    """Section `alignment` of a use case, as plain JSON."""
    return uc.alignment.model_dump(mode="json")

"""Methods by name.

Belongs here: the one way to a method, and what each may do otherwise: open its model, save its result. Does not belong
here: the list of ours (`use_case/methods.py`, so that a use case file can be checked without loading any of them)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from genaiops_assets.alignment.adapters import save_adapter
from genaiops_assets.alignment.methods.base import Method, Trained
from genaiops_assets.models import load_model
from genaiops_assets.plugins import PluginError
from genaiops_assets.use_case import METHODS, UseCase, settings_of


def method_of(name: str) -> Method:
    """Raises PluginError where nothing of that name is installed, or what is installed is no training method."""
    found = METHODS.get(name)
    if not isinstance(found, Method):
        wanted = sorted(n for n in (*Method.__annotations__, "stages", "problems", "train") if not hasattr(found, n))
        raise PluginError(f"{name!r} is no training method: it lacks {', '.join(wanted)}")
    return found


def open_model(
    method: Method, directory: Path, *, dtype: str, load_in_4bit: bool, start: str | Path | None, seed: int
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
    method = method_of(section["method"])
    return method.stages(settings_of(method, section))


def has_sft(uc: UseCase) -> bool:
    """Whether supervised fine-tuning comes before alignment."""
    return "sft" in stages_of(uc.alignment.model_dump(mode="json"))[:-1]

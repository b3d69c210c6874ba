"""Methods by name.

Belongs here: the one way to a method. Does not belong here: the list of ours (`use_case/methods.py`, so that a use case
file can be checked without loading any of them)."""

from __future__ import annotations

from typing import Any

from genaiops_assets.alignment.methods.base import Method
from genaiops_assets.plugins import PluginError
from genaiops_assets.use_case import METHODS, UseCase, settings_of


def method_of(name: str) -> Method:
    """Raises PluginError where nothing of that name is installed, or what is installed is no training method."""
    found = METHODS.get(name)
    if not isinstance(found, Method):
        wanted = sorted(n for n in (*Method.__annotations__, "stages", "problems", "train") if not hasattr(found, n))
        raise PluginError(f"{name!r} is no training method: it lacks {', '.join(wanted)}")
    return found


def stages_of(section: dict[str, Any]) -> tuple[str, ...]:
    """The methods a section `alignment`, or a frozen training, carries out one after the other."""
    method = method_of(section["method"])
    return method.stages(settings_of(method, section))


def has_sft(uc: UseCase) -> bool:
    """Whether supervised fine-tuning comes before alignment."""
    return "sft" in stages_of(uc.alignment.model_dump(mode="json"))[:-1]

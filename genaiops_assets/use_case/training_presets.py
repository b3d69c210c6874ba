"""Settings of a training by three names: `alignment.preset: smoke | small | full`.

Belongs here: sane values for each method and size of model, and how they get beneath what a file states. Does not
belong here: the presets of a use case (`presets:`, whole files in short), or what a method reads (`methods.py`).

What the file states goes before, so a preset is a starting point; what it fills in is written into the plan as if the
file had stated it. Learning rates are for LoRA and fall with the size of the model (QLoRA: 2e-4 up to 13B, 1e-4 above;
Dettmers et al. 2023, table 9); preferences and rewards are learned at a tenth of that and less, so that the model stays
near the one it began as (Rafailov et al. 2023, appendix B; Shao et al. 2024, section 4.2). No value here was tuned."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal, get_args

TrainingPreset = Literal["smoke", "small", "full"]
SIZE = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)([mb])(?![a-z0-9])", re.IGNORECASE)
SMALL, MIDDLE, LARGE = 0, 1, 2  # below one billion parameters, below thirteen, and above

RATES = {  # of a model that is small, middle, large
    "sft": (4e-4, 2e-4, 1e-4),
    "distil": (4e-4, 2e-4, 1e-4),
    "reward": (2e-4, 1e-4, 5e-5),
    "dpo": (5e-5, 2e-5, 1e-5),
    "kto": (5e-5, 2e-5, 1e-5),
    "grpo": (2e-5, 1e-5, 5e-6),
    "rloo": (2e-5, 1e-5, 5e-6),
}
WRITING = {"grpo", "rloo"}  # methods that write answers in training: a step of theirs costs many of the others'
RANK = {"sft": 16, "distil": 16, "reward": 16}  # what is imitated needs more room than what is preferred
SIZES: dict[str, dict[str, int]] = {
    "smoke": {"steps": 2, "batch_size": 2, "max_length": 512},
    "small": {"steps": 40, "batch_size": 4, "max_length": 512},
    "full": {"steps": 400, "batch_size": 8, "max_length": 1024},
}
WRITTEN: dict[str, dict[str, int]] = {
    "smoke": {"steps": 2, "num_generations": 2, "max_completion_length": 16},
    "small": {"steps": 16, "num_generations": 4, "max_completion_length": 48},
    "full": {"steps": 200, "num_generations": 8, "max_completion_length": 128},
}
BATCH_OF_LARGE = 2


def size_of(base: str) -> int | None:
    """SMALL, MIDDLE or LARGE by the parameters that the name of a base model states (135M, 0.5B, 7b), without the
    commit; None where it states none."""
    found = SIZE.findall(base.split("@")[0])
    if not found:
        return None
    number, unit = found[-1]
    billions = float(number) * (1 if unit in "bB" else 1e-3)
    return SMALL if billions < 1 else MIDDLE if billions < 13 else LARGE


def preset_settings(preset: str, method: str, size: int) -> dict[str, Any]:
    """All that a preset says about one method. Raises ValueError for a method it knows nothing of."""
    if method not in RATES:
        raise ValueError(
            f"preset {preset} says nothing about method {method}, only about {', '.join(RATES)}: leave the preset out"
        )
    rank = RANK.get(method, 8)
    settings: dict[str, Any] = {
        **SIZES[preset],
        "learning_rate": RATES[method][size],
        "lora": {"r": rank, "alpha": 2 * rank},
    }
    if method in WRITING:
        settings |= WRITTEN[preset]
    if size == LARGE:
        settings["batch_size"] = min(settings["batch_size"], BATCH_OF_LARGE)
    return settings


def with_training_preset(stated: Any) -> Any:
    """A use case as plain data, its section `alignment` completed from the preset it names. What is malformed is left
    as it is, for the schema to say so. Raises ValueError where the preset cannot be carried out."""
    alignment = stated.get("alignment") if isinstance(stated, dict) else None
    if not isinstance(alignment, dict) or alignment.get("preset") not in get_args(TrainingPreset):
        return stated
    preset = str(alignment["preset"])
    model = stated.get("model")
    base = str(model.get("base", "")) if isinstance(model, dict) else ""
    if (size := size_of(base)) is None:
        raise ValueError(
            f"alignment.preset {preset} needs the size of the model, and '{base}' names none as in 135M or 7B: "
            "state steps, batch_size, learning_rate and lora instead"
        )
    completed = _chain(alignment, preset, size) if alignment.get("stages") else _single(alignment, preset, size)
    return {**stated, "alignment": completed}


def _single(alignment: dict[str, Any], preset: str, size: int) -> dict[str, Any]:
    fields, own = _parted(preset_settings(preset, str(alignment.get("method", "dpo")), size))
    settings = alignment.get("settings") or {}
    return _under(fields, alignment) | ({"settings": _under(own, settings)} if own and _plain(settings) else {})


def _chain(alignment: dict[str, Any], preset: str, size: int) -> dict[str, Any]:
    """Each stage is completed by itself; what is stated for all stages goes before the preset, too."""
    stages = alignment["stages"]
    if not isinstance(stages, list):
        return alignment
    return {**alignment, "stages": [_stage(entry, alignment, preset, size) for entry in stages]}


def _stage(entry: Any, alignment: dict[str, Any], preset: str, size: int) -> Any:
    named = {entry: {}} if isinstance(entry, str) else entry
    if not isinstance(named, dict) or len(named) != 1 or not _plain(next(iter(named.values())) or {}):
        return entry
    [(method, own)] = named.items()
    settings = preset_settings(preset, str(method), size)
    shared = {name: value for name, value in alignment.items() if name in settings}
    return {method: _under(_under(settings, shared), own or {})}


def _parted(settings: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Fields of section `alignment`, and settings of the method's own."""
    own = {"num_generations", "max_completion_length"}
    return {k: v for k, v in settings.items() if k not in own}, {k: v for k, v in settings.items() if k in own}


def _under(filled: Mapping[str, Any], stated: Mapping[str, Any]) -> dict[str, Any]:
    """What is stated, completed by what is filled in; a mapping in it (`lora`) is completed, too."""
    both = {name: {**filled[name], **stated[name]} for name in filled if _plain(filled[name], stated.get(name))}
    return {**filled, **stated, **both}


def _plain(*values: Any) -> bool:
    return all(isinstance(value, dict) for value in values)

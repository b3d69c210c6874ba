"""The recipe: a standard Data-Juicer YAML as a list of operators.

Belongs here: reading and naming it. Does not belong here: running it (`filtering.py` decides, the payload brings
Data-Juicer)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from genaiops_assets.errors import GenaiopsError
from genaiops_assets.lake import digest_of_file, digest_of_folder


class RecipeError(GenaiopsError, ValueError):
    """A recipe that cannot be read; the message names file and step."""


@dataclass(frozen=True)
class Operator:
    name: str
    params: dict[str, Any]
    shown: dict[str, Any] | None = None  # what people see of the parameters, where that is less

    @property
    def kind(self) -> str:
        """mapper, filter or deduplicator, by Data-Juicer's naming rule."""
        return self.name.rsplit("_", 1)[-1]

    @property
    def threshold(self) -> str:
        return json.dumps(self.params if self.shown is None else self.shown, sort_keys=True, ensure_ascii=False)


def load_recipe(path: Path) -> list[Operator]:
    """The operators of a recipe in order. Raises RecipeError."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise RecipeError(f"{path}: cannot be read: {error}") from error
    except yaml.YAMLError as error:
        raise RecipeError(f"{path}: not YAML: {error}") from error
    steps = content.get("process") if isinstance(content, dict) else None
    if not isinstance(steps, list) or not steps:
        raise RecipeError(f"{path}: expected a list of operators under `process:`")
    return [_operator(path, number, step) for number, step in enumerate(steps, start=1)]


def _operator(path: Path, number: int, step: Any) -> Operator:
    if isinstance(step, str):
        step = {step: None}
    if not isinstance(step, dict) or len(step) != 1:
        raise RecipeError(f"{path}: process step {number}: expected one operator name with its parameters")
    name, params = next(iter(step.items()))
    if str(name).rsplit("_", 1)[-1] not in ("mapper", "filter", "deduplicator"):
        raise RecipeError(f"{path}: process step {number}: {name} is not a mapper, filter or deduplicator")
    if params is not None and not isinstance(params, dict):
        raise RecipeError(f"{path}: process step {number}: parameters of {name} must be a mapping")
    return Operator(name, params or {})


def contents(value: Any) -> Any:
    """A path as the digest of what it leads to; any other value as it is."""
    if not isinstance(value, str) or not Path(value).is_absolute() or not Path(value).exists():
        return value
    path = Path(value)
    return {"sha256": digest_of_folder(path) if path.is_dir() else digest_of_file(path)}


def check_names(path: Path, operators: list[Operator], known: set[str]) -> None:
    """Raises RecipeError with the nearest name for an operator that Data-Juicer does not have."""
    for number, operator in enumerate(operators, start=1):
        if operator.name not in known:
            near = get_close_matches(operator.name, known, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise RecipeError(f"{path}: process step {number}: Data-Juicer has no operator {operator.name}{hint}")

"""A checkpoint that was tuned elsewhere: whether it belongs to the base model, and what is taken of its folder.

Belongs here: an adapter's or a whole model's files beside those of the base model, by name and shape. Does not belong
here: loading them, which the check `checkpoint_reloads` does.

PEFT loads an adapter with weights that the base model has no place for without a word (PEFT 0.21): what is left would
be judged as if it were the checkpoint."""

from __future__ import annotations

import json
import math
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from genaiops_assets.alignment.adapters import ADAPTER_WEIGHTS
from genaiops_assets.lake import write_json
from genaiops_assets.models import ADAPTER_CONFIG, PICKLES, tensor_shapes

MODEL_WEIGHTS = "*.safetensors"
PREFIX = "base_model.model."  # of PEFT's names
LORA = re.compile(r"\.lora_(?P<side>[AB])(?:\.\w+)?\.weight$")
Shapes = dict[str, tuple[int, ...]]


def adopt(source: Path, base: Path, out: Path) -> dict[str, Any]:
    """Copy what answers are made with into `out`, and say what it is: {"form": "adapter" or "model", "tensors",
    "parameters"}. `base`: directory of the base model. Raises ValueError naming everything that does not fit."""
    found = list(problems_of(source, base))
    if found:
        raise ValueError("; ".join(found))
    out.mkdir(parents=True, exist_ok=True)
    if is_adapter(source):
        shutil.copy2(source / ADAPTER_WEIGHTS, out / ADAPTER_WEIGHTS)
        config = _json(source / ADAPTER_CONFIG) | {"base_model_name_or_path": None}
        write_json(out / ADAPTER_CONFIG, config)
    else:
        for file in (*sorted(source.glob(MODEL_WEIGHTS)), *sorted(source.glob("*.json"))):
            shutil.copy2(file, out / file.name)
    shapes = tensor_shapes(source)
    return {
        "form": "adapter" if is_adapter(source) else "model",
        "tensors": len(shapes),
        "parameters": sum(math.prod(shape) for shape in shapes.values()),
    }


def problems_of(source: Path, base: Path) -> Iterator[str]:
    """Why a folder cannot be the tuned checkpoint of the base model in another."""
    if not source.is_dir():
        yield f"{source.name} is no folder: name one with an adapter or a whole model in safetensors"
        return
    pickles = sorted(p.name for pattern in PICKLES for p in source.glob(pattern) if p.name != "training_args.bin")
    if pickles:
        yield f"{pickles[0]} is a pickle, which can run code: save the checkpoint as safetensors"
    if not any(source.glob(MODEL_WEIGHTS)):
        yield "there are no weights: no *.safetensors"
        return
    if is_adapter(source):
        yield from _adapter_problems(source, tensor_shapes(base))
    else:
        yield from _model_problems(tensor_shapes(source), tensor_shapes(base))


def is_adapter(folder: Path) -> bool:
    return (folder / ADAPTER_CONFIG).is_file()


def _adapter_problems(source: Path, base: Shapes) -> Iterator[str]:
    kind = _json(source / ADAPTER_CONFIG).get("peft_type")
    if kind != "LORA":
        yield f"its adapter is of type {kind}: only LORA can be merged, judged and served here"
        return
    if not (source / ADAPTER_WEIGHTS).is_file():
        yield f"{ADAPTER_CONFIG} is there, {ADAPTER_WEIGHTS} is not"
        return
    for name, shape in sorted(tensor_shapes(source).items()):
        found = LORA.search(name)
        if not found:
            yield f"{name} is no LoRA weight"
            continue
        place = name.removeprefix(PREFIX)[: found.start() - len(PREFIX)] + ".weight"
        if place not in base:
            yield f"{name} has no place in the base model"
        elif shape[1 if found["side"] == "A" else 0] != base[place][1 if found["side"] == "A" else 0]:
            yield f"{name} is {shape}, which does not fit {place} {base[place]}"


def _model_problems(tuned: Shapes, base: Shapes) -> Iterator[str]:
    """A head that is tied to the embedding may be stored or left out."""
    for name in sorted((tuned.keys() ^ base.keys()) - {"lm_head.weight"}):
        yield f"{name} is in the {'tuned' if name in tuned else 'base'} model only"
    for name in sorted(tuned.keys() & base.keys()):
        if tuned[name] != base[name]:
            yield f"{name} is {tuned[name]} in the tuned model and {base[name]} in the base model"


def _json(file: Path) -> dict[str, Any]:
    return json.loads(file.read_text(encoding="utf-8"))

"""Adapters as files: what is published of a trained PEFT model.

Belongs here: which files, and that the same adapter is the same bytes. Does not belong here: what else a method
publishes beside it (`reward_model.py`)."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from genaiops_assets.lake import write_json
from genaiops_assets.models import ADAPTER_CONFIG

ADAPTER_WEIGHTS = "adapter_model.safetensors"
PUBLISHED = (ADAPTER_WEIGHTS, ADAPTER_CONFIG)
UNORDERED = ("target_modules", "modules_to_save")


def save_adapter(model: Any, folder: Path, out: Path) -> None:
    """Only safetensors and a config without anything that changes from run to run (PEFT writes a set in any order).
    `folder` is scratch."""
    model.save_pretrained(folder, safe_serialization=True)
    out.mkdir(parents=True, exist_ok=True)
    for name in PUBLISHED:
        shutil.copy2(folder / name, out / name)
    config = json.loads((out / ADAPTER_CONFIG).read_text())
    config["base_model_name_or_path"] = None
    for name in UNORDERED:
        if isinstance(config.get(name), list):
            config[name] = sorted(config[name])
    write_json(out / ADAPTER_CONFIG, config)

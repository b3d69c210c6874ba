"""Logs of Inspect in JSON (`--log-format json`, or `inspect log convert --to json`).

Belongs here: that format, version 2. Does not belong here: the packed `.eval` form, which Inspect itself converts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from genaiops_assets.evaluation.imported.base import (
    DamagedResults,
    Imported,
    ImportedItem,
    Place,
    number_of,
    whole_file,
)
from genaiops_assets.evaluation.imported.lm_eval import slice_name

VALUES = {"C": 1.0, "P": 0.5, "I": 0.0, "N": 0.0, "true": 1.0, "false": 0.0, "yes": 1.0, "no": 0.0}
VERSION = 2


def read_inspect(path: Path) -> Imported:
    """One item a sample and epoch; epochs of one sample belong together. A sample that failed, or that the log does not
    hold though its data set did, has no score: Inspect's own accuracy leaves failed samples out. Raises
    DamagedResults."""
    if path.suffix == ".eval":
        raise DamagedResults(f"{path.name}: a packed log: write it as JSON with `inspect log convert --to json`")
    whole = whole_file(path)
    version = whole.at("version", int)
    if version.value != VERSION:
        raise version.damaged(f"a log of version {version.value}, this release reads {VERSION}")
    about = whole.at("eval", dict)
    if whole.at("status", str).value == "started":
        raise whole.at("status").damaged("the run had not ended when this log was written")
    left_out: dict[str, str] = {}
    samples = list(whole.at("samples", list).each())
    task = str(about.at("task", str).value)
    items = [item_of(sample, task, left_out) for sample in samples]
    if len({item.id for item in items}) < len(items):
        raise whole.at("samples").damaged("a sample and epoch stands there twice")
    items += lost(about, items, task)
    facts = {
        "task": task,
        "task_version": about.value.get("task_version"),
        "model": about.value.get("model"),
        "data_set": (about.value.get("dataset") or {}).get("name"),
        "status": whole.value["status"],
        "failed": sum(bool(sample.value.get("error")) for sample in samples),
        "created": about.value.get("created"),
    }
    packages: dict[str, Any] = about.value.get("packages") or {}
    out = set(left_out)
    kept = [ImportedItem(i.id, {m: s for m, s in i.scores.items() if m not in out}, i.slices, i.group) for i in items]
    return Imported("Inspect", str(packages.get("inspect_ai", "not stated")), with_all(kept), left_out, facts)


def item_of(sample: Place, task: str, left_out: dict[str, str]) -> ImportedItem:
    name, epoch = sample.at("id", (int, str)).value, sample.at("epoch", int, default=1).value
    scores: dict[str, float | None] = {}
    for scorer, score in ((sample.value.get("scores") or {}) and named(sample.at("scores", dict))).items():
        value = score.at("value")
        parts = named(value) if isinstance(value.value, dict) else {"": value}
        for part, one in parts.items():
            metric = slice_name(f"{scorer}_{part}" if part else scorer)
            scores[metric] = scored(one, metric, left_out)
    failed = bool(sample.value.get("error"))
    return ImportedItem(
        f"{name}/{epoch}", dict.fromkeys(scores) if failed else scores, (slice_name(task),), group=str(name)
    )


def named(place: Place) -> dict[str, Place]:
    return {str(name): place.at(name) for name in place.value}


def scored(place: Place, metric: str, left_out: dict[str, str]) -> float | None:
    """None where the metric has no scores in 0..1, which is noted."""
    if isinstance(place.value, str) and place.value.strip() in VALUES:
        return VALUES[place.value.strip()]
    if isinstance(place.value, list | str) or place.value is None:
        left_out[metric] = "its values are no scores"
        return None
    score = number_of(place)
    if not 0 <= score <= 1:
        left_out[metric] = "no score in 0..1"
    return score


def lost(about: Place, items: list[ImportedItem], task: str) -> list[ImportedItem]:
    """Samples of the data set that the log does not hold."""
    asked = (about.value.get("dataset") or {}).get("sample_ids") or []
    there = {item.group for item in items}
    return [ImportedItem(f"{i}/1", {}, (slice_name(task),), group=str(i)) for i in asked if str(i) not in there]


def with_all(items: list[ImportedItem]) -> list[ImportedItem]:
    """Every item with every metric: one that a failed sample lacks is missing, not unasked."""
    metrics = list(dict.fromkeys(metric for item in items for metric in item.scores))
    return [ImportedItem(i.id, {metric: i.scores.get(metric) for metric in metrics}, i.slices, i.group) for i in items]

"""Results of lm-evaluation-harness: `results_….json` with the samples of each task (`--log_samples`).

Belongs here: that format, as version 0.4 writes it. Does not belong here: running a task."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from genaiops_assets.evaluation.imported.base import (
    DamagedResults,
    Imported,
    ImportedItem,
    Place,
    lines_of,
    number_of,
    whole_file,
)

SAMPLES = re.compile(r"samples_(?P<task>.+?)_\d{4}-\d{2}-\d{2}T.*\.jsonl")
NEAR = 1e-6  # a mean over the samples may differ so much from the stated one


def read_lm_eval(results: Path, samples: Sequence[Path]) -> Imported:
    """One item a document, with each metric that is a score in 0..1; a metric beside a filter other than `none` is
    named METRIC_FILTER. The mean over the samples must be the one that the results state, so that samples of another
    run, or half of them, are refused. Raises DamagedResults."""
    whole = whole_file(results)
    stated = whole.at("results", dict)
    if not samples:
        raise DamagedResults(f"{results.name}: no files of samples are named, and without items there is no interval")
    left_out: dict[str, str] = {}
    items: list[ImportedItem] = []
    for path in samples:
        task = task_of(path, stated.value)
        found = task_items(path, task, left_out)
        items += found
        agrees(found, task, stated.at(task, dict), whole, path)
    tasks = {task_of(path, stated.value) for path in samples}
    facts = {
        "model": str(whole.at("model_name", default="").value),
        "tasks": {task: whole.value.get("versions", {}).get(task) for task in sorted(tasks)},
        "task_hashes": {task: whole.value.get("task_hashes", {}).get(task) for task in sorted(tasks)},
        "shots": {task: whole.value.get("n-shot", {}).get(task) for task in sorted(tasks)},
        "without_samples": sorted(set(stated.value) - tasks),
    }
    version = str(whole.at("lm_eval_version", default="not stated").value)
    return Imported("lm-evaluation-harness", version, items, left_out, facts)


def task_of(path: Path, stated: Mapping[str, Any]) -> str:
    """The task of a file of samples, by its name. Raises DamagedResults where the results know no such task."""
    found = SAMPLES.fullmatch(path.name)
    task = found["task"] if found else path.name.removeprefix("samples_").removesuffix(".jsonl")
    if task not in stated:
        raise DamagedResults(f"{path.name}: the results have no task {task!r}; they have {', '.join(stated)}")
    return task


def task_items(path: Path, task: str, left_out: dict[str, str]) -> list[ImportedItem]:
    scores: dict[str, dict[str, float | None]] = {}
    for sample in lines_of(path):
        item = f"{task}/{sample.at('doc_id', (int, str)).value}"
        chosen = str(sample.at("filter", str, default="none").value)
        names = sample.at("metrics", list, default=None).value or metrics_in(sample)
        mine = scores.setdefault(item, {})
        for name in names:
            metric = str(name) if chosen == "none" else f"{name}_{chosen}"
            if metric in mine:
                raise sample.at(name).damaged(f"document {item} has this score twice")
            value = sample.at(name)
            if isinstance(value.value, list | dict | str):
                left_out[f"{task}/{metric}"] = "its items have no score of their own"
                continue
            score = number_of(value)
            if not 0 <= score <= 1:
                left_out[f"{task}/{metric}"] = "no score in 0..1"
            mine[metric] = score
    out = {name.removeprefix(f"{task}/") for name in left_out if name.startswith(f"{task}/")}
    return [
        ImportedItem(item, {m: s for m, s in by.items() if m not in out}, (slice_name(task),))
        for item, by in scores.items()
    ]


KNOWN = {"doc_id", "doc", "target", "arguments", "resps", "filtered_resps", "filter", "metrics"}


def metrics_in(sample: Place) -> list[str]:
    """Releases before 0.4.8 do not list the metrics of a sample."""
    return [name for name in sample.value if name not in KNOWN and not name.endswith("_hash")]


def agrees(items: Sequence[ImportedItem], task: str, stated: Place, whole: Place, path: Path) -> None:
    """Raises DamagedResults where number or mean is not what the results state."""
    counted = whole.value.get("n-samples", {}).get(task)
    if isinstance(counted, dict) and counted.get("effective") not in (None, len(items)):
        raise DamagedResults(
            f"{path.name}: {len(items)} documents, {whole.file} states {counted['effective']} "
            f"(n-samples.{task}.effective)"
        )
    for name in stated.value:
        metric, comma, chosen = name.partition(",")
        if not comma or metric.endswith("_stderr"):
            continue
        mine = metric if chosen == "none" else f"{metric}_{chosen}"
        values = [item.scores[mine] for item in items if mine in item.scores]
        numbers = [value for value in values if value is not None]
        if not numbers or len(numbers) < len(items):
            continue
        mean, said = math.fsum(numbers) / len(numbers), number_of(stated.at(name))
        if metric in ("acc", "acc_norm", "exact_match") and abs(mean - said) > NEAR:
            raise stated.at(name).damaged(f"states {said:g}, the samples of {path.name} give {mean:g}")


def slice_name(text: str) -> str:
    return re.sub(r"[^a-z0-9_]+", "_", text.lower()).strip("_")

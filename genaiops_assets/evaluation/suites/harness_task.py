"""A task of lm-evaluation-harness as a suite: `lm_eval_TASK` in `evaluation.suites`, where the extra `lm-eval` is
installed.

Belongs here: tasks with options to choose from, read by our own models item by item, so that they have intervals,
slices and gates as any suite. Does not belong here: results of a run elsewhere (`../imported/lm_eval.py`). The harness
gives the items, the words around them, the examples before them and the scores; a task that generates, or that has no
options, is refused by name. Nothing is downloaded: a task whose data is not on the machine is refused with that reason.
A use case's own task is a yaml file without `!function` (`evaluation.suite_items`), its data files beside it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import yaml

from genaiops_assets.errors import Unusable
from genaiops_assets.evaluation.suites.base import About, Item, OnlyRead, Reading, Speaker, World
from genaiops_assets.lake import digest_of

PREFIX = "lm_eval_"  # also what a registry asks for
CHOICE = "multiple_choice"
HOW_TO = "pip install 'genaiops-assets[lm-eval]'"
NOT_SCORED = frozenset({"acc_mutual_info", "likelihood", "exact_match"})  # would need other readings, or are no share


class HarnessTask(OnlyRead):
    """`acc`: 1 where the right option is likeliest; `acc_norm`: the same by characters; what else the task states in
    0..1. A task of the harness itself by its name, or the use case's own."""

    keeps_answers, metrics = True, ("acc", "acc_norm")
    languages: tuple[str, ...] = ()  # a task says nothing of it
    speakers: Mapping[str, Speaker] = {"base": "base", "tuned": "tuned"}

    def __init__(self, task: str):
        self.name, self.task = f"{PREFIX}{task}", task
        self.about = About(
            estimand=f"share of items of the task {task} whose right option the model holds likeliest, as "
            "lm-evaluation-harness scores it",
            population=f"items of the task's test split; what they stand for says whoever wrote {task}",
            missing_policy="every item is read and has a score; a likelihood that is no number stops the evaluation",
            requirement="The system is as able as a public benchmark shows.",
            article="article-15.1",
            risks=("confabulation",),
        )

    @property
    def version(self) -> str:
        """Of the scoring here, of the harness and of what the task states. Raises Unusable where it is not there."""
        stated = installed_configuration(self.task)
        return f"1.{metadata.version('lm-eval')}.{digest_of(stated)[:8]}" if stated else "1.own"

    def own(self, path: Path) -> list[Item]:
        return items_of(opened(own_configuration(path, self.task)))

    def items(self, world: World) -> Sequence[Item]:
        own = world.own_items.get(self.name)
        found = self.own(own) if own else items_of(opened(self.task))
        return found[: world.limit]

    def reads(self, item: Item, world: World) -> Reading:
        return Reading(item.question, item.facts["ways"])

    def score_read(self, item: Item, cell: str, sums: Sequence[float], world: World) -> Mapping[str, float | None]:
        scores = item.facts["task"].process_results(item.facts["doc"], [(one, False) for one in sums])
        return {name: float(value) for name, value in scores.items() if name not in NOT_SCORED and 0 <= value <= 1}

    def slices(self, item: Item) -> Sequence[str]:
        return ()


def items_of(task: Any) -> list[Item]:
    """The task's documents in their order, with the words that the harness puts before them."""
    task.build_all_requests(limit=None, rank=0, world_size=1)
    by_document: dict[int, list[Any]] = {}
    for asked in task.instances:
        by_document.setdefault(asked.doc_id, []).append(asked)
    found = []
    for number, ways in sorted(by_document.items()):
        in_order = sorted(ways, key=lambda one: one.idx)
        before = in_order[0].args[0]
        if any(one.args[0] != before for one in in_order):
            raise Unusable(f"the task {task.task_name} asks each option in other words: {IMPORT_INSTEAD}")
        facts = {"ways": tuple(one.args[1] for one in in_order), "doc": in_order[0].doc, "task": task}
        found.append(Item(f"{number:06}", before, facts=facts))
    return found


IMPORT_INSTEAD = "run it with lm-evaluation-harness and name its results in evaluation.imported"


def opened(task: str | dict[str, Any]) -> Any:
    """A task by name or by its configuration, with its data. Raises Unusable naming what is missing."""
    name = task if isinstance(task, str) else task["task"]
    manager(False)  # says what to install, before what it cannot read
    try:
        loaded = manager(isinstance(task, str)).load(task)["tasks"]
    except Exception as error:  # the harness and the data library raise whatever they meet
        raise Unusable(f"the task {name} cannot be read on this machine: {type(error).__name__}: {error}") from error
    if len(loaded) != 1:
        raise Unusable(
            f"{name} is {len(loaded)} tasks of lm-evaluation-harness: name one ({', '.join(sorted(loaded)[:5])})"
        )
    (found,) = loaded.values()
    if found.OUTPUT_TYPE != CHOICE:
        raise Unusable(f"the task {name} is of kind {found.OUTPUT_TYPE}, only {CHOICE} is read here: {IMPORT_INSTEAD}")
    if asks_twice(found):
        raise Unusable(f"the task {name} also reads options without their question: {IMPORT_INSTEAD}")
    return found


def asks_twice(task: Any) -> bool:
    stated = task.config.to_dict().get("metric_list") or []
    return any(isinstance(one, dict) and one.get("metric") == "acc_mutual_info" for one in stated)


def own_configuration(path: Path, name: str) -> dict[str, Any]:
    """A use case's own task: its yaml file, with data files found beside it. Raises Unusable with file and field."""
    try:
        stated = yaml.safe_load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Unusable(f"{path.name}: no task of lm-evaluation-harness without code in it: {error}") from error
    if not isinstance(stated, dict) or not isinstance(stated.get("task"), str):
        raise Unusable(f"{path.name}: task: expected text")
    if stated["task"] != name:
        raise Unusable(f"{path.name}: task: {stated['task']!r} is not what the suite {PREFIX}{name} is called by")
    files = (stated.get("dataset_kwargs") or {}).get("data_files")
    if isinstance(files, dict):
        beside = {split: str(path.parent / file) for split, file in files.items()}
        stated["dataset_kwargs"] = {**stated["dataset_kwargs"], "data_files": beside}
    return stated


def installed_configuration(task: str) -> dict[str, Any]:
    """What the harness states of a task of its own, before any data is read; {} for one it does not have."""
    entry = manager(True).task_index.get(task)
    if entry is None:
        return {}
    return {"name": task, "stated": entry.yaml_path.read_text("utf-8") if entry.yaml_path else str(entry.cfg)}


@cache
def manager(packaged: bool) -> Any:
    """The harness, with the index of all its tasks where `packaged` (some seconds). Raises Unusable where it is not
    installed."""
    if find_spec("lm_eval") is None:
        raise Unusable(f"tasks of lm-evaluation-harness need the extra: {HOW_TO}")
    from lm_eval.tasks import TaskManager

    logging.getLogger("lm_eval").setLevel(logging.ERROR)
    return TaskManager(include_defaults=packaged)

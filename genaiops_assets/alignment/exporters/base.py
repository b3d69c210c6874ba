"""What an exporter is given and what it is.

Belongs here: the protocol, its registry, and a training as experiment trackers know one, read from the lake. Does not
belong here: any one tracker (`to_mlflow.py`, `to_wandb.py`). Only figures, settings, digests and names go out: no text
of a document, no path of a machine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

from genaiops_assets.alignment.plan import plan_of
from genaiops_assets.alignment.runs.record import RECORD
from genaiops_assets.errors import Missing
from genaiops_assets.evaluation import REPORT, served_cell
from genaiops_assets.lake import Artifact, Lake
from genaiops_assets.plugins import Registry
from genaiops_assets.use_case import UseCase

_ROOM = "genaiops_assets.alignment.exporters"
EXPORTERS = Registry(
    "exporter",
    "genaiops.exporters",
    {"mlflow": f"{_ROOM}.to_mlflow:ToMlflow", "wandb": f"{_ROOM}.to_wandb:ToWandb"},
)


@dataclass(frozen=True)
class TrackedRun:
    """One stage of a model version. `steps`: {series: value} by step; `settings` and `tags` are short texts; `results`
    are final figures."""

    project: str
    name: str
    settings: dict[str, str]
    tags: dict[str, str]
    steps: list[tuple[int, dict[str, float]]]
    results: dict[str, float]


class Exporter(Protocol):
    """Offered as an entry point of group `genaiops.exporters` that names a class without arguments."""

    def export(self, run: TrackedRun, folder: Path) -> str:
        """Write a run below a folder, without a network; what it is called there. Raises Missing where the tracker's
        package is not installed."""
        ...


def exporter_of(name: str) -> Exporter:
    """Raises PluginError naming those there are."""
    return cast(Exporter, EXPORTERS.get(name))


def tracked_run(lake: Lake, uc: UseCase, version: str) -> TrackedRun:
    """The last stage of a version, as published. Raises Missing where it is not trained."""
    if lake.heads.get(uc.key("aligned_checkpoint"), version) is None:
        raise Missing(f"{version} of {uc.name} is not trained: materialize aligned_checkpoint of this version first")
    checkpoint = lake.current(uc.key("aligned_checkpoint"), version)
    log = checkpoint.json("training_log.json") if checkpoint.local("training_log.json").exists() else {"history": []}
    plan, training = plan_of(lake, uc, version)
    history = [(int(h["step"]), {k: float(v) for k, v in h.items() if k != "step"}) for h in log["history"]]
    return TrackedRun(
        project=uc.name,
        name=version,
        settings={name: str(value) for name, value in _leaves(training.training.to_json(), "")},
        tags={
            "model_version": version,
            "checkpoint": checkpoint.digest,
            "plan": plan.digest,
            "device": str(log.get("device", "")),
            "genaiops": "exported from the lake; the lake is the record",
        },
        steps=history,
        results={**_training_results(checkpoint), **_evaluation_results(lake, uc, version)},
    )


def _training_results(checkpoint: Artifact) -> dict[str, float]:
    figures = checkpoint.summary["figures"]
    found = {k: float(v) for k, v in figures.items() if isinstance(v, (int, float)) and not isinstance(v, bool)}
    if checkpoint.local(RECORD).exists():
        compute = checkpoint.json(RECORD)["compute"]
        found |= {f"flop_{name}": float(compute[name]) for name in ("counted", "formula") if compute[name] is not None}
    kwh = checkpoint.provenance().get("run", {}).get("energy", {}).get("kwh")
    return {**found, **({} if kwh is None else {"energy_kwh": float(kwh)})}


def _evaluation_results(lake: Lake, uc: UseCase, version: str) -> dict[str, float]:
    """Means of what people get, and of the effects; none before the version is judged."""
    if lake.heads.get(uc.key("eval_report"), version) is None:
        return {}
    report = lake.current(uc.key("eval_report"), version)
    content = report.json(REPORT)
    parts = {"answers": content["cells"][served_cell(report)], "effect": content.get("effects", {})}
    return {
        f"{kind}_{metric}_{part}": float(interval["mean"])
        for kind, metrics in parts.items()
        for metric, by in metrics.items()
        for part, interval in by.items()
        if interval.get("mean") is not None
    }


def _leaves(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    """(dotted name, value); the words of prompts stay at home, their version goes."""
    if name == "prompt_texts":
        return
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _leaves(inner, f"{name}.{key}" if name else str(key))
    elif name != "base.ref":
        yield name, value

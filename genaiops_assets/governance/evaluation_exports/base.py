"""What an exporter of evaluations is given and what it is.

Belongs here: the protocol, its registry, and a judged version read from the lake. Does not belong here: any one form.
Figures, settings, digests and names go out, and no text of a question, an answer or a document: what leaves the home
is out of erasure's reach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol

from genaiops_assets.lake import Lake
from genaiops_assets.plugins import Registry
from genaiops_assets.use_case import ALL, UseCase

_ROOM = "genaiops_assets.governance.evaluation_exports"
EVALUATION_EXPORTERS = Registry(
    "evaluation exporter",
    "genaiops.evaluation_exporters",
    {
        "every-eval-ever": f"{_ROOM}.every_eval_ever:EveryEvalEver",
        "eval-results": f"{_ROOM}.hub_results:HubResults",
        "inspect": f"{_ROOM}.inspect_log:InspectLog",
    },
)
PAGE, REPORT = "evaluation_page.json", "eval_report.json"
SCALE = {"score": (0.0, 1.0), "effect": (-1.0, 1.0)}


@dataclass(frozen=True)
class Figure:
    """One interval of a report. `value`: {mean, low, high, n, confidence, method}; `gates`: id → status of the gates
    that look at it."""

    suite: str
    metric: str
    cell: str
    slice: str
    kind: str
    lower_is_better: bool
    value: Mapping[str, Any]
    gates: Mapping[str, str]

    @property
    def name(self) -> str:
        """`golden.answer_f1.tuned_with.dev`"""
        part = "" if self.slice == ALL else self.slice
        return ".".join(p.replace(" ", "_") for p in (self.suite, self.metric, self.cell, part) if p and p != ALL)

    @property
    def scale(self) -> tuple[float, float] | None:
        """The range a figure of its kind has; None where the figure does not keep to it."""
        low, high = SCALE[self.kind]
        ends = (self.value["mean"], self.value["low"], self.value["high"])
        return (low, high) if all(end is None or low <= end <= high for end in ends) else None


@dataclass(frozen=True)
class JudgedVersion:
    """A model version and what was measured of it. `judged_at`: ISO 8601; `suites`: name → digest or version of what
    was asked; `settings` and `model` are short texts."""

    use_case: str
    title: str
    language: str
    provider: str
    version: str
    report: str
    judged_at: str
    verdict: str
    confidence: float
    resamples: int
    max_new_tokens: int
    top_k: int
    suites: Mapping[str, str]
    model: Mapping[str, str]
    libraries: Mapping[str, str]
    figures: tuple[Figure, ...]


class EvaluationExporter(Protocol):
    """Offered as an entry point of group `genaiops.evaluation_exporters` that names a class without arguments."""

    def export(self, judged: JudgedVersion, folder: Path) -> str:
        """Write a judged version below a folder, without a network; the path of what was written, relative to it.
        Raises Missing where the form's package is needed and not installed."""
        ...


def judged_version(lake: Lake, uc: UseCase, version: str) -> JudgedVersion:
    """As published. Raises NotMaterialized naming what a version lacks."""
    report = lake.current(uc.key("eval_report"), version)
    page = lake.current(uc.key("evaluation_page"), version).json(PAGE)
    training = lake.current(uc.key("model_plan"), version).json("plan.json")["training"]
    made = report.provenance()
    config, inputs = made.get("config", {}), made["inputs"]
    verdict = page["summary"]["verdict"]
    return JudgedVersion(
        use_case=uc.name,
        title=uc.title,
        language=uc.language,
        provider=uc.training_content.provider or uc.title,
        version=version,
        report=report.digest,
        judged_at=made["made_at"],
        verdict=verdict["value"] if verdict else "not judged",
        confidence=config.get("confidence", 0.95),
        resamples=config.get("resamples", 0),
        max_new_tokens=config.get("max_new_tokens", 0),
        top_k=config.get("top_k", 0),
        suites={suite["name"]: asked(suite, inputs) for suite in page["suites"]},
        model={
            "base": training["base"]["ref"].rpartition("/")[2],
            "base_digest": training["base"]["digest"],
            "method": str(training.get("method", "")),
            "checkpoint": inputs.get("checkpoint", ""),
        },
        libraries={**made.get("libraries", {}), "genaiops-assets": own_version()},
        figures=tuple(figures_of(page)),
    )


def figures_of(page: Mapping[str, Any]) -> list[Figure]:
    """All figures with a mean, each with the gates that look at it."""
    gates: dict[str, dict[str, str]] = {}
    for gate in page["gates"]:
        gates.setdefault(gate["value"]["metric"], {})[gate["value"]["id"]] = gate["value"]["status"]
    return [
        Figure(
            suite=suite["name"],
            metric=f["metric"],
            cell=f["cell"],
            slice=f["slice"],
            kind=f["kind"],
            lower_is_better=f["better"] == "lower",
            value=f["figure"]["value"],
            gates=gates.get(f["figure"]["pointer"], {}),
        )
        for suite in page["suites"]
        for f in suite["figures"]
        if f["figure"]["value"]["mean"] is not None
    ]


def asked(suite: Mapping[str, Any], inputs: Mapping[str, str]) -> str:
    """What tells one state of a suite's items from another: the digest of the golden set, or the suite's version."""
    return inputs.get("golden", "") if suite["name"] in ("golden", "retrieval", "refusal") else f"v{suite['version']}"


def own_version() -> str:
    try:
        return metadata.version("genaiops-assets")
    except metadata.PackageNotFoundError:
        return "unknown"

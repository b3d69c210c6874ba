"""Model versions side by side: what their plans say otherwise, and what came of it.

Belongs here: two versions compared, and a row for each version of a use case, from the lake alone. Does not belong
here: how they are printed (`cli/compare.py`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from genaiops_assets.alignment.plan import plan_of
from genaiops_assets.errors import Missing, NotMaterialized
from genaiops_assets.evaluation import (
    REPORT,
    Measure,
    answer_changes,
    answers_of_cell,
    rows_of_report,
    same_questions,
    served_cell,
)
from genaiops_assets.lake import Artifact, Lake
from genaiops_assets.use_case import UseCase

MOST_ITEMS = 10  # of each: won, lost
RESAMPLES, CONFIDENCE = 5000, 0.95
PLAN_NOISE = ("model_version",)  # differs between any two versions
DATA = ("base", "corpus", "pairs")  # what a version learned from; everything else of its plan is a setting
CHECKPOINT_FIGURES = (
    "steps", "train_loss", "pairs_used", "tokens", "flop", "seconds", "cpu_seconds", "peak_memory_mb", "energy",
)  # fmt: skip
SPLITS = ("all", "dev", "held_out")


def versions_there(lake: Lake, uc: UseCase) -> list[str]:
    """Model versions that a plan registered, in the order they were made."""
    found = [v for v in lake.heads.partitions(uc.key("model_plan")) if v.startswith("mv-")]
    return sorted(found, key=lambda v: (_made_at(lake, uc, v), v))


def compare_versions(lake: Lake, uc: UseCase, before: str, after: str) -> dict[str, Any]:
    """{versions, data, settings, training, scores, effect, won, lost}: what differs between two versions and what it
    did to the golden questions, as people get the answers. Raises Missing naming a version that is not there, or is
    not judged yet."""
    for version in (before, after):
        _refuse_unknown(lake, uc, version)
    plans = [_flat(plan_of(lake, uc, v)[1].training.to_json()) for v in (before, after)]
    differing = {name: values for name, values in _beside(*plans).items() if values[0] != values[1]}
    reports = [_report(lake, uc, v) for v in (before, after)]
    scores = _beside(*(_scores(report) for report in reports))
    return {
        "use_case": uc.name,
        "versions": [before, after],
        "data": {n: v for n, v in differing.items() if n.split(".")[0] in DATA},
        "settings": {n: v for n, v in differing.items() if n.split(".")[0] not in DATA},
        "training": _beside(*(_figures(lake, uc, v) for v in (before, after))),
        "scores": {name: values for name, values in scores.items() if values != [None, None]},
        **_by_item(lake, uc, *reports),
    }


def version_rows(lake: Lake, uc: UseCase, released: str = "") -> list[dict[str, Any]]:
    """One row a version, oldest first: method and data, score with its interval, the effect of tuning, the verdict, and
    what it took. `released`: the version in production."""
    return [_row(lake, uc, version, released) for version in versions_there(lake, uc)]


def _row(lake: Lake, uc: UseCase, version: str, released: str) -> dict[str, Any]:
    training = plan_of(lake, uc, version)[1].training
    report = lake.current(uc.key("eval_report"), version) if _has(lake, uc, "eval_report", version) else None
    scores = _scores(report) if report else {}
    found = report.json(REPORT) if report else {}
    figures = _figures(lake, uc, version)
    settings = training.to_json()
    return {
        "version": version,
        "in_production": version == released,
        "made_at": _made_at(lake, uc, version),
        "stages": " > ".join(training.stages()),
        "steps": settings.get("steps"),
        "batch_size": settings.get("batch_size"),
        "learning_rate": settings.get("learning_rate"),
        "pairs": training.pairs.rows,
        "base": training.base.digest[:12],
        "answer_f1": _said(scores.get("answer_f1, all")),
        "answer_f1_held_out": _said(scores.get("answer_f1, held_out")),
        "tuning_effect": _said(found.get("effects", {}).get("tuning", {}).get("held_out")),
        "verdict": _verdict(lake, uc, version),
        **{name: figures.get(name) for name in ("tokens", "seconds", "peak_memory_mb")},
    }


def _by_item(lake: Lake, uc: UseCase, one: Artifact, other: Artifact) -> dict[str, Any]:
    """The paired effect on the questions that both were asked, and those that moved most."""
    asked = same_questions(lake, uc, one, other)
    before, after = (answers_of_cell(rows_of_report(lake, uc, r), served_cell(r)) for r in (one, other))
    measure = Measure(RESAMPLES, CONFIDENCE, seed=0)
    effect = {}
    for split in SPLITS:
        shared = [i for i in sorted(asked) if split in ("all", asked[i].get("split")) and i in before and i in after]
        if shared:
            effect[split] = measure.effect([after[i]["score"] for i in shared], [before[i]["score"] for i in shared])
    moved = answer_changes(before, after, asked)
    rows = [
        {**row, "question": asked[row["item"]].get("question", ""), "split": asked[row["item"]].get("split", "")}
        for row in moved["rows"]
    ]
    return {
        "effect": effect,
        "items": {name: moved[name] for name in ("items", "changed", "won", "lost", "even", "chance")},
        "won": [row for row in reversed(rows) if row["moved"] > 0][:MOST_ITEMS],
        "lost": [row for row in rows if row["moved"] < 0][:MOST_ITEMS],
    }


def _scores(report: Artifact) -> dict[str, Any]:
    """{"METRIC, SLICE": interval} of the cell that people get, of the retrieval and of further suites."""
    content = report.json(REPORT)
    cell = content["cells"][served_cell(report)]
    found = {f"{metric}, {part}": value for metric, by in cell.items() for part, value in by.items()}
    found |= {
        f"retrieval on {name}: {metric}": value
        for name, by in content.get("retrieval", {}).items()
        for metric, value in by.items()
    }
    for suite, section in content.get("suites", {}).items():
        cells = section["cells"]  # a suite that asks nobody has one for all, one that reads has one a model
        served: Any = next((cells[name] for name in (served_cell(report), "tuned", "base", "all") if name in cells), {})
        found |= {f"{suite}: {metric}, {part}": v for metric, by in served.items() for part, v in by.items()}
    return found


def _figures(lake: Lake, uc: UseCase, version: str) -> dict[str, Any]:
    """What the training of a version took, from its last checkpoint."""
    if not _has(lake, uc, "aligned_checkpoint", version):
        return {}
    figures = lake.current(uc.key("aligned_checkpoint"), version).summary["figures"]
    return {name: figures[name] for name in CHECKPOINT_FIGURES if name in figures}


def _verdict(lake: Lake, uc: UseCase, version: str) -> str:
    if not _has(lake, uc, "release_decision", version):
        return ""
    return str(lake.current(uc.key("release_decision"), version).json("decision.json").get("verdict", ""))


def _refuse_unknown(lake: Lake, uc: UseCase, version: str) -> None:
    there = versions_there(lake, uc)
    if version not in there:
        raise Missing(f"no model version {version} in {uc.name}; there are: {', '.join(there) or 'none'}")


def _report(lake: Lake, uc: UseCase, version: str) -> Artifact:
    try:
        return lake.current(uc.key("eval_report"), version)
    except NotMaterialized:
        raise Missing(f"{version} is not judged yet: materialize eval_report of this version first") from None


def _has(lake: Lake, uc: UseCase, asset: str, version: str) -> bool:
    return lake.heads.get(uc.key(asset), version) is not None


def _made_at(lake: Lake, uc: UseCase, version: str) -> str:
    return str(lake.current(uc.key("model_plan"), version).provenance().get("made_at", ""))


def _said(interval: Any) -> str:
    """`0.412 [0.380, 0.447]`, "" where nothing was measured."""
    if not isinstance(interval, Mapping) or interval.get("mean") is None:
        return ""
    if interval.get("low") is None:
        return f"{interval['mean']:.3f}"
    return f"{interval['mean']:.3f} [{interval['low']:.3f}, {interval['high']:.3f}]"


def _beside(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, list[Any]]:
    """{name: [of one, of the other]}, None where one lacks it."""
    return {name: [one.get(name), other.get(name)] for name in dict.fromkeys([*one, *other])}


def _flat(content: Mapping[str, Any]) -> dict[str, Any]:
    return dict(_leaves(content, ""))


def _leaves(value: Any, name: str) -> Iterator[tuple[str, Any]]:
    """(dotted name, value) of every leaf; a list is one."""
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            if key not in PLAN_NOISE:
                yield from _leaves(inner, f"{name}.{key}" if name else str(key))
    else:
        yield name, value

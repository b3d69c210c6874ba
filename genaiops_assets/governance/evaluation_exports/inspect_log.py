"""Inspect: one log in JSON a suite, as `inspect view` and `read_eval_log` of inspect-ai read it (log format 2).

Belongs here: its fields. A log of Inspect is of one task and one model: a suite is a task, base and tuned model stand
in it as scores by cell. Samples are left out: they would hold questions and answers. Does not belong here: other
forms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from genaiops_assets.governance.evaluation_exports.base import Figure, JudgedVersion
from genaiops_assets.lake import digest_of, write_json

FORMAT = 2
SCORER = "genaiops-assets"


class InspectLog:
    def export(self, judged: JudgedVersion, folder: Path) -> str:
        """One file a suite, named as Inspect names its logs: TIME_TASK_ID.json."""
        place = folder / "logs"
        place.mkdir(parents=True, exist_ok=True)
        for suite in judged.suites:
            log = inspect_log(judged, suite)
            stamp = judged.judged_at.replace(":", "-")
            write_json(place / f"{stamp}_{suite.replace('_', '-')}_{log['eval']['task_id']}.json", log)
        return "logs"


def inspect_log(judged: JudgedVersion, suite: str) -> dict[str, Any]:
    figures = [f for f in judged.figures if f.suite == suite]
    identity = digest_of([judged.report, suite])[:22]
    asked = max((f.value["n"] + missing(f) for f in figures), default=0)
    return {
        "version": FORMAT,
        "status": "success",
        "eval": {
            "eval_id": identity,
            "run_id": judged.report[:22],
            "created": judged.judged_at,
            "task": suite,
            "task_id": identity,
            "task_version": judged.suites[suite][:12] or 0,
            "dataset": {"name": f"{judged.use_case}/{suite}", "samples": asked, "shuffled": False},
            "model": f"{judged.use_case}/{judged.version}",
            "config": {},
            "packages": dict(judged.libraries),
            "metadata": {"report": judged.report, "verdict": judged.verdict, **judged.model},
        },
        "plan": {"name": "plan", "steps": [], "config": generation(judged)},
        "results": {
            "total_samples": asked,
            "completed_samples": asked,
            "scores": [score(figure) for figure in figures],
        },
        "stats": {"started_at": judged.judged_at, "completed_at": judged.judged_at, "model_usage": {}},
    }


def generation(judged: JudgedVersion) -> dict[str, Any]:
    return {"max_tokens": judged.max_new_tokens} if judged.max_new_tokens else {}


def score(figure: Figure) -> dict[str, Any]:
    """Inspect leaves items without a score out of a mean, as we do; they are counted beside it."""
    value = figure.value
    metrics = {"mean": value["mean"], "low": value["low"], "high": value["high"]}
    return {
        "name": figure.name,
        "scorer": SCORER,
        "scored_samples": value["n"],
        "unscored_samples": missing(figure),
        "params": {"lower_is_better": figure.lower_is_better, "cell": figure.cell, "slice": figure.slice},
        "metrics": {name: {"name": name, "value": v} for name, v in metrics.items() if v is not None},
        "metadata": {"confidence": value.get("confidence"), "method": value.get("method"), "gates": dict(figure.gates)},
    }


def missing(figure: Figure) -> int:
    return int(figure.value.get("attrition", {}).get("missing", 0))

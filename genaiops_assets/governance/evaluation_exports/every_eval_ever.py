"""Every Eval Ever, schema 0.3.0 (EvalEval coalition, arXiv 2606.14516): one JSON file a judged version.

Belongs here: its fields. Their schema has no place for what is undecided or for a gate: both go into `details`, whose
values must be texts. Instances are left out: they would hold questions and answers. Does not belong here: other
forms."""

from __future__ import annotations

import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

from genaiops_assets.governance.evaluation_exports.base import Figure, JudgedVersion
from genaiops_assets.lake import digest_of, write_json

SCHEMA = "0.3.0"
LIBRARY = "genaiops-assets"
# Run here, on this machine; whether anybody publishes its weights is not known here.
DEPLOYMENT = {"deployment_type": "self_deployed", "model_availability": "unknown"}


class EveryEvalEver:
    def export(self, judged: JudgedVersion, folder: Path) -> str:
        """Written where their data store expects it: data/EVALUATION/DEVELOPER/MODEL/UUID4.json. The bits of the
        UUID come from the report's digest, so that the same report is the same file."""
        name = str(uuid.UUID(hex=digest_of(judged.report)[:32], version=4))
        path = Path("data") / judged.use_case / slug(judged.provider) / judged.version / f"{name}.json"
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        write_json(folder / path, every_eval_ever(judged))
        return path.as_posix()


def every_eval_ever(judged: JudgedVersion) -> dict[str, Any]:
    seconds = str(int(datetime.fromisoformat(judged.judged_at).timestamp()))
    model = f"{slug(judged.provider)}/{judged.version}"
    return {
        "schema_version": SCHEMA,
        "evaluation_id": f"{judged.use_case}/{model}/{seconds}",
        "evaluation_timestamp": seconds,
        "retrieved_timestamp": seconds,
        "source_metadata": {
            "source_name": judged.title,
            "source_type": "evaluation_run",
            "source_organization_name": judged.provider,
            "evaluator_relationship": "first_party",
            "additional_details": {"report": judged.report, "verdict": judged.verdict},
        },
        "eval_library": {"name": LIBRARY, "version": judged.libraries[LIBRARY]},
        "model_info": {
            "name": judged.version,
            "id": model,
            "developer": judged.provider,
            "inference_engine": {"name": "transformers", "version": judged.libraries.get("transformers", "unknown")},
            "additional_details": {**DEPLOYMENT, **judged.model},
        },
        "evaluation_results": [result(judged, figure, seconds) for figure in judged.figures],
    }


def result(judged: JudgedVersion, figure: Figure, seconds: str) -> dict[str, Any]:
    return {
        "evaluation_result_id": figure.name,
        "evaluation_name": figure.name,
        "evaluation_timestamp": seconds,
        "source_data": {
            "dataset_name": f"{judged.use_case}/{figure.suite}",
            "source_type": "other",
            "additional_details": {"items": judged.suites[figure.suite], "slice": figure.slice},
        },
        "metric_config": {
            "evaluation_description": f"{figure.metric} of {figure.cell or 'all'} on {figure.slice}",
            "metric_id": f"{LIBRARY}.{figure.suite}.{figure.metric}",
            "metric_name": figure.metric,
            "metric_unit": "proportion" if figure.kind == "score" else "difference",
            "lower_is_better": figure.lower_is_better,
            **scale(figure),
        },
        "score_details": {
            "score": figure.value["mean"],
            "details": details(figure),
            "uncertainty": uncertainty(figure, judged.resamples),
        },
        "generation_config": {
            "generation_args": {
                "temperature": None,
                **({"max_tokens": judged.max_new_tokens} if judged.max_new_tokens else {}),
            },
            "additional_details": {"decoding": "greedy", "cell": figure.cell, "passages_shown": str(judged.top_k)},
        },
    }


def scale(figure: Figure) -> dict[str, Any]:
    if figure.scale is None:
        return {}
    low, high = figure.scale
    return {"score_type": "continuous", "min_score": low, "max_score": high}


def uncertainty(figure: Figure, resamples: int) -> dict[str, Any]:
    value = figure.value
    found: dict[str, Any] = {"num_samples": value["n"]}
    if value["low"] is not None:
        found["confidence_interval"] = {
            "lower": value["low"],
            "upper": value["high"],
            "confidence_level": value["confidence"],
            "method": value.get("method", "unknown"),
        }
        found |= {"num_bootstrap_samples": resamples} if resamples else {}
    return found


def details(figure: Figure) -> dict[str, str]:
    """Gates, and items without a score: texts."""
    gates = {f"gate {name}": status for name, status in figure.gates.items()}
    attrition = figure.value.get("attrition", {})
    named = {f"attrition {k}": str(v) for k, v in attrition.items() if not isinstance(v, dict)}
    return gates | named


def slug(name: str) -> str:
    """A name as a part of a path: Rho-Bank Ltd → Rho-Bank-Ltd."""
    kept = "".join(c if c.isalnum() or c in "-_." else "-" for c in name)
    return "-".join(part for part in kept.split("-") if part).strip(".") or "unknown"

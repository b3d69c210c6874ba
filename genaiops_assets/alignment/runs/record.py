"""The run record of a training: what went in, and how much was computed.

Belongs here: `run_record.json`, which is the same whenever the same plan is carried out, and what varies from run to
run, which stands in the provenance instead. Does not belong here: measuring (`compute/meter.py`) or counting
(`flop.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import metadata
from typing import Any

from genaiops_assets.alignment.runs.lengths import Reading
from genaiops_assets.lake import digest_of
from genaiops_assets.models import prompts_in

RECORD = "run_record.json"
SCHEMA_VERSION = 1


def run_record(
    config: Mapping[str, Any],
    *,
    seed: int,
    base: Mapping[str, Any],
    pairs: Mapping[str, Any],
    start: str,
    reading: Reading,
    left_out: Mapping[str, int],
    compute: Mapping[str, Any],
    machine: Mapping[str, Any],
    libraries: Mapping[str, str],
) -> dict[str, Any]:
    """run_record.json of one stage. `config`: the stage as its payload takes it; `pairs`: the snapshot it read;
    `start`: digest of the adapter it went on from, "" for none. Holds no time: the record of a plan that is carried
    out twice is the same twice."""
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "training_run",
        "method": config["method"],
        "data": {
            "pairs": {"digest": pairs["digest"], "rows": pairs["rows"]},
            "corpus": dict(config.get("corpus") or {}),
            "rows_used": len(reading.rows),
            "rows_left_out": dict(left_out),
        },
        "base": {"ref": base.get("ref", ""), "digest": base["digest"]},
        "start": start,
        "code": config.get("code_version", ""),
        "config_sha256": digest_of(dict(config)),
        "prompts": {
            "version": config.get("prompts", ""),
            "sha256": digest_of(prompts_in(config).model_dump(mode="json")),
        },
        "seed": seed,
        "steps": int(config.get("steps", 1)),
        "batch_size": int(config.get("batch_size", 1)),
        "machine": dict(machine),
        "libraries": dict(libraries),
        "compute": dict(compute),
    }


def library_lock() -> dict[str, Any]:
    """Every installed distribution with its version, and one digest of them all: varies with what else is installed,
    so it belongs to the provenance."""
    found = sorted({f"{d.name.lower()}=={d.version}" for d in metadata.distributions() if d.name})
    return {"sha256": digest_of(found), "packages": found}


def figures_of(record: Mapping[str, Any], run: Mapping[str, Any]) -> dict[str, Any]:
    """What a person wants to see of a training beside its curves: numbers and short texts for the asset's metadata."""
    compute = record["compute"]
    return {
        "cpu_seconds": run["cpu_seconds"],
        "tokens": compute["tokens"],
        "tokens_per_second": run.get("tokens_per_second"),
        "flop": compute["flop_direct"] or "not counted",
        "flop_upper_bound_6pd": compute["upper_bound_6pd"] or "not counted",
        "energy": in_words(run["energy"]),
        **estimated(run),
    }


def estimated(run: Mapping[str, Any]) -> dict[str, Any]:
    """What was expected, beside what was measured."""
    estimate = run.get("estimate") or {}
    memory, seconds = estimate.get("peak_rss_bytes"), estimate.get("seconds")
    return {
        "estimated_memory_mb": "not estimated" if memory is None else memory // 2**20,
        "estimated_training_seconds": estimate.get("why", "not estimated") if seconds is None else seconds,
        "training_seconds": run.get("training_seconds", "not measured"),
    }


def in_words(energy: Mapping[str, Any]) -> str:
    """`0.0021 kWh (codecarbon, machine mode, power from cpu_load)`; never a silent zero."""
    if energy.get("kwh") is None:
        return f"{energy['method']}{': ' + energy['why'] if energy.get('why') else ''}"
    how = (
        [f"{energy['tracking_mode']} mode", f"power from {energy['power_from']}"] if "tracking_mode" in energy else
        [f"{energy['watts_per_cpu']:g} W a core, as stated"] if "watts_per_cpu" in energy else []
    )  # fmt: skip
    return f"{energy['kwh']:.4g} kWh ({', '.join([energy['method'], *how])})"

"""What the whole training of a model version took: its stages, and their sums.

Belongs here: putting together the run records of the stages and what their runs measured, for documents that cite them.
Does not belong here: counting (`flop.py`), measuring (`compute/meter.py`), or what a document says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SCHEMA_VERSION = 1
NO_RECORD = "no record: the stage was carried out by an earlier release, or its checkpoint was tuned elsewhere"


@dataclass(frozen=True)
class StageRun:
    """One stage: its asset and digest, its run record, what its run measured, and the day it was made. A stage without
    a record has `record` None."""

    asset: str
    digest: str
    method: str
    record: Mapping[str, Any] | None
    run: Mapping[str, Any]
    hardware: Mapping[str, Any]
    made_on: str


def training_account(version: str, checkpoint: str, stages: Sequence[StageRun]) -> dict[str, Any]:
    """training_run_record.json: {"model_version", "checkpoint", "trained", "stages", "totals", "libraries"}.
    `checkpoint`: the digest of the version's checkpoint; `stages`: in order, none where nothing was trained. Operations
    in FLOP (a count), times in seconds, energy in kWh; None where a stage lacks the figure: then its sum is none."""
    rows = [_stage(stage) for stage in stages]
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "training_run_record",
        "model_version": version,
        "checkpoint": checkpoint,
        "trained": bool(rows),
        "stages": rows,
        "totals": {name: _sum(row[name] for row in rows) for name in SUMMED} | _of_all(rows),
        "libraries": dict(sorted({k: v for row in rows for k, v in row["libraries"].items()}.items())),
        "missing": sorted({f"{row['method']}: {row['problem']}" for row in rows if row["problem"]}),
    }


SUMMED = ("flop_direct", "flop_cumulative", "tokens", "seconds", "cpu_seconds", "energy_kwh")


def _stage(stage: StageRun) -> dict[str, Any]:
    record, energy = stage.record or {}, stage.run.get("energy") or {}
    compute = record.get("compute") or {}
    return {
        "asset": stage.asset,
        "digest": stage.digest,
        "method": stage.method,
        "made_on": stage.made_on,
        **{name: record.get(name) for name in ("steps", "batch_size", "seed")},
        "data": record.get("data"),
        "compute": dict(compute),
        "flop_direct": compute.get("flop_direct"),
        "flop_cumulative": compute.get("flop_cumulative"),
        "tokens": compute.get("tokens"),
        "seconds": stage.run.get("seconds"),
        "cpu_seconds": stage.run.get("cpu_seconds"),
        "peak_rss_bytes": stage.run.get("peak_rss_bytes"),
        "energy": dict(energy),
        "energy_kwh": energy.get("kwh"),
        "machine": dict(record.get("machine") or {}),
        "hardware": dict(stage.hardware),
        "libraries": dict(record.get("libraries") or {}),
        "problem": "" if record else NO_RECORD,
    }


def _sum(values: Any) -> float | None:
    """None where there is nothing to add, or a part of it is unknown: a sum without it would be too small."""
    known = list(values)
    if not known or any(value is None for value in known):
        return None
    total = sum(known)
    return total if isinstance(total, int) else float(f"{total:.12g}")


def _of_all(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """How the sums came about, and the largest of what is not added."""
    peaks = [row["peak_rss_bytes"] for row in rows if row["peak_rss_bytes"] is not None]
    return {
        "peak_rss_bytes": max(peaks, default=None),
        "trained_parameters": max((row["compute"].get("P_trainable") or 0 for row in rows), default=0),
        "active_parameters": max((row["compute"].get("P_active") or 0 for row in rows), default=0) or None,
        "flop_methods": sorted({row["compute"]["method"] for row in rows if "method" in row["compute"]}),
        "flop_assumptions": sorted({a for row in rows for a in row["compute"].get("assumptions", [])}),
        "energy_methods": sorted({_energy_method(row["energy"]) for row in rows if row["energy"]}),
        "machines": sorted({_machine(row) for row in rows if row["machine"]}),
    }


def _energy_method(energy: Mapping[str, Any]) -> str:
    told = [str(energy.get("method", "not measured"))]
    told += [f"{name}: {energy[name]}" for name in ("tracking_mode", "power_from", "watts_per_cpu") if name in energy]
    return ", ".join(told)


def _machine(row: Mapping[str, Any]) -> str:
    machine, energy = row["machine"], row["energy"]
    processor = energy.get("processor") or row["hardware"].get("machine", "")
    return f"{machine.get('cpus')} CPUs ({processor}), device {machine.get('device')}"

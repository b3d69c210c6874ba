"""The training payload's work on a tiny real model, in this process. Holds no tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from genaiops_assets.alignment import PAIRS as SCHEMA
from genaiops_assets.alignment import pair_row
from genaiops_assets.compute import Job
from genaiops_assets.lake import Lake, digest_of_folder, write_rows
from genaiops_assets.payloads import train_model
from genaiops_assets.use_case import Origin
from tests.support.trainings import PAIRS, SECTION


def training_job(lake: Lake, base: Path, name: str, pairs: list[dict[str, Any]] = PAIRS, **section: Any) -> Job:
    """A job with folders of its own; what it says is the same for each name."""
    folder = lake.home / name
    for part in ("staging", "scratch"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    rows = [
        pair_row(Origin.HUMAN, "", p["question"], p["passages"], (p["chosen"], 1.0), (p["rejected"], 0.0), "Ann")
        for p in pairs
    ]
    write_rows(folder / "pairs.parquet", SCHEMA, sorted(rows, key=lambda row: row["id"]))
    snapshot = lake.tables.sync("bank__preference_pairs", folder / "pairs.parquet").snapshot
    config: dict[str, Any] = {"dtype": "float32", "load_in_4bit": False, "language": "en", "prompts": "1"}
    inputs = {"base": {"path": str(base), "digest": digest_of_folder(base)}, "pairs": snapshot.to_dict(), "start": None}
    places = (str(lake.home), lake.url, str(folder / "staging"), str(folder / "scratch"))
    return Job("train_model", *places, 1, 7, inputs, {**SECTION, **config, **section})


def trained_by_payload(lake: Lake, base: Path, name: str, **section: Any) -> tuple[Path, dict[str, Any]]:
    """(what it left in staging, what it returned)."""
    job = training_job(lake, base, name, **section)
    return job.out, train_model.work(job)

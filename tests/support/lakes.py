"""Small lakes for tests: heads and artifacts written directly, without models and without Dagster runs. Holds no
tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from genaiops_assets.lake import Artifact, Lake, digest_of, write_json, write_rows
from genaiops_assets.use_case import UseCase
from genaiops_assets.use_case.load import load_use_case
from genaiops_assets.use_case.workspace import PACKAGED

V1, V2, V3 = "mv-000000000001", "mv-000000000002", "mv-000000000003"


def bank_support(**changes: Any) -> UseCase:
    """The packaged example; `changes` replace top-level fields. Owner Olga, builders Ben and Bea, approvers Ada and
    Arif."""
    return load_use_case(PACKAGED / "bank_support").model_copy(update=changes)


def retraining(uc: UseCase, **changes: Any) -> UseCase:
    """The use case with other settings of `monitoring.retraining`."""
    settings = uc.monitoring.retraining.model_copy(update=changes)
    return uc.model_copy(update={"monitoring": uc.monitoring.model_copy(update={"retraining": settings})})


def publish(
    lake: Lake,
    asset: str,
    files: dict[str, Any],
    *,
    partition: str | None = None,
    rows: str = "",
    summary: dict[str, Any] | None = None,
) -> Artifact:
    """Publish JSON files as the current output of an asset, `rows` as the name of a one-row table, `summary` as its
    figures."""
    key = digest_of([asset, partition, files, summary])
    with lake.work(key) as place:
        for name, content in files.items():
            write_json(place.staging / name, content)
        snapshots = [one_row(lake, rows, place.scratch / "rows.parquet")] if rows else []
        made = {"figures": summary or {}, "tables": {}}
        return lake.publish(
            asset, partition, key, place.staging, snapshots=snapshots, summary=made, provenance={"seed": 17}
        )


def one_row(lake: Lake, table: str, file: Path) -> Any:
    write_rows(
        file, pa.schema([("id", pa.string()), ("answer", pa.string())]), [{"id": "1", "answer": "It is 95 dollars."}]
    )
    return lake.tables.sync(table, file).snapshot


def candidate(lake: Lake, uc: UseCase, version: str = V1, verdict: str = "go") -> None:
    """Everything an approval binds, for one model version."""
    criteria = publish(lake, uc.key("success_criteria"), {"criteria.json": {"gates": []}})
    publish(lake, uc.key("model_plan"), {"plan.json": {"model_version": version}}, partition=version)
    publish(lake, uc.key("aligned_checkpoint"), {"training_log.json": {"version": version}}, partition=version)
    report = publish(
        lake,
        uc.key("eval_report"),
        {"eval_report.json": {"of": version}},
        partition=version,
        rows=uc.key("eval_outputs"),
    )
    card = publish(lake, uc.key("model_card"), {"model_card.json": {"of": version}}, partition=version)
    evidence = {"eval_report": report.digest, "model_card": card.digest, "success_criteria": criteria.digest}
    decision = {"of": version, "verdict": verdict, "evidence": evidence}
    publish(lake, uc.key("release_decision"), {"decision.json": decision}, partition=version)

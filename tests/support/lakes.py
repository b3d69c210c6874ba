"""Small lakes for tests: heads and artifacts written directly, without models and without Dagster runs. Holds no
tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from genaiops_assets.lake import Artifact, Lake, memo_key, write_json, write_rows
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
    inputs: dict[str, str] | None = None,
) -> Artifact:
    """Publish JSON files as the current output of an asset made from `inputs`, `rows` as the name of a one-row table,
    `summary` as its figures."""
    config = {"files": files, "summary": summary, "partition": partition}
    how = {"asset": asset, "inputs": inputs or {}, "code_version": "1", "config": config, "seed": 17}
    key = memo_key(**how)
    with lake.work(key) as place:
        for name, content in files.items():
            write_json(place.staging / name, content)
        snapshots = [one_row(lake, rows, place.scratch / "rows.parquet")] if rows else []
        made = {"figures": summary or {}, "tables": {}}
        return lake.publish(asset, partition, key, place.staging, snapshots=snapshots, summary=made, provenance=how)


def one_row(lake: Lake, table: str, file: Path) -> Any:
    write_rows(
        file, pa.schema([("id", pa.string()), ("answer", pa.string())]), [{"id": "1", "answer": "It is 95 dollars."}]
    )
    return lake.tables.sync(table, file).snapshot


def candidate(lake: Lake, uc: UseCase, version: str = V1, verdict: str = "go", **changes: str) -> None:
    """Everything an approval binds, for one model version, each made from the one before. `changes` replace the digest
    of an input: `checkpoint` of the report, `evaluation` of the card."""

    def made(name: str, files: dict[str, Any], inputs: dict[str, str], **more: Any) -> str:
        inputs = {k: changes.get(k, v) for k, v in inputs.items()}
        return publish(lake, uc.key(name), files, partition=version, inputs=inputs, **more).digest

    scope = publish(lake, uc.key("use_case_scope"), {"scope.json": uc.scope()}).digest
    criteria = publish(lake, uc.key("success_criteria"), {"criteria.json": {"gates": []}}).digest
    training = {"base": {"digest": "b" * 64}, "pairs": {"digest": "a" * 64}}
    plan = made("model_plan", {"plan.json": {"model_version": version, "training": training}}, {})
    trained_from = {"base": "b" * 64, "pairs": "a" * 64, "start": ""}
    checkpoint = made("aligned_checkpoint", {"training_log.json": {"version": version}}, trained_from)
    report = made(
        "eval_report", {"eval_report.json": {"of": version}}, {"checkpoint": checkpoint}, rows=uc.key("eval_outputs")
    )
    card = made(
        "model_card",
        {"model_card.json": {"of": version}},
        {"plan": plan, "evaluation": report, "training": checkpoint, "criteria": criteria},
    )
    evidence = {"eval_report": report, "model_card": card, "success_criteria": criteria, "use_case_scope": scope}
    decision = {"model_version": version, "verdict": verdict, "evidence": evidence}
    made("release_decision", {"decision.json": decision}, evidence)

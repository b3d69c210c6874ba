"""Payload: read all sources and the inbox into `documents.parquet` and `quarantine.parquet`."""

from __future__ import annotations

from typing import Any

from genaiops_assets.compute.job import Job, run_payload
from genaiops_assets.corpus import DOCUMENTS, QUARANTINE, Feed, ingest
from genaiops_assets.lake import Snapshot, write_rows


def work(job: Job) -> dict[str, Any]:
    seen = {}
    if job.inputs["previous"]:
        tables = job.lake().tables
        columns = ["id", "text_hash", "first_seen"]
        seen = {r["id"]: (r["text_hash"], r["first_seen"]) for r in tables.rows(Snapshot(**job.inputs["previous"]), columns)}
    result = ingest([Feed(**f) for f in job.inputs["feeds"]], seen, lambda n: job.progress("rows read", n, n + 1))
    write_rows(job.resume / "documents.parquet", DOCUMENTS, result.documents)
    write_rows(job.resume / "quarantine.parquet", QUARANTINE, result.quarantine)
    return result.counts()


if __name__ == "__main__":
    run_payload(work)

"""Payload: read all sources and the inbox into `documents.parquet`, `quarantine.parquet`, `erased.parquet` and
`rights.parquet`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from genaiops_assets.compute import Job, run_payload
from genaiops_assets.corpus import Earlier, Feed, GuardedReader, ingest_sources
from genaiops_assets.lake import Snapshot, Tombstones


def work(job: Job) -> dict[str, Any]:
    erased = Tombstones.from_lists(job.lake().store, job.inputs["erased"])
    feeds = [Feed(**f) for f in job.inputs["feeds"]]
    now = datetime.now(UTC).isoformat(timespec="seconds")

    def progress(read: int) -> None:
        job.progress("rows read", read, read + 1)

    with GuardedReader() as reader:
        return asdict(ingest_sources(feeds, job.resume, earlier_of(job), erased, now, progress, reader.read))


def earlier_of(job: Job) -> Earlier:
    """The last state, streamed from its snapshots."""
    tables, previous, rights = job.lake().tables, job.inputs["previous"], job.inputs["rights"]
    return Earlier.of(
        tables.batches(Snapshot(**previous), ["id", "text_hash", "first_seen"]) if previous else (),
        tables.rows(Snapshot(**rights), ["id", "source", "version", "first_seen", "fetched_at"]) if rights else (),
    )


if __name__ == "__main__":
    run_payload(work)

"""Payload: count personal data in the documents and in the filtered corpus, batch by batch, and look a second time at
a sample of what came out."""

from __future__ import annotations

import hashlib
import heapq
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from genaiops_assets.compute import Job, run_payload
from genaiops_assets.lake import Snapshot, write_json
from genaiops_assets.privacy import (
    NAME_KINDS,
    Ner,
    find_all,
    measure_rules,
    ner_state,
    open_ner,
    open_second_detector,
    read_probes,
)

ROWS = 1024


@dataclass
class Counted:
    """Findings by kind in all documents of a table and, beside it, in those of interest."""

    documents: int = 0
    bytes: int = 0
    with_findings: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    of_interest: Counter[str] = field(default_factory=Counter)

    def add(self, frame: pl.DataFrame, ner: Ner | None, interesting: set[str] | None) -> None:
        self.documents += len(frame)
        self.bytes += int(frame["text"].str.len_bytes().sum())
        for row_id, found in zip(frame["id"], find_all(frame["text"], ner), strict=True):
            if found:
                kinds = Counter(f.kind for f in found)
                self.with_findings += 1
                self.counts += kinds
                if interesting is None or row_id in interesting:
                    self.of_interest += kinds

    def to_dict(self) -> dict[str, Any]:
        return {
            "documents": self.documents,
            "bytes": self.bytes,
            "with_findings": self.with_findings,
            "counts": dict(sorted(self.counts.items())),
        }


def frames(job: Job, snapshot: Snapshot) -> Iterator[pl.DataFrame]:
    for batch in job.lake().tables.batches(snapshot, ["id", "text"]):
        yield from pl.DataFrame(pl.from_arrow(batch)).iter_slices(ROWS)


def draw(job: Job, row_id: str) -> str:
    """A number that decides who is in the sample: the same documents whatever the order of rows."""
    return hashlib.sha256(f"{job.seed}/{row_id}".encode()).hexdigest()


def second_look(job: Job, sample: list[str]) -> dict[str, Any]:
    """What an independent detector finds in a sample of the output, by kind; a policy that removes nothing has no
    output to check."""
    if not job.config["removes"]:
        return {"state": "not run: the policy removes nothing", "sampled": 0, "findings": 0, "counts": {}}
    detector = open_second_detector()
    if detector is None:
        return {"state": "not installed", "sampled": 0, "findings": 0, "counts": {}}
    kinds = Counter(
        f.kind for found in detector.find_all(sample) for f in found if f.kind in job.config["removed_kinds"]
    )
    return {
        "state": "presidio patterns",
        "sampled": len(sample),
        "findings": kinds.total(),
        "counts": dict(sorted(kinds.items())),
    }


def work(job: Job) -> dict[str, Any]:
    state = ner_state(job.config["ner"])
    ner = open_ner(job.config["ner"]) if state == "installed" else None
    documents, filtered = Snapshot(**job.inputs["documents"]), Snapshot(**job.inputs["filtered"])
    after, ids, sample = Counted(), set[str](), list[tuple[str, str]]()
    for frame in frames(job, filtered):
        after.add(frame, ner, None)
        ids.update(frame["id"])
        drawn = [(draw(job, row_id), text) for row_id, text in frame.iter_rows()]
        sample = heapq.nsmallest(job.config["sample"], sample + drawn)
        job.progress("filtered corpus", after.documents, filtered.rows)
    before = Counted()
    for frame in frames(job, documents):
        before.add(frame, ner, ids)
        job.progress("documents", before.documents, documents.rows)
    names: dict[str, Any] = {}
    if ner is not None:
        probes = list(read_probes(job.inputs["probes"]))
        names = measure_rules(probes, find_all([probe.text for probe in probes], ner), NAME_KINDS)
    scan = {
        "before": before.to_dict(),
        "before_in_kept": dict(sorted(before.of_interest.items())),
        "after": after.to_dict(),
        "ner": {"engine": job.config["ner"], "state": state},
        "names": names,
        "second": second_look(job, [text for _, text in sample]),
    }
    write_json(job.out / "scan.json", scan)
    return scan


if __name__ == "__main__":
    run_payload(work)

"""Payload: count personal data in texts, titles and ids of the documents and of the filtered corpus, batch by batch,
and look a second time at a sample of what came out."""

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
    find_in_ids,
    measure_rules,
    ner_state,
    open_ner,
    open_second_detector,
    read_probes,
)

ROWS = 1024
COLUMNS = ("id", "title", "text")


@dataclass
class Counted:
    """Findings by kind in all documents of a table and, beside it, in those of interest; text, title and id of each."""

    documents: int = 0
    bytes: int = 0
    with_findings: int = 0
    by_column: dict[str, Counter[str]] = field(default_factory=lambda: {name: Counter() for name in COLUMNS})
    of_interest: Counter[str] = field(default_factory=Counter)

    def add(self, frame: pl.DataFrame, ner: Ner | None, interesting: set[str] | None) -> None:
        self.documents += len(frame)
        self.bytes += int(frame["text"].str.len_bytes().sum())
        together = [Counter[str]() for _ in range(len(frame))]
        for name in COLUMNS:
            found = find_in_ids(frame[name]) if name == "id" else find_all(frame[name].fill_null(""), ner)
            for kinds, findings in zip(together, found, strict=True):
                of_column = Counter(f.kind for f in findings)
                self.by_column[name] += of_column
                kinds += of_column
        for row_id, kinds in zip(frame["id"], together, strict=True):
            self.with_findings += bool(kinds)
            if interesting is None or row_id in interesting:
                self.of_interest += kinds

    def to_dict(self) -> dict[str, Any]:
        total = sum(self.by_column.values(), Counter[str]())
        return {
            "documents": self.documents,
            "bytes": self.bytes,
            "with_findings": self.with_findings,
            "counts": dict(sorted(total.items())),
            "by_column": {name: dict(sorted(kinds.items())) for name, kinds in self.by_column.items()},
        }


def frames(job: Job, snapshot: Snapshot) -> Iterator[pl.DataFrame]:
    """Batches with the columns of `COLUMNS`."""
    for batch in job.lake().tables.batches(snapshot, list(COLUMNS)):
        yield from pl.DataFrame(pl.from_arrow(batch)).select(COLUMNS).iter_slices(ROWS)


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
    """Leaves `scan.json`: {"before", "after": counts by kind and column, "before_in_kept", "ner", "names", "second"}.
    `inputs`: snapshots `documents` and `filtered`, `probes` (lines of the probe set, where names are searched).
    `config`: `ner`, `removes`, `removed_kinds`, `sample` (documents of the output for the second detector)."""
    state = ner_state(job.config["ner"])
    ner = open_ner(job.config["ner"]) if state == "installed" else None
    documents, filtered = Snapshot(**job.inputs["documents"]), Snapshot(**job.inputs["filtered"])
    after, ids, sample = Counted(), set[str](), list[tuple[str, str]]()
    for frame in frames(job, filtered):
        after.add(frame, ner, None)
        ids.update(frame["id"])
        drawn = [(draw(job, row_id), f"{title}\n{text}") for row_id, title, text in frame.iter_rows()]
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

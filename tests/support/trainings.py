"""Trainings of a tiny real model, as the payload runs them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from genaiops_assets.alignment import Task, Trained, learned_from, method_of, open_model
from genaiops_assets.models import be_deterministic, load_tokenizer, packaged_prompts
from genaiops_assets.use_case import settings_of

SECTION = {
    "method": "dpo",
    "steps": 2,
    "batch_size": 2,
    "learning_rate": 1e-3,
    "beta": 0.1,
    "max_length": 400,
    "lora": {"r": 4, "alpha": 8, "dropout": 0.0, "target_modules": "all-linear"},
    "sft": {"steps": 0, "learning_rate": 2e-4, "batch_size": 4},
}


def pair(n: int, **more: str) -> dict[str, Any]:
    texts = {"chosen": f"It costs ${n}.", "rejected": "Ask somebody else, please."}
    asked = {"question": f"What does card {n} cost?", "passages": [f"Card {n} costs ${n} a year."], "origin": "human"}
    return {**asked, **texts, **more}


PAIRS = [pair(n) for n in range(1, 7)]


def trained(
    base: Path,
    folder: Path,
    rows: list[dict[str, Any]] = PAIRS,
    *,
    adapter: Path | None = None,
    dtype: str = "float32",
    load_in_4bit: bool = False,
    reference: Any = None,
    staging: Any = None,
    watch: Any = None,
    longest: int = 0,
    progress: Any = lambda done, total: None,
    reward: Path | None = None,
    teacher: Path | None = None,
    **section: Any,
) -> Trained:
    be_deterministic(17, 1)
    whole = {**SECTION, **section, **({"teacher": "dir:teacher"} if teacher else {})}
    method = method_of(whole["method"])
    task = Task(
        model=open_model(method, base, dtype=dtype, load_in_4bit=load_in_4bit, start=adapter, seed=17),
        tokenizer=load_tokenizer(base),
        rows=learned_from(rows, method.data),
        settings=settings_of(method, whole),
        prompts=packaged_prompts("en"),
        dtype=dtype,  # type: ignore[arg-type]
        seed=17,
        folder=folder,
        progress=progress,
        staging=staging,
        reference=reference,
        reward=reward,
        teacher=teacher,
        base=base,
        watch=watch,
        longest=longest,
    )
    return method.train(task)


def weights(model: Any) -> dict[str, torch.Tensor]:
    return {n: p.detach().clone() for n, p in model.named_parameters() if p.requires_grad}

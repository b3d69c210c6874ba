"""Distillation: a small model learns from a larger one.

Belongs here: both ways of it. Does not belong here: loading the teacher's reference (`payloads/train_model.py`).

By default the teacher's text: it answers the questions of the rows, and the student learns these answers as in
supervised fine-tuning (Kim and Rush 2016, sequence level). That works for any two tokenizers. With `on_policy` the
student writes and the teacher says, token by token, how probable each continuation is (Agarwal et al. 2024), by TRL's
DistillationTrainer; for that both must share their vocabulary."""

from __future__ import annotations

import gc
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import Field

from genaiops_assets.alignment.methods.base import Data, OneStage, Task, Trained
from genaiops_assets.alignment.methods.lora import (
    LoraSettings,
    answer,
    arguments,
    common_problems,
    dropout_problem,
    fit,
)
from genaiops_assets.alignment.methods.online import NOT_TAKEN, in_rounds, prompts_of
from genaiops_assets.errors import PayloadError
from genaiops_assets.lake import is_sealed, seal_of, write_json
from genaiops_assets.models import TransformersGenerator, load_model, load_tokenizer
from genaiops_assets.use_case import SettingProblem

ANSWERS = "teacher_answers.json"
ALMOST_FORWARD = 0.01  # TRL's divergence just above 0 is another function than at 0, and it vanishes
ON_POLICY_ONLY = ("divergence", "temperature")


class DistilSettings(LoraSettings):
    """`teacher`: reference of the model to learn from. `divergence`: 0 for forward KL, 1 for reverse KL."""

    teacher: str = Field(min_length=1)
    on_policy: bool = False
    max_completion_length: int = Field(default=48, gt=0, description="tokens of an answer")
    divergence: float = Field(default=1.0, ge=0, le=1)
    temperature: float = Field(default=1.0, gt=0)


class Distil(OneStage):
    name = "distil"
    label = "Distillation"
    data = Data.PROMPTS
    settings = DistilSettings
    curves: tuple[str, ...] = ("loss",)

    def problems(self, settings: DistilSettings) -> Iterator[SettingProblem]:
        yield from common_problems(settings)
        if settings.on_policy:
            yield from dropout_problem("distil, on policy,", settings)
        else:
            for name in ON_POLICY_ONLY:
                if getattr(settings, name) != DistilSettings.model_fields[name].default:
                    yield SettingProblem(f"settings.{name}", "has no effect without on_policy", "leave the line out")
        if 0 < settings.divergence < ALMOST_FORWARD:
            message = f"{settings.divergence} is not near 0 in what it does: the loss vanishes"
            yield SettingProblem("settings.divergence", message, f"use 0, or {ALMOST_FORWARD} and more")

    def files(self, settings: DistilSettings) -> dict[str, str]:
        return {"teacher": settings.teacher}

    def train(self, task: Task) -> Trained:
        if task.teacher is None:
            raise PayloadError("method distil has no teacher: alignment.settings.teacher names none that was resolved")
        return on_policy(task, task.teacher) if task.settings.on_policy else by_text(task, task.teacher)


def by_text(task: Task, teacher: Path) -> Trained:
    """The student learns what the teacher wrote; an empty answer teaches nothing and is counted."""
    from trl import SFTConfig, SFTTrainer

    asked = prompts_of(task)
    said = teacher_answers(task, teacher, asked)
    rows = [{"prompt": a["prompt"], "completion": answer(text)} for a, text in zip(asked, said, strict=True) if text]
    if not rows:
        raise PayloadError("the teacher answered nothing: it must be a model that follows its chat template")
    made = fit(task, partial(SFTTrainer, args=SFTConfig(**arguments(task), completion_only_loss=True)), rows)
    return Trained(made.model, made.history, {"teacher_answers": len(rows), "teacher_silent": len(said) - len(rows)})


def teacher_answers(task: Task, teacher: Path, asked: list[dict[str, Any]]) -> list[str]:
    """Written once: a training that was stopped finds them in scratch, sealed."""
    questions = [[a["question"], a["passages"]] for a in asked]
    bound = ["teacher answers", str(teacher.name), questions, task.settings.max_completion_length]
    file, store = task.folder / ANSWERS, getattr(task.staging, "store", None)
    try:
        kept = json.loads(file.read_text())
        if store is not None and is_sealed(store, [bound, kept["answers"]], kept["seal"]):
            return list(kept["answers"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    speaker = TransformersGenerator(load_model(teacher, dtype=task.dtype), load_tokenizer(teacher))
    prompts = [task.prompts.messages(a["question"], a["passages"]) for a in asked]
    answers = speaker.generate(prompts, task.settings.max_completion_length)
    del speaker
    gc.collect()
    if store is not None:
        task.folder.mkdir(parents=True, exist_ok=True)
        write_json(file, {"answers": answers, "seal": seal_of(store, [bound, answers])})
    return answers


def on_policy(task: Task, teacher: Path) -> Trained:
    from trl import DistillationConfig, DistillationTrainer

    refuse_other_vocabulary(task.tokenizer, load_tokenizer(teacher))
    s = task.settings
    told = {name: value for name, value in arguments(task).items() if name not in NOT_TAKEN}
    told |= {"max_completion_length": s.max_completion_length, "temperature": s.temperature, "beta": s.divergence}
    config = DistillationConfig(**told, shuffle_dataset=False, disable_dropout=True)
    rows = [{"prompt": a["prompt"]} for a in in_rounds(prompts_of(task), s.steps * s.batch_size, task.seed)]
    model = load_model(teacher, dtype=task.dtype)
    return fit(task, partial(DistillationTrainer, args=config, teacher_model=model), rows)


def refuse_other_vocabulary(student: Any, teacher: Any) -> None:
    """Raises PayloadError where a token id means another text to the teacher: TRL compares the number of rows only."""
    mine, theirs = student.get_vocab(), teacher.get_vocab()
    if mine == theirs:
        return
    differ = sum(theirs.get(token) != number for token, number in mine.items()) + len(theirs.keys() - mine.keys())
    raise PayloadError(
        f"on_policy needs a teacher with the student's vocabulary: {differ} tokens differ. Leave on_policy out (the "
        "student then learns the teacher's text, whatever its tokenizer), or name a teacher of the same family"
    )

"""Payload: base models or prompts tried one after the other on the same questions with the same passages.

Belongs here: answering and scoring, one model in memory at a time. Does not belong here: which is recommended
(`evaluation/trials.py`)."""

from __future__ import annotations

import gc
import time
from collections.abc import Sequence
from typing import Any

from genaiops_assets.compute import Job, run_payload
from genaiops_assets.evaluation import Trial, TrialInputs, TrialSettings, answer_f1, refuses
from genaiops_assets.models import (
    BaseModelFiles,
    ModelSpec,
    Prompts,
    be_deterministic,
    bytes_of,
    contract_problems,
    describe_model,
    languages_of,
    load_tokenizer,
    why_unfit,
)
from genaiops_assets.retrieval import open_retriever
from genaiops_assets.text import language


def work(job: Job) -> dict[str, Any]:
    """Inputs: `TrialInputs`. Config: `TrialSettings`. Returns for each trial its scores by question, share answered and
    in the use case's language, bytes of the weights, what the model's files say of it, tokens written a second; or why
    it was refused. A finished trial is kept for a rerun after a kill."""
    be_deterministic(job.seed, job.cpus)
    inputs, settings = TrialInputs.model_validate(job.inputs), TrialSettings.model_validate(job.config)
    spec = inputs.model_dump(include={"index", "embedder", "reranker"})
    retriever = open_retriever(job.lake().tables, spec, cache=job.cache, cpus=job.cpus)
    found = retriever.find([item.question for item in inputs.items], settings.top_k)
    passages = [[passage.quoted for passage in each] for each in found]
    del retriever
    results = {}
    for number, trial in enumerate(inputs.trials):
        job.progress("trials", number, len(inputs.trials))
        kept = job.kept(f"trial_{number}")
        if kept is None:
            kept = tried(job, trial, inputs, passages, settings)
            job.keep(f"trial_{number}", kept)
        results[trial.name] = kept
        gc.collect()
    return results


def tried(
    job: Job, trial: Trial, inputs: TrialInputs, passages: Sequence[list[str]], settings: TrialSettings
) -> dict[str, Any]:
    base = BaseModelFiles.model_validate(trial.base)
    try:
        directory = base.directory(job.cache)
    except (FileNotFoundError, ValueError) as error:  # no model, or a kind of GGUF that transformers does not read
        return {"refused": str(error)}
    prompts = Prompts.model_validate(trial.prompts)
    if problems := why_unfit(directory) or contract_problems(load_tokenizer(directory), prompts):
        return {"refused": "; ".join(problems)}
    spec = ModelSpec(base=base, dtype=trial.dtype, load_in_4bit=trial.load_in_4bit)
    generator = spec.open(job.cache, batch_size=settings.batch_size)
    asked = [prompts.messages(item.question, read) for item, read in zip(inputs.items, passages, strict=True)]
    began = time.perf_counter()
    answers = generator.generate(asked, settings.max_new_tokens)
    seconds = time.perf_counter() - began
    written = sum(count for _, count in generator.tokens(asked, answers))
    spoken = [language(answer) == settings.language for answer in answers if not refuses(answer)]
    return {
        "scores": {
            item.id: round(answer_f1(answer, item.answer), 6)
            for item, answer in zip(inputs.items, answers, strict=True)
        },
        "answered": round(sum(not refuses(a) for a in answers) / max(1, len(answers)), 6),
        "in_language": round(sum(spoken) / len(spoken), 6) if spoken else None,
        "weights_bytes": bytes_of(generator.model),
        "about": {**describe_model(directory), "languages": languages_of(directory)},
        "tokens_a_second": round(written / seconds, 2) if seconds else None,
    }


if __name__ == "__main__":
    run_payload(work)

"""Payload: how long a version takes to answer, one question after the other, as it is served.

Belongs here: searching, answering, keeping the time. Does not belong here: quantiles and limits
(`evaluation/latency.py`), answers in batches (`evaluate_model.py`)."""

from __future__ import annotations

import time
from typing import Any

from genaiops_assets.compute import Job, Meter, processor_name, run_payload
from genaiops_assets.evaluation import EvaluationInputs, EvaluationSettings, asked_for_time, token_figures
from genaiops_assets.lake import write_json
from genaiops_assets.models import Prompts, be_deterministic, packaged_prompts, timed_answer
from genaiops_assets.payloads.speaking import Model
from genaiops_assets.retrieval import open_retriever


def work(job: Job) -> dict[str, Any]:
    """Inputs `EvaluationInputs`, config `EvaluationSettings`. Leaves `latency_report.json`, which holds what is the
    same in every run: questions and tokens. Returns the seconds of each answer and what the machine used; the
    first answer warms up and does not count."""
    be_deterministic(job.seed, job.cpus)
    inputs, settings = EvaluationInputs(**job.inputs), EvaluationSettings(**job.config)
    search = inputs.model_dump(include={"index", "embedder", "reranker"})
    retriever = open_retriever(job.lake().tables, search, cache=job.cache, cpus=job.cpus)
    prompts = Prompts(**inputs.prompts) if inputs.prompts else packaged_prompts(settings.language)
    generator = Model(job, inputs, settings, inputs.adapter).generator
    asked = asked_for_time(inputs.golden, settings.limit)

    def answer(question: str) -> dict[str, Any]:
        began = time.perf_counter()
        found = retriever.find([question], settings.top_k)[0]
        searched = time.perf_counter() - began
        prompt = prompts.messages(question, [passage.quoted for passage in found])
        timed = timed_answer(generator.model, generator.tokenizer, prompt, settings.max_new_tokens)
        whole = time.perf_counter() - began
        return {
            "read": timed.read,
            "written": timed.written,
            "search": searched,
            "first": timed.first,
            "between": timed.between,
            "whole": whole,
        }

    if asked:
        answer(asked[0].question)
    rows = []
    with Meter() as meter:
        for place, item in enumerate(asked):
            job.progress("answers timed", place, len(asked))
            rows.append({"item": item.id, **answer(item.question)})
    told = [{name: row[name] for name in ("item", "read", "written")} for row in rows]
    report = {
        "schema_version": 1,
        "model_version": inputs.model_version,
        "questions": len({item.id for item in asked}),
        "answers": len(asked),
        "top_k": settings.top_k,
        "max_new_tokens": settings.max_new_tokens,
        "tokens": token_figures(rows),
        "rows": told,
    }
    write_json(job.out / "latency_report.json", report)
    return {"rows": rows, "used": meter.used(), "threads": job.cpus, "processor": processor_name()}


if __name__ == "__main__":
    run_payload(work)

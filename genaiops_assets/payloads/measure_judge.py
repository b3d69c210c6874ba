"""Payload: a judge measured on pairs that people labelled.

Belongs here: opening the judge and finding the passages it is shown. Does not belong here: counting
(`alignment/judging.py`)."""

from __future__ import annotations

from typing import Any

from genaiops_assets.alignment import JudgeConfig, JudgeInputs, judge_record, open_judge
from genaiops_assets.compute import Job, run_payload
from genaiops_assets.lake import write_json
from genaiops_assets.models import ModelSpec, be_deterministic, prompts_in
from genaiops_assets.retrieval import open_embedder, open_retriever


def work(job: Job) -> dict[str, Any]:
    """Inputs: `JudgeInputs`. Config: `JudgeConfig`. Leaves `judge_record.json`. Returns the record. A judge is shown
    the passages that search finds for a question, and no reference: people's pairs have none."""
    be_deterministic(job.seed, job.cpus)
    inputs, config = JudgeInputs.model_validate(job.inputs), JudgeConfig.model_validate(job.config)
    spec = ModelSpec(base=inputs.base, dtype=config.dtype, load_in_4bit=config.load_in_4bit)
    judge = open_judge(
        config.judging,
        language=config.language,
        embedder=lambda: open_embedder(inputs.embedder, cache=job.cache, cpus=job.cpus),
        generator=lambda: spec.open(job.cache),
        prompts=prompts_in(config.model_dump()),
    )
    passages: list[list[str]] = []
    if inputs.labelled:
        search = inputs.model_dump(include={"index", "embedder", "reranker"})
        retriever = open_retriever(job.lake().tables, search, cache=job.cache, cpus=job.cpus)
        questions = [pair["question"] for pair in inputs.labelled]
        passages = [[p.quoted for p in found] for found in retriever.find(questions, config.passages)]
    record = judge_record(judge, inputs.labelled, passages)
    write_json(job.out / "judge_record.json", record)
    return record


if __name__ == "__main__":
    run_payload(work)

"""Payload: answers of base and tuned model, with and without retrieval, and their scores."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

from genaiops_assets import plots
from genaiops_assets.alignment import (
    TransformersGenerator,
    be_deterministic,
    load_model,
    load_tokenizer,
    messages,
    model_directory,
)
from genaiops_assets.compute.job import Job, run_payload
from genaiops_assets.evaluation import (
    OUTPUTS,
    Golden,
    cells_and_effects,
    load_retrieval_set,
    retrieval_scores,
    samples,
    score_items,
)
from genaiops_assets.lake import write_json, write_rows
from genaiops_assets.retrieval import Index, Retriever, SentenceEmbedder, documents_of

DEPTH = 50  # passages searched, so that ten different documents come up


def answers_of(job: Job, golden: list[Golden], passages: list[list[str]]) -> dict[str, list[str]]:
    """Cell → answers. A finished cell waits in scratch, so a killed run does not generate it again."""
    base = job.inputs["base"]
    directory = model_directory(base["path"], base["digest"], Path(job.home) / "cache")
    tokenizer = load_tokenizer(directory)
    answers: dict[str, list[str]] = {}
    for who, adapter in (("base", None), ("tuned", job.inputs["adapter"])):
        if who == "tuned" and adapter is None:
            continue
        model = None
        for how, shown in (("without", [[] for _ in golden]), ("with", passages)):
            cell = f"{who}_{how}"
            store = job.resume / f"{cell}.json"
            if not store.exists():
                if model is None:
                    model = load_model(directory, dtype=job.config["dtype"], load_in_4bit=job.config["load_in_4bit"], adapter=adapter)
                    model = model.merge_and_unload() if adapter and not job.config["load_in_4bit"] else model
                generator = TransformersGenerator(
                    model, tokenizer, batch_size=job.config["batch_size"], progress=partial(job.progress, cell)
                )
                prompts = [messages(g.question, p, job.config["language"]) for g, p in zip(golden, shown, strict=True)]
                write_json(store, generator.generate(prompts, job.config["max_new_tokens"]))
            answers[cell] = json.loads(store.read_text())
    return answers


def work(job: Job) -> dict[str, Any]:
    be_deterministic(job.seed, job.cpus)
    config = job.config
    golden = [Golden(**{**g, "documents": tuple(g["documents"])}) for g in job.inputs["golden"]]
    embedder = SentenceEmbedder(job.inputs["embedder"]["path"], cpus=job.cpus)
    retriever = Retriever(Index.told(job.lake().tables, job.inputs["index"]), embedder)
    how = {"resamples": config["resamples"], "confidence": config["confidence"], "seed": job.seed}
    found = retriever.find([g.question for g in golden], DEPTH)
    retrieval = {
        "golden": retrieval_scores(
            [documents_of(f) for f in found],
            [g.documents for g in golden],
            k=config["top_k"],
            k_name="k",
            shown=[documents_of(f[: config["top_k"]]) for f in found],
            **how,
        )
    }
    for spec in job.inputs["retrieval_sets"]:
        queries = load_retrieval_set(Path(spec["path"]), spec["fields"], spec["limit"])
        ranked = [documents_of(found) for found in retriever.find([q.text for q in queries], DEPTH)]
        retrieval[spec["name"]] = retrieval_scores(ranked, [q.relevant for q in queries], k=10, k_name="10", **how)
    top = [f[: config["top_k"]] for f in found]
    passages = [[p.quoted for p in ps] for ps in top]
    answers = answers_of(job, golden, passages)
    rows = score_items(golden, answers, ["\n".join(p) for p in passages], [[p.id for p in ps] for ps in top])
    write_rows(job.resume / "outputs.parquet", OUTPUTS, sorted(rows, key=lambda r: r["id"]))
    report = {
        "schema_version": 1,
        "model_version": job.inputs["model_version"],
        **cells_and_effects(rows, **how),
        "retrieval": retrieval,
        "items": len(golden),
        "top_k": config["top_k"],
        "generation": {
            "max_new_tokens": config["max_new_tokens"],
            "do_sample": False,
            "dtype": config["dtype"],
            "prompts": config["prompts"],
        },
        "support_is": "share of answer tokens found in the retrieved passages: a heuristic, not a measure of truth",
        "samples": samples(golden, answers),
    }
    write_json(job.out / "eval_report.json", report)
    draw(job.out / "views", report)
    return {"cells": len(answers)}


def draw(folder: Path, report: dict[str, Any]) -> None:
    cells = {name.replace("_", " "): cell["answer_f1"]["all"] for name, cell in report["cells"].items()}
    plots.intervals(folder / "answer F1 by cell.png", f"Answer F1 with 95 % intervals, {report['items']} questions", cells)
    effects = {f"{name} ({split})": value for name, by in report["effects"].items() for split, value in by.items()}
    plots.intervals(folder / "effects.png", "Effect on answer F1, paired intervals", effects, zero=True)


if __name__ == "__main__":
    run_payload(work)

"""Payload: answers of base and tuned model, with and without retrieval, and their scores."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

from genaiops_assets.alignment import TOPIC_JUDGE, is_covered, topic_score
from genaiops_assets.compute import Job, run_payload
from genaiops_assets.evaluation import (
    OUTPUTS,
    Golden,
    before_and_after,
    cells_and_effects,
    load_retrieval_set,
    retrieval_scores,
    samples,
    score_items,
)
from genaiops_assets.evidence import plots
from genaiops_assets.lake import write_json, write_rows
from genaiops_assets.models import ModelSpec, TransformersGenerator, be_deterministic, messages
from genaiops_assets.retrieval import Retriever, documents_of, open_retriever

DEPTH = 50  # passages searched, so that ten different documents come up


class Speaker:
    """The base model or a tuned one, loaded when there is something left to say."""

    def __init__(self, job: Job, adapter: str | None):
        self.job, self.adapter = job, adapter

    @cached_property
    def generator(self) -> TransformersGenerator:
        base, config = self.job.inputs["base"], self.job.config
        spec = ModelSpec(base=base, adapter=self.adapter, dtype=config["dtype"], load_in_4bit=config["load_in_4bit"])
        return spec.open(self.job.cache, batch_size=config["batch_size"])

    def answers(self, cell: str, questions: list[str], passages: Sequence[Sequence[str]]) -> list[str]:
        """Finished answers wait in scratch, sealed, so a killed run does not generate them again."""
        kept = self.job.kept(cell)
        if kept is None:
            prompts = [messages(q, p, self.job.config["language"]) for q, p in zip(questions, passages, strict=True)]
            self.generator.progress = partial(self.job.progress, cell)
            kept = self.generator.generate(prompts, self.job.config["max_new_tokens"])
            self.job.keep(cell, kept)
        return kept


def answers_of(job: Job, golden: list[Golden], passages: list[list[str]]) -> dict[str, list[str]]:
    """Cell → answers."""
    questions, adapter = [g.question for g in golden], job.inputs["adapter"]
    answers: dict[str, list[str]] = {}
    for who in ("base", "tuned") if adapter else ("base",):
        speaker = Speaker(job, adapter if who == "tuned" else None)
        for how, shown in (("without", [[] for _ in golden]), ("with", passages)):
            answers[f"{who}_{how}"] = speaker.answers(f"{who}_{how}", questions, shown)
    return answers


def new_topics(job: Job, retriever: Retriever, how: dict[str, Any]) -> dict[str, Any] | None:
    """Quality on questions of the new topics that no training saw, before and after; None without such questions."""
    told = job.inputs["new_topics"]
    if not told or not told["questions"]:
        return None
    questions = told["questions"]
    found = retriever.find(questions, job.config["top_k"])
    passages = [[p.quoted for p in ps] for ps in found]
    covered = [is_covered(p.score for p in ps) for ps in found]
    scores = {}
    for when, adapter in (("before", told["adapter"]), ("after", job.inputs["adapter"])):
        said = Speaker(job, adapter).answers(f"new_topics_{when}", questions, passages)
        scores[when] = [
            topic_score(a, p, c, job.config["language"]) for a, p, c in zip(said, passages, covered, strict=True)
        ]
    return {
        "questions": len(questions),
        "covered": sum(covered),
        "before_is": told["before"] or "base model",
        "measured_by": TOPIC_JUDGE,
        **before_and_after(scores["before"], scores["after"], **how),
    }


def work(job: Job) -> dict[str, Any]:
    be_deterministic(job.seed, job.cpus)
    config = job.config
    golden = [Golden(**{**g, "documents": tuple(g["documents"])}) for g in job.inputs["golden"]]
    retriever = open_retriever(job.lake().tables, job.inputs, cache=job.cache, cpus=job.cpus)
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
    if topics := new_topics(job, retriever, how):
        report["new_topics"] = topics
    write_json(job.out / "eval_report.json", report)
    draw(job.out / "views", report)
    return {"cells": len(answers)}


def draw(folder: Path, report: dict[str, Any]) -> None:
    cells = {name.replace("_", " "): cell["answer_f1"]["all"] for name, cell in report["cells"].items()}
    plots.intervals(
        folder / "answer F1 by cell.png", f"Answer F1 with 95 % intervals, {report['items']} questions", cells
    )
    effects = {f"{name} ({split})": value for name, by in report["effects"].items() for split, value in by.items()}
    plots.intervals(folder / "effects.png", "Effect on answer F1, paired intervals", effects, zero=True)
    if topics := report.get("new_topics"):
        shown = {f"{topics['before_is']} (before)": topics["before"], "this version (after)": topics["after"]}
        plots.intervals(folder / "new topics.png", f"Quality on {topics['questions']} questions of new topics", shown)


if __name__ == "__main__":
    run_payload(work)

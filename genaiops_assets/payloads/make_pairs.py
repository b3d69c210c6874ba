"""Payload: preference pairs from the corpus, from observed questions and from people's feedback."""

from __future__ import annotations

import json
from typing import Any

from genaiops_assets.alignment import PAIRS, facts_of, find_leaks, is_covered, pair_row
from genaiops_assets.compute import Job, run_payload
from genaiops_assets.evaluation import best_and_worst
from genaiops_assets.lake import Snapshot, write_json, write_rows
from genaiops_assets.models import (
    REFUSAL,
    TransformersGenerator,
    be_deterministic,
    load_model,
    load_tokenizer,
    messages,
    model_directory,
)
from genaiops_assets.retrieval import open_retriever

SPARE = 1.25  # some candidates do not differ enough and fall out


class Maker:
    """Everything a pair needs: passages for a question and answers with and without them."""

    def __init__(self, job: Job):
        be_deterministic(job.seed, job.cpus)
        lake, base = job.lake(), job.inputs["base"]
        self.job, self.config = job, job.config
        self.retriever = open_retriever(lake.tables, job.inputs, cache=job.cache, cpus=job.cpus)
        directory = model_directory(base["path"], base["digest"], job.cache)
        model = load_model(directory, dtype=self.config["dtype"], load_in_4bit=self.config["load_in_4bit"])
        self.generator = TransformersGenerator(model, load_tokenizer(directory), batch_size=16)

    def passages(self, questions: list[str]) -> list[list[Any]]:
        return self.retriever.find(questions, self.config["passages"])

    def answers(self, what: str, questions: list[str], passages: list[list[str]]) -> list[str]:
        """Generated once: a killed run finds its answers in scratch."""
        store = self.job.resume / f"{what}.json"
        if store.exists():
            kept = json.loads(store.read_text())
            if kept["questions"] == questions and kept["passages"] == passages:
                return kept["answers"]
        self.generator.progress = lambda done, total: self.job.progress(f"{what} answers", done, total)
        prompts = [messages(q, p, self.config["language"]) for q, p in zip(questions, passages, strict=True)]
        made = self.generator.generate(prompts, self.config["max_new_tokens"])
        write_json(store, {"questions": questions, "passages": passages, "answers": made})
        return made


def corpus_pairs(maker: Maker, documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Grounded answer, ungrounded answer and the source sentence, ranked by the judge."""
    facts = facts_of(documents, int(maker.config["count"] * SPARE))
    questions = [f.question for f in facts]
    passages = [with_source(p, f) for p, f in zip(maker.passages(questions), facts, strict=True)]
    grounded = maker.answers("grounded", questions, passages)
    ungrounded = maker.answers("ungrounded", questions, [[] for _ in questions])
    rows = []
    for fact, shown, g, u in zip(facts, passages, grounded, ungrounded, strict=True):
        chosen, rejected = best_and_worst([fact.sentence, g, u], shown, fact.sentence)
        if rejected[0] and chosen[1] - rejected[1] >= maker.config["min_margin"]:
            rows.append(pair_row("corpus", fact.doc_id, fact.question, shown, chosen, rejected, "judge"))
    return rows[: maker.config["count"]]


def with_source(found: list[Any], fact: Any) -> list[str]:
    """The passages found, and the one the fact stands in: it replaces the last where search missed it."""
    shown = [p.quoted for p in found]
    if not any(fact.sentence in text for text in shown):
        shown[-1:] = [f"{fact.title}\n{fact.sentence}"]
    return shown


def observed_pairs(maker: Maker, questions: list[str]) -> list[dict[str, Any]]:
    """For questions people really asked: the better grounded answer, or a refusal where the corpus says nothing."""
    found = maker.passages(questions)
    passages = [[p.quoted for p in ps] for ps in found]
    grounded = maker.answers("observed grounded", questions, passages)
    ungrounded = maker.answers("observed ungrounded", questions, [[] for _ in questions])
    rows = []
    for question, ps, shown, g, u in zip(questions, found, passages, grounded, ungrounded, strict=True):
        covered = is_covered(p.score for p in ps)
        refusal = REFUSAL[maker.config["language"]]
        chosen, rejected = best_and_worst([g, u], shown, None) if covered else ((refusal, 1.0), (u, 0.0))
        if (
            rejected[0]
            and chosen[0] != rejected[0]
            and (not covered or chosen[1] - rejected[1] >= maker.config["min_margin"])
        ):
            rows.append(
                pair_row("observed", ps[0].doc_id if covered else "", question, shown, chosen, rejected, "judge")
            )
    return rows


def human_pairs(maker: Maker, feedback: list[dict[str, str]]) -> list[dict[str, Any]]:
    passages = maker.passages([f["question"] for f in feedback])
    return [
        pair_row(
            "human", "", f["question"], [p.quoted for p in ps], (f["chosen"], 1.0), (f["rejected"], 0.0), f["reviewer"]
        )
        for f, ps in zip(feedback, passages, strict=True)
    ]


def work(job: Job) -> dict[str, Any]:
    golden = job.inputs["golden"]
    cited = {d for item in golden for d in item["documents"]}
    columns = ["id", "title", "text"]
    documents = [
        d for d in job.lake().tables.read(Snapshot(**job.inputs["corpus"]), columns).to_pylist() if d["id"] not in cited
    ]
    maker = Maker(job)
    rows = corpus_pairs(maker, documents)
    rows += observed_pairs(maker, job.inputs["observed"]) + human_pairs(maker, job.inputs["feedback"])
    leaking = {pair for pair, _ in find_leaks(rows, golden)}
    unique = {r["id"]: r for r in rows if r["id"] not in leaking}
    write_rows(job.resume / "pairs.parquet", PAIRS, (unique[i] for i in sorted(unique)))
    return {"leaking_dropped": len(leaking)}


if __name__ == "__main__":
    run_payload(work)

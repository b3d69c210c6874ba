"""Payload: compare a day's questions with those the model was made and judged with, its answers with those it was
judged by, and the documents that came since with those it was made on. Each of the three has its own verdict, at the
same level; the report's is that of the questions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from genaiops_assets.compute import Job, run_payload
from genaiops_assets.drift import (
    DriftResult,
    Questions,
    Rule,
    advise,
    compare_by,
    distinct,
    drift_report,
    features_by_effect,
    project_2d,
    subject_of,
    what_moved,
)
from genaiops_assets.evidence import draw_bars, draw_scatter
from genaiops_assets.lake import Snapshot, in_list, write_json
from genaiops_assets.retrieval import Embedder, Index, open_embedder
from genaiops_assets.use_case import SERVED_CELL

JUDGED = SERVED_CELL
SETTINGS = ("alpha", "windows", "min_effect", "permutations")
SAMPLE = 1000  # documents of each side whose vectors are read
ID_BATCH = 200


def rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    return [rounded(v) for v in value] if isinstance(value, list) else value


def work(job: Job) -> dict[str, Any]:
    asked = job.inputs["asked"]
    asked = [asked[i] for i in distinct(a["question"] for a in asked)]
    known = reference_questions(job)
    rule = Rule(**{k: job.config[k] for k in SETTINGS})
    documents, answers = documents_moved(job, rule), None
    if len(asked) < job.config["min_interactions"]:
        report = too_few(len(known), len(asked), job.config["min_interactions"], documents)
    else:
        embedder = open_embedder(job.inputs["embedder"], cache=job.cache, cpus=job.cpus)
        answers = answers_moved(job, embedder, rule, asked)
        before = questions(job, embedder, known, known)
        now = questions(job, embedder, [a["id"] for a in asked], [a["question"] for a in asked])
        report = drift_report(
            before,
            now,
            rule,
            expected_language=job.inputs["language"],
            seed=job.seed,
            index_is_behind=job.inputs["index_is_behind"],
            answers=(judged_answers(job), [a["answer"] for a in asked]),
            seconds=(job.inputs["seconds"], [a["seconds"] for a in asked if a["seconds"] is not None]),
            beside={"answers": answers, "documents": documents.result if documents else None},
        )
        draw(job, before, now, report)
    report["answers"] = answers.to_dict() if answers else None
    report["documents"] = documents.to_dict() if documents else None
    written = {
        "schema_version": 2,
        "day": job.inputs["day"],
        **report,
        "rates": job.inputs["rates"],
        "settings": job.config,
    }
    write_json(job.out / "drift.json", rounded(written))
    return {"drifted": bool(report["drifted"]), "enough": bool(report["enough"])}


def reference_questions(job: Job) -> list[str]:
    """Golden and training questions, each once, sorted."""
    pairs = job.lake().tables.rows(Snapshot(**job.inputs["pairs"]), ["question"]) if job.inputs["pairs"] else []
    found = sorted({*job.inputs["golden"], *(row["question"] for row in pairs)})
    return [found[i] for i in distinct(found)]


def judged_answers(job: Job) -> list[str]:
    """What the model of the day answered when it was judged, with retrieval as in use; sorted by item."""
    if not job.inputs["outputs"]:
        return []
    return [
        row["answer"]
        for row in job.lake().tables.read(Snapshot(**job.inputs["outputs"]), where=f"cell = '{JUDGED}'").to_pylist()
    ]


def answers_moved(job: Job, embedder: Embedder, rule: Rule, asked: list[dict[str, Any]]) -> DriftResult | None:
    """The day's answers beside those the same model gave when it was judged; None where it answered nothing or was not
    judged."""
    sides = [sorted({text for text in texts if text}) for texts in (judged_answers(job), [a["answer"] for a in asked])]
    if not all(sides):
        return None
    first, second = (embedder.encode(side) for side in sides)
    return compare_by(rule, first, second, job.seed, (sides[0], sides[1]))


@dataclass(frozen=True)
class DocumentsMoved:
    """How many documents came and went, and whether those that came are of another kind."""

    came: int
    went: int
    result: DriftResult

    def to_dict(self) -> dict[str, Any]:
        return {"came": self.came, "went": self.went, **self.result.to_dict()}


def documents_moved(job: Job, rule: Rule) -> DocumentsMoved | None:
    """Documents with new passages since the index that the model in use was made on, beside the documents of that one;
    by the mean of their passages' vectors. None where it is the same index, or gone."""
    if not (job.inputs["index"] and job.inputs["index_before"]):
        return None
    tables = job.lake().tables
    before, now = Index.from_spec(tables, job.inputs["index_before"]), Index.from_spec(tables, job.inputs["index"])
    known, present = passages_of(before), passages_of(now)
    came, went = (a.join(b, on="id", how="anti")["doc_id"].unique() for a, b in ((present, known), (known, present)))
    first, second = (sample(documents, job.seed) for documents in (known["doc_id"].unique(), came))
    result = compare_by(rule, mean_vectors(before, first), mean_vectors(now, second), job.seed)
    return DocumentsMoved(len(came), len(went), result)


def passages_of(index: Index) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(index.table.search().select(["id", "doc_id"]).to_arrow())).select("id", "doc_id")


def sample(documents: pl.Series, seed: int) -> list[str]:
    return documents.sort().sample(min(SAMPLE, len(documents)), seed=seed).to_list()


def mean_vectors(index: Index, documents: list[str]) -> np.ndarray:
    """(documents, width), unit length."""
    means: list[np.ndarray] = []
    for start in range(0, len(documents), ID_BATCH):
        found = (
            index.table.search()
            .where(in_list("doc_id", documents[start : start + ID_BATCH]))
            .select(["doc_id", "vector"])
            .to_arrow()
        )
        by_document = pl.DataFrame(pl.from_arrow(found)).sort("doc_id").partition_by("doc_id", maintain_order=True)
        means += [np.asarray(rows["vector"].to_list(), dtype=np.float32).mean(axis=0) for rows in by_document]
    whole = np.array(means, dtype=np.float32).reshape(len(means), -1) if means else np.zeros((0, 1), dtype=np.float32)
    return whole / np.maximum(np.linalg.norm(whole, axis=1, keepdims=True), 1e-12)


def questions(job: Job, embedder: Embedder, ids: list[str], texts: list[str]) -> Questions:
    """With vectors of what each is about, and with how near the nearest passage of the index is to that."""
    vectors = embedder.encode_queries([subject_of(text) for text in texts])
    scores = None
    if job.inputs["index"]:
        index = Index.from_spec(job.lake().tables, job.inputs["index"])
        scores = np.array([max((p.score for p in index.nearest(vector, 1)), default=0.0) for vector in vectors])
    return Questions(ids, [subject_of(text) for text in texts], vectors, scores)


def draw(job: Job, before: Questions, now: Questions, report: dict[str, Any]) -> None:
    first, second = project_2d(before.vectors, now.vectors)
    title = f"Questions of {job.inputs['day']} (PCA of embeddings)"
    draw_scatter(job.out / "views/questions.png", title, {"reference": first, "now": second})
    if not report["enough"]:
        return
    grown = {m["term"]: round(float(m["z"]), 2) for m in what_moved(before.texts, now.texts)}
    draw_bars(job.out / "views/what moved.png", "Words asked more often than before (z)", grown)
    effects = features_by_effect(report)
    draw_bars(job.out / "views/features.png", "How far each feature moved (Wasserstein, standard deviations)", effects)
    topics = {t["topic"]: round(100 * float(t["growth"]), 1) for t in report["topics"]}
    if topics:
        draw_bars(
            job.out / "views/topics.png", "Topics that grew or shrank (percentage points of all questions)", topics
        )


def too_few(n_reference: int, n_current: int, needed: int, documents: DocumentsMoved | None) -> dict[str, Any]:
    """The report of a day with too few questions: none of them was tested; what documents say still counts."""
    reason = f"{n_current} distinct questions are too few to compare: {needed} are needed"
    found = {"drifted": False, "enough": False, "reasons": [reason], "n_reference": n_reference, "n_current": n_current}
    nothing: dict[str, Any] = {"moved": [], "topics": [], "features": [], "gaps": []}
    result = DriftResult(False, False, [reason], None, None, None, n_reference, n_current)
    beside = {"documents": documents.result if documents else None}
    advice = advise(result, None, n_current, index_is_behind=False, min_effect=0.0, beside=beside)
    return {**found, **nothing, "recommendation": advice.action, "why": advice.reason}


if __name__ == "__main__":
    run_payload(work)

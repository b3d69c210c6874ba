"""Payload: compare a day's questions with the questions the model was made and judged with."""

from __future__ import annotations

from typing import Any

from genaiops_assets import plots
from genaiops_assets.compute.job import Job, run_payload
from genaiops_assets.drift import compare, project_2d, what_moved
from genaiops_assets.lake import Snapshot, write_json
from genaiops_assets.retrieval import SentenceEmbedder


def rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {k: rounded(v) for k, v in value.items()}
    return [rounded(v) for v in value] if isinstance(value, list) else value


def work(job: Job) -> dict[str, Any]:
    tables = job.lake().tables
    current = job.inputs["questions"]
    pairs = [r["question"] for r in tables.rows(Snapshot(**job.inputs["pairs"]), ["question"])] if job.inputs["pairs"] else []
    reference = sorted({*job.inputs["golden"], *pairs})
    embedder = SentenceEmbedder(job.inputs["embedder"]["path"], cpus=job.cpus)
    before, now = embedder.encode(reference), embedder.encode(current)
    settings = {k: job.config[k] for k in ("alpha", "min_effect", "permutations")}
    enough = len(current) >= job.config["min_interactions"]
    result = (
        compare(before, now, **settings, seed=job.seed).to_dict() if enough else too_few(reference, current, job.config["min_interactions"])
    )
    moved = what_moved(reference, current) if enough else []
    write_json(
        job.out / "drift.json",
        rounded({"schema_version": 1, "day": job.inputs["day"], **result, "settings": job.config, "moved": moved}),
    )
    if enough:
        first, second = project_2d(before, now)
        plots.scatter(
            job.out / "views/questions.png",
            f"Questions of {job.inputs['day']} (PCA of embeddings)",
            {"reference": first, "now": second},
        )
        grown = {m["term"]: round(float(m["z"]), 2) for m in moved}
        plots.bars(job.out / "views/what moved.png", "Words asked more often than before (z)", grown)
    return {"drifted": bool(result["drifted"]), "enough": enough and bool(result["enough"])}


def too_few(reference: list[str], current: list[str], needed: int) -> dict[str, Any]:
    reason = f"{len(current)} distinct questions are too few to compare: {needed} are needed"
    return {"drifted": False, "enough": False, "reasons": [reason], "n_reference": len(reference), "n_current": len(current)}


if __name__ == "__main__":
    run_payload(work)

"""Payload: walk the documents through a Data-Juicer recipe, operator by operator, in batches.

Data-Juicer's own runner is not used: `data_juicer.core` needs ray and answers only for what it keeps; here each row is accounted for.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from data_juicer.utils.lazy_loader import LazyLoader

from genaiops_assets.compute.job import Job, PayloadError, run_payload
from genaiops_assets.corpus import (
    FILTERED,
    ROW_LEDGER,
    Operator,
    RecipeError,
    check_names,
    filtered_row,
    ledger_row,
    load_recipe,
    quarantine_ledger_row,
    run_recipe,
)
from genaiops_assets.lake import Snapshot, write_rows


def refuse_install(package_spec: str, pip_args: Any = None) -> None:
    raise PayloadError(f"the recipe needs {package_spec}, which is not installed; no run installs anything: pip install {package_spec}")


LazyLoader._install_package = staticmethod(refuse_install)

from data_juicer.ops import OPERATORS, load_ops  # noqa: E402
from data_juicer.utils.constant import Fields, HashKeys  # noqa: E402


class DataJuicer:
    """`corpus.Engine` on Data-Juicer's operators."""

    def __init__(self, operators: list[Operator]):
        self.operators = load_ops([{o.name: {**o.params, "num_proc": 1}} for o in operators])

    def map(self, step: int, texts: list[str]) -> list[str]:
        done = self.operators[step].process_batched({"text": list(texts)})["text"]
        if len(done) != len(texts):
            raise PayloadError(f"step {step + 1}: a mapper that splits or merges documents is not supported")
        return done

    def judge(self, step: int, texts: list[str]) -> list[tuple[bool, str, float | None]]:
        operator = self.operators[step]
        samples = operator.compute_stats_batched({"text": list(texts), Fields.stats: [{} for _ in texts]})
        keeps = list(operator.process_batched(samples))
        return [(bool(keep), *first_number(stats)) for keep, stats in zip(keeps, samples[Fields.stats], strict=True)]

    def key(self, step: int, texts: list[str]) -> list[str | None]:
        operator = self.operators[step]
        if type(operator).__name__ != "DocumentDeduplicator":
            return [None for _ in texts]
        return [operator.compute_hash({"text": t})[HashKeys.hash] for t in texts]

    def survivors(self, step: int, texts: list[str]) -> list[bool]:
        from datasets import Dataset

        operator = self.operators[step]
        hashed = [operator.compute_hash({"text": t, "position": i}) for i, t in enumerate(texts)]
        kept, _ = operator.process(Dataset.from_list(hashed))
        stay = set(kept["position"])
        return [i in stay for i in range(len(texts))]


def first_number(stats: dict[str, Any]) -> tuple[str, float | None]:
    """The statistic a filter wrote, by name. An operator that wrote none did not run: Data-Juicer can fail silently."""
    for name, value in stats.items():
        if isinstance(value, (int, float)) and math.isfinite(value):
            return name, float(value)
    return next(iter(stats), ""), None


def earlier_rows(job: Job) -> dict[str, dict[str, Any]]:
    """What the last run found out about rows whose text is the same: nothing of it is computed twice."""
    previous = job.inputs["previous"]
    if not previous:
        return {}
    tables = job.lake().tables
    texts = {r["id"]: r["text"] for r in tables.rows(Snapshot(**previous["filtered"]), ["id", "text"])}
    rows = {}
    for row in tables.rows(Snapshot(**previous["ledger"])):
        if row["outcome"] in ("kept", "changed", "rejected"):
            rows[row["id"]] = {**row, "text_after": texts.get(row["id"], "")}
    return rows


def work(job: Job) -> dict[str, Any]:
    tables = job.lake().tables
    recipe = Path(job.inputs["recipe"])
    try:
        operators = load_recipe(recipe)
        check_names(recipe, operators, set(OPERATORS.modules))
    except RecipeError as error:
        raise PayloadError(str(error)) from error
    engine = DataJuicer(operators)
    documents = list(tables.rows(Snapshot(**job.inputs["documents"])))
    keyed = all(o.kind != "deduplicator" or o.name == "document_deduplicator" for o in operators)
    known = earlier_rows(job) if keyed else {}
    hashes = {d["id"]: d["text_hash"] for d in documents}
    earlier = {i: r for i, r in known.items() if hashes.get(i) == r["before_hash"]}
    rows = run_recipe(documents, operators, engine, earlier=earlier, batch_rows=job.config["batch_rows"], progress=job.progress)
    quarantine = tables.rows(Snapshot(**job.inputs["quarantine"]))
    kept = write_rows(job.resume / "filtered.parquet", FILTERED, (filtered_row(r) for r in rows if r.outcome in ("kept", "changed")))
    ledger = [*map(ledger_row, rows), *map(quarantine_ledger_row, quarantine)]
    write_rows(job.resume / "row_ledger.parquet", ROW_LEDGER, ledger)
    return {"rows_in": len(ledger), "kept": kept, "processed": len(rows) - len(earlier), "reused": len(earlier)}


if __name__ == "__main__":
    run_payload(work)

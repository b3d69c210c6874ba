"""Small homes with a whole life: rows, documents that quote each other, scores of single items behind real gates,
decisions and releases. Holds no tests."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from genaiops_assets.errors import Refused
from genaiops_assets.evaluation import OUTPUTS, Measure, Scored, apply_gates, output_rows, verdict
from genaiops_assets.evaluation.report import cells_and_effects
from genaiops_assets.evaluation.suites.base import Item
from genaiops_assets.evidence import Evidence, claim, html_page
from genaiops_assets.governance.erasure import Targets, erase, readmit
from genaiops_assets.governance.release import decide, last_good, release, revoke
from genaiops_assets.lake import Artifact, Lake, digest_of, memo_key, write_json, write_rows
from genaiops_assets.orchestration.upgrade import upgrade
from genaiops_assets.use_case import CELLS, Criterion, UseCase
from tests.support.erasure_rows import document
from tests.support.lakes import V1, V2, V3, bank_support

VERSIONS = (V1, V2, V3)
ADA, ARIF, OLGA = "Ada Approver", "Arif Approver", "Olga Owner"
ITEMS = 40
GATES = [
    {"id": "answers", "metric": "/cells/tuned_with/answer_f1/all", "at_least": 0.3, "min_items": 20},
    {"id": "helps", "metric": "/effects/retrieval_tuned/all", "at_least": 0.0, "min_items": 20},
    {"id": "not_worse", "metric": "/effects/tuning/held_out", "at_least": -0.4, "min_items": 10},
    {"id": "exact", "metric": "/cells/tuned_with/exact/all", "at_most": 0.9, "min_items": 20, "slices": ["dev"]},
]  # fmt: skip


def put(
    lake: Lake, asset: str, files: dict[str, Any], *, partition: str | None = None, inputs: dict[str, str] | None = None,
    rows: tuple[str, pa.Schema, list[dict[str, Any]]] | None = None, config: Any = None,
) -> Artifact:  # fmt: skip
    """Publish JSON, text or pictures, and a table, as what `inputs` became."""
    settings = {**(config or {}), "content": digest_of([files, rows[2] if rows else [], partition])}
    facts = {"asset": asset, "inputs": inputs or {}, "code_version": "1+test", "config": settings, "seed": 17}
    key = memo_key(**facts)
    with lake.work(key) as place:
        for name, content in files.items():
            if isinstance(content, str):
                (place.staging / name).write_text(content, encoding="utf-8")
            else:
                write_json(place.staging / name, content)
        snapshots = []
        if rows:
            write_rows(place.scratch / "rows.parquet", rows[1], rows[2])
            snapshots = [lake.tables.sync(rows[0], place.scratch / "rows.parquet").snapshot]
        made = {"figures": {"files": len(files)}, "tables": {}}
        return lake.publish(asset, partition, key, place.staging, snapshots=snapshots, summary=made, provenance=facts)


def corpus(lake: Lake, uc: UseCase, count: int = 6) -> Artifact:
    """Documents, a report on them, and two documents that quote it."""
    from genaiops_assets.corpus import DOCUMENTS

    texts = {f"doc{n}": f"Article {n} says that fee {n} is {95 + n} dollars each quarter." for n in range(count)}
    rows = [document(name, text) for name, text in texts.items()]
    table = (uc.key("documents"), DOCUMENTS, rows)
    documents = put(lake, uc.key("documents"), {"documents.json": {"rows": count}}, rows=table)
    figures = {"instances": count, "words": {"mean": 10.5, "most": 12}, "languages": ["en"]}
    filtered = put(
        lake, uc.key("filtered_corpus"), {"corpus.json": figures}, inputs={"documents": documents.digest},
        rows=(uc.key("filtered_corpus"), DOCUMENTS, rows),
    )  # fmt: skip
    source = Evidence(filtered.asset, filtered.digest, figures)
    sheet = {"count": claim(source, "/instances"), "words": claim(source, "/words/mean")}
    page = f"# Datasheet\n\n{count} documents.\n"
    files = {"datasheet.json": sheet, "datasheet.md": page, "datasheet.html": html_page(page)}
    put(lake, uc.key("datasheet"), files, inputs={"corpus": filtered.digest})
    summary = {"most": claim(source, "/words/most"), "all": claim(source, "/words")}
    put(lake, uc.key("training_content_summary"), {"training_content_summary.json": summary})
    return filtered


def results(seed: int) -> list[Scored]:
    """Answers of all cells to all items; with passages they are better."""
    random_ = random.Random(seed)
    found = []
    for n in range(ITEMS):
        item = Item(f"q{n}", f"Question {n}?")
        part = "dev" if n % 2 else "held_out"
        for cell in CELLS:
            score = round(min(1.0, random_.random() * 0.5 + (0.4 if cell.endswith("_with") else 0.0)), 6)
            scores = {"answer_f1": score, "exact": float(random_.random() < 0.3)}
            found.append(Scored("golden", item, cell, (part,), f"answer {n} of {cell}", scores))
    return found


def judged(lake: Lake, uc: UseCase, version: str, filtered: Artifact, seed: int = 0) -> None:
    """Everything an approval binds, with gates that were decided on the scores of items."""
    scope = put(lake, uc.key("use_case_scope"), {"scope.json": uc.scope()})
    gates = [Criterion(**{"rationale": "a gate of a small home for tests", **gate}) for gate in GATES]
    stated = {"gates": [gate.model_dump(mode="json") for gate in gates]}
    criteria = put(lake, uc.key("success_criteria"), {"criteria.json": stated})
    training = {"base": {"digest": "b" * 64}, "pairs": {"digest": filtered.digest}}
    plan_facts = {"model_version": version, "training": training, "seed": seed}
    plan = put(lake, uc.key("model_plan"), {"plan.json": plan_facts}, partition=version)
    trained_from = {"base": "b" * 64, "pairs": filtered.digest, "start": ""}
    log = {"steps": 12 + seed, "loss": 0.5}
    checkpoint = put(
        lake, uc.key("aligned_checkpoint"), {"training_log.json": log}, partition=version, inputs=trained_from
    )
    measure, scored = Measure(500, 0.95, 17), results(seed)
    report_facts = {"schema_version": 1, "model_version": version, **cells_and_effects(scored, measure)}
    report = put(
        lake, uc.key("eval_report"), {"eval_report.json": report_facts}, partition=version,
        inputs={"checkpoint": checkpoint.digest}, config={"resamples": 500},
        rows=(uc.key("eval_outputs"), OUTPUTS, output_rows(scored)),
    )  # fmt: skip
    sources = {
        "evaluation": Evidence(report.asset, report.digest, report_facts),
        "training": Evidence(checkpoint.asset, checkpoint.digest, log),
        "plan": Evidence(plan.asset, plan.digest, plan_facts),
    }
    card_facts = {
        "answers": claim(sources["evaluation"], "/cells/tuned_with/answer_f1/all"),
        "steps": claim(sources["training"], "/steps"),
        "seed": claim(sources["plan"], "/seed"),
        "documents": claim(Evidence(filtered.asset, filtered.digest, filtered.json("corpus.json")), "/instances"),
    }
    inputs = {
        "plan": plan.digest, "evaluation": report.digest, "training": checkpoint.digest, "criteria": criteria.digest,
    }  # fmt: skip
    files = {"model_card.json": card_facts, "README.md": f"# Model card of {version}\n"}
    card = put(lake, uc.key("model_card"), files, partition=version, inputs=inputs)
    evidence = {
        "eval_report": report.digest, "model_card": card.digest, "success_criteria": criteria.digest,
        "use_case_scope": scope.digest,
    }  # fmt: skip
    decided = apply_gates(gates, report_facts)
    decision = {
        "model_version": version, "verdict": verdict(decided), "gates": [one.to_dict() for one in decided],
        "evidence": evidence,
    }  # fmt: skip
    put(lake, uc.key("release_decision"), {"decision.json": decision}, partition=version, inputs=evidence)
    plan_again = {"plan.json": plan_facts}
    put(lake, uc.key("model_plan"), plan_again)


def approve(lake: Lake, uc: UseCase, version: str, name: str = ADA, reason: str = "read the card") -> None:
    decide(lake, uc, version, name=name, decision="approved", reason=reason)


def reject(lake: Lake, uc: UseCase, version: str) -> None:
    decide(lake, uc, version, name=ARIF, decision="rejected", reason="an agent found a wrong fee")


def promote(lake: Lake, uc: UseCase, version: str) -> None:
    release(lake, uc, version, kind="promote", by=OLGA, reason="a demonstration")


def rollback(lake: Lake, uc: UseCase) -> None:
    release(lake, uc, last_good(lake, uc), kind="rollback", by=OLGA, reason="complaints")


def erase_one(lake: Lake, uc: UseCase, name: str = "doc1") -> None:
    erase(lake, uc, Targets(documents=(name,)), name=OLGA, reason="asked by the author")


def released_home(folder: Path) -> tuple[Lake, UseCase]:
    """Two judged versions, both approved, both released, and back to the first; a third approved and then rejected."""
    lake, uc = Lake(folder), bank_support()
    filtered = corpus(lake, uc)
    for number, version in enumerate(VERSIONS):
        judged(lake, uc, version, filtered, number)
    approve(lake, uc, V1)
    approve(lake, uc, V2, ARIF, "better than the first")
    approve(lake, uc, V3, ARIF, "newest")
    reject(lake, uc, V3)
    promote(lake, uc, V1)
    promote(lake, uc, V2)
    rollback(lake, uc)
    return lake, uc


def lived_home(folder: Path, seed: int) -> tuple[Lake, UseCase]:
    """A home with a history of its own: versions, decisions, releases, rollbacks, erasures and upgrades in the order
    that the seed gives. What is refused is refused; the home must be whole after it."""
    lake, uc, random_ = Lake(folder), bank_support(), random.Random(seed)
    filtered = corpus(lake, uc, 4 + seed % 4)
    judged(lake, uc, V1, filtered, seed)
    steps: list[Callable[[], Any]] = [
        lambda: judged(lake, uc, V2, filtered, seed + 1),
        lambda: judged(lake, uc, V3, filtered, seed + 2),
        lambda: approve(lake, uc, V1),
        lambda: approve(lake, uc, V2, ARIF, f"better, {random_.random():.3f}"),
        lambda: reject(lake, uc, random_.choice(VERSIONS)),
        lambda: promote(lake, uc, V1),
        lambda: promote(lake, uc, V2),
        lambda: rollback(lake, uc),
        lambda: erase_one(lake, uc, f"doc{random_.randrange(4)}"),
        lambda: readmit(lake, uc, ["doc1"], name=OLGA, reason="it was meant otherwise"),
        lambda: revoke(lake, uc, random_.choice(VERSIONS), by=OLGA, reason="it told a customer a wrong fee"),
        lambda: upgrade(lake),
        lambda: corpus(lake, uc, 8),
    ]
    for step in random_.choices(steps, k=10 + seed % 6):
        try:
            step()
        except (Refused, KeyError):
            continue
    return lake, uc

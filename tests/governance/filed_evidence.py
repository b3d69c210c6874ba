"""Evidence for the documents that authorities and downstream providers get, in the shapes the platform publishes. Holds
no tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from genaiops_assets.evidence import Evidence
from genaiops_assets.governance.documents import Source
from genaiops_assets.governance.documents.fields import rows
from genaiops_assets.use_case import UseCase
from genaiops_assets.use_case.load import load_use_case
from tests.governance.evidence import interval
from tests.support.lakes import PACKAGED

CORPUS = "c" * 64
WORDS = {"text": "Written by a person who knows.", "author": "Olga Owner", "written_on": "2026-11-30"}


def bank() -> UseCase:
    return load_use_case(PACKAGED / "bank_support")


def in_folder(folder: Path, **dossiers: dict[str, str]) -> UseCase:
    """The packaged bank in a folder of its own, with these texts: {document: {section: text}}; other documents have
    none."""
    uc = bank()
    (folder / "dossier").mkdir(parents=True, exist_ok=True)
    for document, texts in dossiers.items():
        sections = {name: {**WORDS, "text": text} for name, text in texts.items()}
        (folder / f"dossier/{document}.yaml").write_text(yaml.safe_dump({"sections": sections}), encoding="utf-8")
    return uc.model_copy(update={"folder": folder})


def all_sections() -> dict[str, str]:
    return {name: f"About {name}." for row in rows() for name in row.said}


def training_run(trained: bool = True) -> dict[str, Any]:
    totals: dict[str, Any] = {
        "flop_direct": 1.234e18, "flop_cumulative": 2.345e18, "tokens": 18_000, "seconds": 123_456.0,
        "cpu_seconds": 246_912.0, "energy_kwh": 12.3456, "trained_parameters": 4_884_480,
        "active_parameters": 139_399_488, "flop_methods": ["counted"], "flop_assumptions": ["none"],
        "energy_methods": ["codecarbon"], "machines": ["2 CPUs"],
    }  # fmt: skip
    if not trained:
        totals = {name: [] if isinstance(value, list) else None for name, value in totals.items()}
    return {"checkpoint": "e" * 64, "trained": trained, "totals": totals, "libraries": {"torch": "2.13"}, "stages": []}


def classification(**owed: bool) -> dict[str, Any]:
    """{document: whether it is owed}."""
    return {
        "owed": {
            name: {"owed": due, "because": "so", "because_in": {"en": "so", "zh": "如此"}, "articles": ["article-55"]}
            for name, due in owed.items()
        }
    }


def documents(**changes: Any) -> dict[str, dict[str, Any]]:
    """{asset: its JSON}; `changes` replace some, None leaves one out."""
    share = {"mean": 0.1, "low": 0.05, "high": 0.2, "n": 40, "confidence": 0.95}
    made: dict[str, dict[str, Any]] = {
        "model_plan": {
            "model_version": "mv-000000000001",
            "training": {
                "method": "sft", "steps": 34, "batch_size": 8, "learning_rate": 0.001, "lora": {"r": 16}, "seed": 17,
                "pairs": {"rows": 135, "digest": "d" * 64},
            },
        },
        "training_run_record": training_run(),
        "base_model": {
            "ref": "pkg:tiny/model.gguf", "digest": "b" * 64, "license": "Apache-2.0", "parameters": 134_515_008,
            "architecture": "LlamaForCausalLM", "layers": 30, "hidden_size": 576, "vocabulary": 49_152,
            "context_length": 8192,
        },
        "release_bundle": {
            "engine": "transformers", "generation": {"max_new_tokens": 40}, "base": {"dtype": "float32", "load_in_4bit": False},
            "search": {"top_k": 2, "mode": "hybrid"}, "prompts": {"texts": {"system": "S", "context": "C", "refusal": "R"}},
        },
        "filtered_corpus": {
            "sources": [
                {
                    "name": "knowledge_base", "ref": "pkg:kb", "license": "MIT", "owner": "authors", "documents": 698,
                    "rights_basis": "licence", "personal_data": "none", "lawful_access_basis": "", "robots": "unknown",
                    "tdm_signals": {}, "refused": "",
                }
            ],
            "languages": {"en": 698}, "instances": 698, "words_total": 121_576, "text_length": {"median": 928},
            "documents_by_license": {"MIT": 698}, "operators": ["fix_unicode_mapper"], "outcomes": {"kept": 698},
            "duplicates": 0, "counts": {"rows_read": 700, "erased": 2}, "rejected": {},
        },
        "documents": {
            "rows": {"knowledge_base": {"rows_read": 700, "documents": 698, "quarantined": 0, "superseded": 0, "erased": 2}},
            "reasons": {},
        },
        "preference_pairs": {"origins": {"demonstration": 135}, "judge": "people"},
        "corpus_profile": {"topics": [{"terms": ["fee"], "share": 0.2}]},
        "data_bias_log": {
            "corpus": {"digest": CORPUS},
            "entries": [{"id": "topic", "status": "within", "share": 0.2, "threshold": 0.5}],
        },
        "privacy_record": {"corpus": {"digest": CORPUS}, "residual": share},
        "decontamination_report": {
            "searched": 698,
            "item_sets": [{"item_set": "golden", "items": 84, "items_found": 0, "documents_contaminated": 0}],
        },
        "use_case_scope": bank().scope(),
        "design_history": {
            "decisions": [{"decision": "small", "rationale": "fast", "author": "Ben", "decided_on": "2026-11-24"}]
        },
        "evaluation_plan": {"golden": {"items": 84, "digest": "f" * 64}},
        "eval_report": {
            "items": 84,
            "effects": {"tuning": {"all": interval(0.1)}},
            "cells": {"tuned_with": {"answer_f1": {"all": interval(0.4)}}},
        },
        "release_decision": {"verdict": "go"},
        "red_team_report": {"attacks": 60, "all": {"success": share}, "classes": {"bias": {"success": share}}},
        "regulatory_classification": classification(
            technical_documentation=False, downstream_documentation=False, copyright_record=True,
            authorised_representative=False, systemic_risk_file=False,
        ),
        "risk_register": {"classes": [{"id": "bias", "severity": 7}]},
        "records": {"records": []},
    }  # fmt: skip
    return {name: document for name, document in (made | changes).items() if document is not None}


def sources(**changes: Any) -> dict[str, Source]:
    """The evidence above as sources; the corpus has the digest that the documents of the data name."""
    return {
        name: Source(
            Evidence(f"bank_support/{name}", CORPUS if name == "filtered_corpus" else digest_of(name), document)
        )
        for name, document in documents(**changes).items()
    }


def digest_of(name: str) -> str:
    return name.encode().hex().ljust(64, "0")[:64]


def loader(given: dict[str, Source]) -> Any:
    """`load` for verify_claims over these sources."""
    known = {(s.evidence.asset, s.evidence.digest): s.evidence.document for s in given.values()}
    return lambda asset, digest: known[asset, digest]


def flipped(given: dict[str, Source], name: str) -> dict[str, Source]:
    """The same sources, with every number of one artifact changed under its old digest."""
    source = given[name].evidence
    changed = Evidence(source.asset, source.digest, _changed(source.document))
    return {**given, name: Source(changed)}


def _changed(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _changed(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_changed(inner) for inner in value]
    return value + 1 if isinstance(value, int | float) and not isinstance(value, bool) else value

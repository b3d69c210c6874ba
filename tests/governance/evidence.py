"""Evidence documents for the tests of this package, in the shapes the platform publishes. Holds no tests."""

from genaiops_assets.evidence import Evidence
from genaiops_assets.use_case import UseCase

HOSTILE = "<script>alert(1)</script> [click](javascript:alert(1)) | **bold** `code` {{ 7*7 }}\n# Heading"


KEPT = {"retention": "unlimited", "access": "public"}


def use_case(**changes):
    fields = {
        "schema_version": 1,
        "name": "bank_faq",
        "title": "Bank FAQ assistant",
        "language": "en",
        "risk": "limited",
        "purpose": {
            "summary": "Answers customers' questions about fees.",
            "intended_users": ["Customers of the bank"],
            "intended_use": "Questions about published conditions.",
            "out_of_scope": ["Credit decisions", "Legal advice"],
            "human_oversight": "The service desk reads every flagged answer.",
        },
        "people": {"owners": ["Ada"], "builders": ["Bo"], "approvers": ["Cy"]},
        "sources": [{"name": "faq", "ref": "path:docs", "license": "CC-BY-4.0", "owner": "Bank", **KEPT}],
        "inbox": {"license": "CC-BY-4.0", "owner": "Bank", **KEPT},
        "model": {"base": "pkg:tiny/model.gguf"},
        "success_criteria": {
            "written_on": "2026-01-15",
            "gates": [
                {
                    "id": "answers",
                    "metric": "/cells/tuned_with/answer_f1/all",
                    "at_least": 0.4,
                    "min_items": 20,
                    "rationale": "Below this the search page serves customers better.",
                }
            ],
        },
        "card": {
            "limitations": "Answers only what the conditions say.",
            "ethical_considerations": "May sound surer than it is.",
            "recommendations": "Show the cited passage.",
            "contact": "ai@bank.example",
        },
    }
    return UseCase.model_validate(fields | changes)


def interval(mean, spread=0.05, n=40):
    return {
        "mean": mean,
        "low": mean - spread,
        "high": mean + spread,
        "n": n,
        "confidence": 0.95,
        "method": "bootstrap_bca",
    }


def splits(mean):
    return {"all": interval(mean), "dev": interval(mean + 0.01, n=15), "held_out": interval(mean - 0.01, n=25)}


def cell(mean):
    return {"answer_f1": splits(mean), "rouge_l": splits(mean - 0.05), "support": splits(mean + 0.2)}


def plan(method="dpo"):
    training = {
        "base": {"ref": "pkg:tiny/model.gguf", "digest": "b" * 64, "license": "Apache-2.0"},
        "method": method,
        "steps": 24,
        "seed": 17,
        "lora": {"r": 8, "alpha": 16},
        "learning_rate": 5e-05,
        "beta": 0.1,
        "pairs": {"digest": "d" * 64, "rows": 64},
        "corpus": {"digest": "c" * 64, "rows": 320},
    }
    evaluation = {
        "golden": {"digest": "e" * 64, "items": 40},
        "index": {"digest": "f" * 64, "rows": 900},
        "criteria": {"digest": "a" * 64},
    }
    if method == "none":
        training = {"base": training["base"], "method": "none"}
    return Evidence(
        "model_plan", "1" * 64, {"model_version": "mv-0123456789ab", "training": training, "evaluation": evaluation}
    )


def evaluation(tuned=True):
    cells = {"base_without": cell(0.2), "base_with": cell(0.4)}
    effects = {"retrieval": splits(0.2)}
    if tuned:
        cells |= {"tuned_without": cell(0.25), "tuned_with": cell(0.5)}
        effects |= {"tuning": splits(0.1)}
    document = {
        "model_version": "mv-0123456789ab",
        "cells": cells,
        "effects": effects,
        "retrieval": {
            "golden": {"recall_at_k": interval(0.9), "mrr": interval(0.8), "ndcg_at_10": interval(0.85)},
            "scenarios": {"recall_at_10": interval(0.7), "mrr": interval(0.6), "ndcg_at_10": interval(0.65)},
        },
        "items": 40,
        "top_k": 3,
        "generation": {"max_new_tokens": 48, "do_sample": False},
        "samples": [
            {"question": "What is the fee?", "reference": "95 dollars", "answers": {"base_with": "It is 95 dollars."}}
        ],
    }
    return Evidence("eval_report", "2" * 64, document)


def corpus(**changes):
    source = {
        "name": "faq",
        "ref": "path:docs",
        "license": "CC-BY-4.0",
        "owner": "Bank",
        "documents": 320,
        "rights_basis": "licence",
        "personal_data": "none",
    }
    document = {
        "instances": 300,
        "rejected": {"too_short": 12, "language": 8},
        "duplicates": 5,
        "quarantined": 2,
        "languages": {"en": 290, "zh": 10},
        "text_length": {"unit": "characters", "p05": 40, "median": 350, "p95": 1800},
        "sources": [source],
        "first_seen": {"first": 1, "last": 3},
        "pii_counts": {"email": 0},
        "operators": ["clean_links_mapper", "document_deduplicator"],
    }
    return Evidence("filtered_corpus", "sha256:" + "3" * 64, document | changes)


def base_model():
    document = {
        "ref": "pkg:tiny/model.gguf",
        "digest": "b" * 64,
        "license": "Apache-2.0",
        "parameters": 15_200_000,
        "architecture": "LlamaForCausalLM",
        "bytes": 60_800_000,
        "dtype": "float32",
    }
    return Evidence("base_model", "4" * 64, document)


def training():
    document = {
        "method": "dpo",
        "steps": 24,
        "train_loss": 0.61,
        "final": {"loss": 0.55, "rewards_margin": 0.3},
        "history": [{"step": 1, "loss": 0.69}],
        "cpus": 2,
        "trainable_parameters": 120_000,
    }
    return Evidence("tuned_checkpoint", "5" * 64, document)


def criteria():
    document = use_case().success_criteria.model_dump(mode="json")
    return Evidence("success_criteria", "a" * 64, document)


def all_evidence(tuned=True):
    return {
        "plan": plan("dpo" if tuned else "none"),
        "evaluation": evaluation(tuned),
        "corpus": corpus(),
        "base_model": base_model(),
        "training": training() if tuned else None,
    }


def loader(*documents):
    """`load` for verify_claims over these pieces of evidence."""
    by_address = {(evidence.asset, evidence.digest): evidence.document for evidence in documents if evidence}
    return lambda asset, digest: by_address[asset, digest]

"""The one declaration for each asset: which modules and libraries make it.

Belongs here: the table. Does not belong here: digests of what it names (`code.py`)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Code:
    """`modules`: files or folders below the package, without `.py`; `libraries`: names of distributions."""

    modules: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()


TRAINING = Code(
    (
        "alignment/methods",
        "alignment/inputs",
        "alignment/fitting",
        "alignment/seen_rows",
        "alignment/canaries",
        "alignment/reference",
        "alignment/staging",
        "models/local",
        "models/chat",
        "models/prompts",
        "payloads/train_model",
        "alignment/adapters",
        "alignment/rewards",
        "alignment/reward_model",
        "alignment/pairs",
        "alignment/runs/lengths",
        "alignment/runs/flop",
        "alignment/runs/record",
        "alignment/runs/around",
        "alignment/runs/watching",
        "alignment/runs/estimate",
        "alignment/runs/probe",
    ),
    ("torch", "transformers", "trl", "peft", "bitsandbytes"),
)
JUDGING = Code(
    ("evaluation", "statistics", "models/generating", "models/chat", "models/prompts", "payloads/evaluate_model"),
    ("torch", "transformers", "scipy"),
)
TRYING = Code(
    (
        "evaluation/trials",
        "evaluation/metrics",
        "evaluation/inputs",
        "evaluation/golden",
        "evaluation/measure",
        "models",
        "payloads/try_answers",
    ),
    ("torch", "transformers"),
)
DOCUMENT = ("governance/documents/base",)
CROISSANT = ("governance/documents/croissant", "governance/documents/content_classes")
MADE_BY = {
    "use_case_scope": Code(),
    "success_criteria": Code(),
    "records": Code(("governance/records",)),
    "prompts": Code(("models/prompts", "models/packaged_prompts.yaml")),
    "golden_set": Code(("evaluation/golden",)),
    "documents": Code(
        (
            "corpus/ingest",
            "corpus/documents",
            "corpus/last_state",
            "corpus/rights",
            "corpus/read",
            "corpus/schemas",
            "payloads/ingest_documents",
        ),
        ("polars", "pypdf", "python-docx", "selectolax"),
    ),
    "filtered_corpus": Code(
        (
            "corpus/filtering",
            "corpus/engine",
            "corpus/workers",
            "corpus/plan",
            "corpus/stages",
            "corpus/recipe",
            "corpus/statistics",
            "corpus/word_counts",
            "corpus/schemas",
            "corpus/operators",
            "corpus/decontamination",
            "privacy",
            "text",
            "payloads/filter_corpus",
        ),
        ("py-data-juicer", "polars", "ftfy"),
    ),
    "data_quality_report": Code(("quality",), ("great-expectations",)),
    "decontamination_report": Code(("corpus/decontamination", "corpus/test_items", "corpus/read", "text")),
    "pii_probe_set": Code(("privacy", "text")),
    "toxicity_probe_set": Code(
        (
            "corpus/toxicity",
            "corpus/operators",
            "corpus/recipe",
            "corpus/decontamination",
            "corpus/plan",
            "corpus/schemas",
            "payloads/probe_toxicity",
        ),
        ("py-data-juicer",),
    ),
    "privacy_record": Code(
        (
            "privacy",
            "text",
            "governance/documents/privacy_record",
            "governance/documents/minimisation",
            "governance/documents/stored_columns.yaml",
            "payloads/scan_privacy",
        )
    ),
    "corpus_profile": Code(("corpus/profile", "corpus/word_counts", "payloads/profile_corpus")),
    "datasheet": Code(
        (
            *DOCUMENT,
            "governance/documents/datasheet",
            "governance/documents/datasheet_questions.yaml",
            "governance/documents/corpus_facts",
        )
    ),
    "data_bias_log": Code((*DOCUMENT, "governance/documents/data_bias")),
    "data_requests": Code(("governance/data_requests", "governance/people")),
    "croissant_metadata": Code((*DOCUMENT, *CROISSANT)),
    "dataset_card": Code(
        (
            *DOCUMENT,
            *CROISSANT,
            "governance/documents/dataset_card",
            "governance/documents/corpus_facts",
            "governance/documents/hub",
        )
    ),
    "training_content_summary": Code(
        (
            *DOCUMENT,
            "governance/documents/content_summary",
            "governance/documents/content_template.yaml",
            "governance/documents/content_classes",
            "governance/documents/hub",
        )
    ),
    "plain_page": Code((*DOCUMENT, "governance/documents/plain_page")),
    "chunks": Code(
        (
            "retrieval/chunking",
            "retrieval/outline",
            "retrieval/embedded_data",
            "retrieval/embedding",
            "retrieval/prompts",
            "payloads/chunk_documents",
        ),
        ("tokenizers",),
    ),
    "embeddings_index": Code(
        (
            "retrieval/embedding",
            "retrieval/prompts",
            "retrieval/onnx_embedding",
            "retrieval/static_embedding",
            "retrieval/index_choice",
            "retrieval/agreement",
            "retrieval/terms",
            "payloads/embed_chunks",
        ),
        ("lancedb", "sentence-transformers", "torch"),
    ),
    "retrieval_report": Code(("evaluation", "statistics", "retrieval", "payloads/compare_retrieval"), ("lancedb",)),
    "base_model": Code(("models/local", "payloads/prepare_base"), ("transformers", "gguf")),
    "preference_pairs": Code(
        (
            "alignment/pairs",
            "alignment/decided",
            "alignment/demonstrations",
            "alignment/feedback",
            "alignment/shapes",
            "alignment/label_judges",
            "alignment/observed",
            "models",
            "payloads/make_pairs",
        ),
        ("torch", "transformers"),
    ),
    "judge_record": Code(
        (
            "alignment/judging",
            "alignment/label_judges",
            "alignment/shapes",
            "evaluation/judges",
            "models",
            "statistics",
            "payloads/measure_judge",
            "alignment/feedback",
            "evaluation/metrics",
        ),
        ("torch", "transformers"),
    ),
    "preference_report": Code(
        (
            "alignment/preferences",
            "alignment/hygiene",
            "alignment/noise_judges",
            "statistics",
            "payloads/report_preferences",
        ),
        ("scikit-learn",),
    ),
    "label_noise_report": Code(
        (
            "alignment/noise",
            "alignment/noise_judges",
            "alignment/hygiene",
            "statistics/proportions",
            "payloads/audit_labels",
        ),
        ("cleanlab", "scikit-learn"),
    ),
    "rating_report": Code(("labelling", "statistics")),
    "human_eval_report": Code(("labelling", "statistics"), ("scipy",)),
    "model_plan": Code(),
    "design_history": Code(("governance/design",)),
    "seed_stability": Code(
        (*TRAINING.modules, "alignment/runs/stability", "payloads/repeat_training"),
        TRAINING.libraries,
    ),
    "version_table": Code(
        (
            "alignment/versions",
            "alignment/plan",
            "alignment/methods/registry",
            "alignment/methods/base",
            "alignment/adapters",
        )
    ),
    "aligned_checkpoint": TRAINING,
    "reward_model": TRAINING,
    "overfitting_report": Code(
        (
            "alignment/memory",
            "alignment/seen_rows",
            "alignment/canaries",
            "alignment/fitting",
            "models/likelihood",
            "models/chat",
            "models/prompts",
            "statistics",
            "payloads/probe_learning",
            "models/generating",
            "models/precision",
            "alignment/methods/base",
            "alignment/pairs",
            "alignment/inputs",
        ),
        ("torch", "transformers", "peft"),
    ),
    "base_choice": TRYING,
    "prompt_trials": TRYING,
    "checkpoint_signature": Code(("governance/release/signing",), ("model-signing",)),
    "precision_report": Code(
        (
            "alignment/precision",
            "alignment/inputs",
            "models/precision",
            "models/local",
            "models/chat",
            "models/prompts",
            "payloads/compare_precisions",
        ),
        ("torch", "transformers", "peft", "bitsandbytes"),
    ),
    "evaluation_plan": Code(("evaluation/plan",)),
    "eval_report": JUDGING,
    "answer_changes": Code(("evaluation/changes", "evaluation/reports")),
    "production_evaluation": JUDGING,
    "model_card": Code(
        (
            "governance/documents/model_card",
            "governance/documents/card_front",
            "governance/documents/corpus_facts",
            "governance/documents/hub",
        )
    ),
    "release_bundle": Code(("governance/release/bundle",)),
    "release_decision": Code(("evaluation/gates", "evaluation/measure")),
    "coverage_matrix": Code(("governance/compliance", "governance/documents/templates")),
    "internal_review": Code(("governance/compliance/review", "governance/documents/templates")),
    "interactions": Code(("serving/interactions",)),
    "cost_report": Code(("governance/costs", "use_case/prices", "use_case/base")),
    "drift_report": Code(("drift", "statistics", "payloads/measure_drift"), ("scipy", "scikit-learn")),
}

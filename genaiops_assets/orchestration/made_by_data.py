"""Which modules and libraries make the assets of corpus and index: a part of the table in `made_by.py`.

Belongs here: from documents to the index, with the documents about them. Does not belong here: the model side."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Code:
    """`modules`: files or folders below the package, without `.py`; `libraries`: names of distributions."""

    modules: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()


DOCUMENT = ("governance/documents/base",)
CROISSANT = ("governance/documents/croissant", "governance/documents/content_classes")
DATA_MADE_BY = {
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
            "governance/documents/content_page",
            "governance/documents/languages",
            "governance/documents/content_template.yaml",
            "governance/documents/summary_grade",
            "governance/documents/summary_grade.yaml",
            "governance/documents/content_classes",
            "governance/documents/hub",
        )
    ),
    "plain_page": Code((*DOCUMENT, "governance/documents/plain_page", "governance/documents/sections")),
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
}

"""Small evidence about data, in the shapes the platform publishes. Holds no tests."""

from __future__ import annotations

from genaiops_assets.evidence import Evidence
from genaiops_assets.governance.documents import (
    build_bias_log,
    build_content_summary,
    build_dataset_card,
    build_datasheet,
    render_bias_log,
    render_content_summary,
    render_dataset_card,
    render_datasheet,
)
from tests.governance.evidence import corpus

TABLE = {"name": "bank_faq/filtered_corpus", "digest": "7" * 64, "rows": 300}


def measured(**changes) -> Evidence:
    document = {
        "words_total": 60_000,
        "utf8_bytes": 400_000,
        "documents_by_source": {"faq": 300},
        "recipe": [{"name": "clean_links_mapper", "params": {}, "kind": "mapper"}],
    }
    return corpus(**{**document, **changes})


def source(name: str, **changes) -> dict:
    return {**corpus().document["sources"][0], "name": name, **changes}


def profile(**changes) -> Evidence:
    document = {
        "source_entropy": {"bits": 0.0, "normalised": 0.0},
        "source_shares": {"faq": 1.0},
        "topic_entropy": {"bits": 0.81, "normalised": 0.81},
        "topics": [
            {"id": "topic_1", "terms": ["fee", "card", "limit"], "documents": 30, "share": 0.75},
            {"id": "topic_2", "terms": ["loan"], "documents": 10, "share": 0.25},
        ],
        "topic_method": "k-means",
        "sample": {"documents": 40, "of": 300},
        "lexical_diversity": {"en": {"tokens": 900, "types": 300, "type_token_ratio": 0.333333, "mtld": 70.5}},
        "lexical_diversity_definition": "MTLD",
        "group_mentions": {
            "gender": {"female": 5, "male": 45, "other_or_neutral": 0},
            "age": {"children": 2, "adults": 0},
        },
        "duplication": {"rows_read": 325, "by_operator": {"document_deduplicator": 5}, "rate": 0.015385},
        "crawled_domains": {
            "domains": 40,
            "documents_without_url": 1,
            "largest_tenth": [{"domain": f"d{i}.example", "bytes": 900 - i, "documents": 2} for i in range(4)],
        },
    }
    return Evidence("corpus_profile", "8" * 64, {**document, **changes})


def pairs(**origins) -> Evidence:
    return Evidence(
        "preference_pairs",
        "9" * 64,
        {"origins": {"corpus": 6, "observed": 3, "human": 2, **origins}, "judge": "overlap", "corpus": {"rows": 1}},
    )


def log_of(uc, **more) -> Evidence:
    return Evidence("data_bias_log", "a" * 64, build_bias_log(uc, measured(), profile(), **more))


def documents(uc) -> list[tuple[dict, str]]:
    about, found = measured(), profile()
    log, sheet = build_bias_log(uc, about, found), build_datasheet(uc, about, found)
    card, summary = build_dataset_card(uc, about, found, {}), build_content_summary(uc, about, found, pairs())
    return [
        (log, render_bias_log(log)),
        (sheet, render_datasheet(sheet)),
        (card, render_dataset_card(card)),
        (summary, render_content_summary(summary)),
    ]

"""The Hugging Face dataset card of a corpus: YAML front matter the hub understands, and the text below it.

Belongs here: front matter keys and sections. Does not belong here: layout (`templates/dataset_card.md.j2`), or
uploading anything. Source: huggingface/hub-docs, datasetcard.md. The specification has no field for the AI Act: what
is ours stands under `x_genaiops`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genaiops_assets.evidence import Evidence, claim, labels, person_text, render_template
from genaiops_assets.governance.documents.base import Earlier, Plain, Source
from genaiops_assets.governance.documents.content_classes import classes_of
from genaiops_assets.governance.documents.corpus_facts import corpus_facts
from genaiops_assets.governance.documents.croissant import FIELDS
from genaiops_assets.governance.documents.hub import license_fields
from genaiops_assets.use_case import UseCase

SCHEMA_VERSION = 1
SIZES = (
    (10**3, "n<1K"),
    (10**4, "1K<n<10K"),
    (10**5, "10K<n<100K"),
    (10**6, "100K<n<1M"),
    (10**7, "1M<n<10M"),
    (10**8, "10M<n<100M"),
)
CREATORS = {
    "synthetic": "machine-generated",
    "crawled": "found",
    "public_dataset": "found",
    "other": "expert-generated",
}


class DatasetCard(Plain):
    """The dataset card of the Hugging Face Hub."""

    name = "dataset_card"
    article = "annex-XI.1.2"
    description = (
        "The Hugging Face dataset card: front matter the hub understands, figures as claims, and the digests of the "
        "other "
        "documents."
    )
    kinds = {"markdown", "huggingface"}  # noqa: RUF012
    reads: tuple[str, ...] = ("filtered_corpus", "corpus_profile", "datasheet", "data_bias_log", "croissant_metadata")
    page = "README.md"

    def settings(self, uc: UseCase) -> dict[str, Any]:
        shared = ("name", "title", "language", "purpose", "people")
        return uc.section(*shared, "data_card", "card", "sources", "inbox")

    def build(self, uc: UseCase, sources: Mapping[str, Source], earlier: Earlier) -> dict[str, Any]:
        others = {name: sources[name].digest for name in ("datasheet", "data_bias_log", "croissant_metadata")}
        return build_dataset_card(uc, sources["filtered_corpus"].evidence, sources["corpus_profile"].evidence, others)

    def render(self, document: dict[str, Any]) -> str:
        return render_dataset_card(document)

    def figures(self, document: dict[str, Any]) -> dict[str, Any]:
        return {k: document["metadata"][k] for k in ("language", "license", "size_categories", "source_datasets")}


def build_dataset_card(
    use_case: UseCase, corpus: Evidence, profile: Evidence, documents: dict[str, str]
) -> dict[str, Any]:
    """The card as JSON: {"metadata": front matter, "facts": claims, "texts": what people wrote or gaps}. `documents`:
    digest by asset, of the other documents of the same corpus."""
    card, purpose = use_case.data_card, use_case.purpose
    instances = claim(corpus, "/instances")
    sources = claim(corpus, "/sources")["value"]
    counted = [s for s in sources if s["documents"]] or sources
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "dataset_card",
        "use_case": use_case.name,
        "title": use_case.title,
        "language": use_case.language,
        "corpus": {"asset": corpus.asset, "digest": corpus.digest},
        "metadata": {
            "pretty_name": use_case.title,
            "language": sorted(k for k in claim(corpus, "/languages")["value"] if k != "other"),
            **license_fields(sorted({s["license"] for s in counted})),
            "size_categories": [size_category(instances["value"])],
            "source_datasets": sorted({_source(s["ref"]) for s in counted}),
            "annotations_creators": ["no-annotation"],
            "language_creators": sorted(
                {CREATORS.get(c.content_class, "found") for c in classes_of(use_case, counted).values()}
            ),
            "task_categories": ["text-generation", "question-answering"],
            "tags": ["genaiops-assets", use_case.name],
            "dataset_info": {
                "features": [
                    {"name": n, "dtype": "int64" if kind == "sc:Integer" else "string"} for n, kind in FIELDS.items()
                ],
                "splits": [
                    {
                        "name": "train",
                        "num_bytes": claim(corpus, "/utf8_bytes")["value"],
                        "num_examples": instances["value"],
                    }
                ],
            },
            "x_genaiops": {"use_case": use_case.name, "corpus": corpus.digest, **dict(sorted(documents.items()))},
        },
        "facts": {
            **corpus_facts(
                corpus,
                [
                    "instances",
                    "languages",
                    "text_length",
                    "utf8_bytes",
                    "rejected",
                    "duplicates",
                    "quarantined",
                    "pii_counts",
                ],
            ),
            "topics": claim(profile, "/topics"),
            "source_entropy": claim(profile, "/source_entropy"),
            "lexical_diversity": claim(profile, "/lexical_diversity"),
        },
        "sources": corpus_facts(corpus, ["sources"])["sources"],
        "operators": claim(corpus, "/operators"),
        "texts": {
            "summary": person_text(purpose.summary, "purpose.summary"),
            "intended_use": person_text(purpose.intended_use, "purpose.intended_use"),
            "out_of_scope": person_text("; ".join(purpose.out_of_scope), "purpose.out_of_scope"),
            "data_limitations": person_text(card.limitations, "data_card.limitations"),
            "social_impact": person_text(card.social_impact, "data_card.social_impact"),
            "citation": person_text(card.citation, "data_card.citation"),
            "contact": person_text(use_case.card.contact, "card.contact"),
        },
    }


def render_dataset_card(card: dict[str, Any]) -> str:
    """The card as README.md: front matter and Markdown, in the language of its use case."""
    return render_template("dataset_card.md.j2", {"card": card, "t": labels(card["language"])})


def size_category(instances: int) -> str:
    """The hub's size class of a number of rows."""
    return next((name for limit, name in SIZES if instances < limit), "100M<n<1B" if instances < 10**9 else "n>1B")


def _source(ref: str) -> str:
    """ "extended|name" for a data set of the hub, "original" for what was never one."""
    return f"extended|{ref.split(':', 1)[1].split('@')[0]}" if ref.startswith("hub-dataset:") else "original"

"""Sections `sources`, `inbox`, `corpus` and `privacy` of the use case file."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from genaiops_assets.use_case.base import Name, Ref, Strict, Text
from genaiops_assets.use_case.documents import ContentClass


class Rights(Strict):
    """What is known of the rights in a source; each document carries it."""

    rights_basis: Literal["licence", "own_work", "public_domain", "contract", "tdm_exception"] = "licence"
    lawful_access_basis: Text = Field(
        default="", description="how the material was reached lawfully: open web page, subscription, contract"
    )
    personal_data: Literal["none", "masked", "present"] = "none"
    personal_data_basis: Text = Field(
        default="", description="legal basis of processing personal data: consent, contract, legitimate interests"
    )
    retention: int | date | Literal["unlimited"] | None = Field(
        default=None,
        description="days since a text was first read, the last day it may be kept, or unlimited; unless stated, a gap "
        "in the datasheet",
    )
    tdm_signals: dict[str, Literal["reserved", "allowed", "unknown"]] = Field(
        default_factory=dict,
        description="reservations against text and data mining by protocol (tdmrep, ai.txt, terms of use)",
    )
    robots: Literal["allowed", "disallowed", "unknown"] = Field(
        default="unknown", description="what robots.txt said of the pages read"
    )

    @field_validator("retention")
    @classmethod
    def retention_is_a_time(cls, value: int | date | str | None) -> int | date | str | None:
        if isinstance(value, int) and not 0 < value <= 36_500:
            raise ValueError("retention in days is 1 to 36500")
        return value

    def kept_until(self) -> str:
        """ "", "N days", an ISO date or "unlimited"."""
        if isinstance(self.retention, date):
            return self.retention.isoformat()
        return f"{self.retention} days" if isinstance(self.retention, int) else self.retention or ""


AccessClass = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$")]


class Source(Rights):
    """One source of documents with its rights. Without licence and owner it loads, but all its rows are refused."""

    name: Name
    ref: Ref = Field(
        description="pkg:PACKAGE/FILE, path:FILE_OR_DIR (relative to this file), hub-dataset:NAME@REVISION, an "
        "fsspec URL, or sql:URL with a query"
    )
    query: str = Field(default="", description="SQL of a sql: reference; ORDER BY keeps its line numbers")
    format: Literal["jsonl", "json", "csv", "parquet", "txt", "md", "html", "pdf", "docx", "auto"] = "auto"
    fields: dict[Literal["doc_id", "title", "text", "topic"], str] = Field(
        default_factory=dict, description="column of each; doc_id: '@line' takes file and line as id"
    )
    license: Text = Field(default="", description="SPDX identifier")
    owner: Text = ""
    limit: int | None = Field(default=None, gt=0, description="first N documents only (smoke runs)")
    content_class: ContentClass | None = Field(
        default=None, description="class in the training-content summary; by rule unless given"
    )
    access: AccessClass | None = Field(
        default=None,
        description="class of readers; whoever asks for some classes finds no passage of others. Unless stated, a gap "
        "in the datasheet, and no class finds it",
    )

    @model_validator(mode="after")
    def only_a_database_is_queried(self) -> Source:
        if self.ref.startswith("sql:") != bool(self.query.strip()):
            raise ValueError("a sql: reference needs a query, and only a sql: reference has one")
        return self


class Inbox(Rights):
    """Rights of the files people drop into the inbox folder of the use case."""

    license: str = Field(min_length=2, description="SPDX identifier")
    owner: str = Field(min_length=2)
    rights_basis: Literal["licence", "own_work", "public_domain", "contract", "tdm_exception"] = "own_work"
    access: AccessClass | None = None


class Quality(Strict):
    """What documents and filtered corpus must look like. Each is a check."""

    min_documents: int = Field(default=1, ge=1)
    min_language_share: float = Field(
        default=0.9, ge=0, le=1, description="share of documents in the use case's language"
    )
    max_other_share: float = Field(default=0.05, ge=0, le=1, description="share of documents in no known language")
    max_untitled_share: float = Field(default=1.0, ge=0, le=1, description="share of documents with an empty title")
    max_quarantined_share: float = Field(
        default=0.2,
        ge=0,
        le=1,
        description="share of the rows of a source that cannot be taken in; more is a warning, and stops the run where "
        "it costs a stated source ten rows or all of them",
    )
    max_length_shift: float = Field(
        default=0.25,
        gt=0,
        description="divergence (nats) of the document lengths from the last snapshot; a warning above it",
    )


class Decontaminate(Strict):
    """Test items searched in the corpus. `report` names the documents, `remove` also rejects them."""

    against: list[str] = Field(
        default_factory=lambda: ["golden"],
        description="golden (questions), golden_answers, names of retrieval sets, references of benchmark files",
    )
    action: Literal["report", "remove"] = "report"
    n: int = Field(default=13, ge=2, le=50, description="words in an n-gram; 1.5 times as many characters in Chinese")
    min_overlap: float = Field(
        default=0.8, gt=0, le=1, description="share of an item's n-grams that makes a document contaminated"
    )


class Corpus(Strict):
    recipe: str = Field(default="recipe.yaml", description="a standard Data-Juicer recipe, relative to this file")
    batch_rows: int = Field(default=256, gt=0)
    quality: Quality = Quality()
    decontaminate: Decontaminate = Decontaminate()


PersonalData = Literal[
    "EMAIL",
    "PHONE",
    "IP",
    "IBAN",
    "CARD",
    "SECRET",
    "RESIDENT_ID",
    "CREDIT_CODE",
    "PASSPORT",
    "SSN",
    "NINO",
    "ES_ID",
    "DE_TAX_ID",
    "FR_NIR",
    "IT_FISCAL_CODE",
    "VAT_ID",
    "PERSON",
    "LOCATION",
]


PrivacyAction = Literal["keep", "mask", "redact", "drop"]


class Privacy(Strict):
    """What becomes of personal data and secrets in the corpus. mask: `<EMAIL>`; redact: `[j***@***]`; drop: the
    document goes."""

    default: PrivacyAction = Field(default="keep", description="for every kind that by_kind does not name")
    by_kind: dict[PersonalData, PrivacyAction] = Field(default_factory=dict)
    ner: Literal["none", "presidio"] = Field(
        default="none", description="who finds names and places; presidio comes with the extra 'ner'"
    )
    max_residual_rate: float = Field(
        default=0.01, gt=0, le=1, description="personal data left per document: the interval's upper end"
    )
    probe_items: int = Field(
        default=2000, ge=200, le=100_000, description="texts in the labelled set that measures recall"
    )
    may_leave: list[str] = Field(
        default=["public"],
        exclude_if=lambda stated: stated == ["public"],
        description="classes of readers whose passages may go to a server outside (embedding, judge); for the "
        "gateway's upstream its own `access` says so",
    )
    seed: int = 17

    @model_validator(mode="after")
    def names_need_a_model(self) -> Privacy:
        unseen = sorted(kind for kind in ("PERSON", "LOCATION") if self.by_kind.get(kind, "keep") != "keep")
        if self.ner == "none" and unseen:
            raise ValueError(
                f"by_kind names {' and '.join(unseen)}, which only a model finds: set ner to presidio, or leave the "
                "kind out"
            )
        return self

    @property
    def removes(self) -> bool:
        """Whether the policy takes anything out."""
        return self.default != "keep" or any(action != "keep" for action in self.by_kind.values())

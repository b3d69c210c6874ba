"""The use case file, typed: the one file a user writes.

Belongs here: the fields of `use_case.yaml`, their meaning and their defaults. Does not belong here: reading YAML and
turning mistakes into messages (`use_case_file.py`), or anything that acts on the fields.
"""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, field_validator, model_validator

from genaiops_assets.lake.remote import states_a_password
from genaiops_assets.use_case_data import ContentClass, ContentSummary, DataBias, DataCard
from genaiops_assets.use_case_knowledge import Knowledge
from genaiops_assets.use_case_monitoring import Monitoring

SCHEMA_VERSION = 1

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,39}$")]
Language = Literal["en", "zh"]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Purpose(Strict):
    """Why the application exists and where it must not be used (SMACTR scoping; AI Act Annex XI 1(1)a-b)."""

    summary: str = Field(min_length=10)
    intended_users: list[str] = Field(min_length=1)
    intended_use: str = Field(min_length=10)
    out_of_scope: list[str] = Field(min_length=1)
    human_oversight: str = Field(min_length=10)


class People(Strict):
    """Named persons. Builders request, approvers decide; nobody approves what they built."""

    owners: list[str] = Field(min_length=1)
    builders: list[str] = Field(min_length=1)
    approvers: list[str] = Field(min_length=1)

    @model_validator(mode="after")
    def approvers_are_not_builders(self) -> People:
        both = sorted(set(self.builders) & set(self.approvers))
        if both:
            raise ValueError(f"{', '.join(both)} cannot be both builder and approver: four eyes need two persons")
        return self


def _text_or_nothing(value: Any) -> Any:
    return "" if value is None else value


Text = Annotated[str, BeforeValidator(_text_or_nothing)]


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
    retention: int | date | None = Field(default=None, description="days since a text was first read, or the last day it may be kept")
    tdm_signals: dict[str, Literal["reserved", "allowed", "unknown"]] = Field(
        default_factory=dict, description="reservations against text and data mining by protocol (tdmrep, ai.txt, terms of use)"
    )
    robots: Literal["allowed", "disallowed", "unknown"] = Field(default="unknown", description="what robots.txt said of the pages read")

    @field_validator("retention")
    @classmethod
    def retention_is_a_time(cls, value: int | date | None) -> int | date | None:
        if isinstance(value, int) and not 0 < value <= 36_500:
            raise ValueError("retention in days is 1 to 36500")
        return value

    def kept_until(self) -> str:
        """ "", "N days" or an ISO date."""
        return f"{self.retention} days" if isinstance(self.retention, int) else self.retention.isoformat() if self.retention else ""


AccessClass = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$")]


class Source(Rights):
    """One source of documents with its rights. Without licence and owner it loads, but all its rows are refused."""

    name: Name
    ref: str = Field(
        description="pkg:PACKAGE/FILE, path:FILE_OR_DIR (relative to this file), hub-dataset:NAME@REVISION, an fsspec URL, or sql:URL with a query"
    )
    query: str = Field(default="", description="SQL of a sql: reference; ORDER BY keeps its line numbers")
    format: Literal["jsonl", "json", "csv", "parquet", "txt", "md", "html", "pdf", "docx", "auto"] = "auto"
    fields: dict[Literal["doc_id", "title", "text", "topic"], str] = Field(
        default_factory=dict, description="column of each; doc_id: '@line' takes file and line as id"
    )
    license: Text = Field(default="", description="SPDX identifier")
    owner: Text = ""
    limit: int | None = Field(default=None, gt=0, description="first N documents only (smoke runs)")
    content_class: ContentClass | None = Field(default=None, description="class in the training-content summary; by rule unless given")
    access: AccessClass = Field(default="public", description="class of readers; whoever asks for some classes finds no passage of others")

    @field_validator("ref")
    @classmethod
    def ref_holds_no_password(cls, value: str) -> str:
        if states_a_password(value):
            raise ValueError("a password stands in the reference; put it into an environment variable and write {NAME} in its place")
        return value

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
    access: AccessClass = "public"


class Quality(Strict):
    """What the filtered corpus must look like. Each is a check of Great Expectations."""

    min_documents: int = Field(default=1, ge=1)
    min_language_share: float = Field(default=0.9, ge=0, le=1, description="share of documents in the use case's language")
    max_other_share: float = Field(default=0.05, ge=0, le=1, description="share of documents in no known language")
    max_untitled_share: float = Field(default=1.0, ge=0, le=1, description="share of documents with an empty title")
    max_length_shift: float = Field(
        default=0.25, gt=0, description="divergence (nats) of the document lengths from the last snapshot; a warning above it"
    )


class Decontaminate(Strict):
    """Test items searched in the corpus. `report` names the documents, `remove` also rejects them."""

    against: list[str] = Field(
        default_factory=lambda: ["golden"],
        description="golden (questions), golden_answers, names of retrieval sets, references of benchmark files",
    )
    action: Literal["report", "remove"] = "report"
    n: int = Field(default=13, ge=2, le=50, description="words in an n-gram; 1.5 times as many characters in Chinese")
    min_overlap: float = Field(default=0.8, gt=0, le=1, description="share of an item's n-grams that makes a document contaminated")


class Corpus(Strict):
    recipe: str = Field(default="recipe.yaml", description="a standard Data-Juicer recipe, relative to this file")
    batch_rows: int = Field(default=256, gt=0)
    quality: Quality = Quality()
    decontaminate: Decontaminate = Decontaminate()


PersonalData = Literal[
    "EMAIL", "PHONE", "IP", "IBAN", "CARD", "SECRET", "RESIDENT_ID", "CREDIT_CODE", "PASSPORT", "SSN", "NINO", "ES_ID", "DE_TAX_ID",
    "FR_NIR", "IT_FISCAL_CODE", "VAT_ID", "PERSON", "LOCATION",
]  # fmt: skip
PrivacyAction = Literal["keep", "mask", "redact", "drop"]


class Privacy(Strict):
    """What becomes of personal data and secrets in the corpus. mask: `<EMAIL>`; redact: `[j***@***]`; drop: the document goes."""

    default: PrivacyAction = Field(default="keep", description="for every kind that by_kind does not name")
    by_kind: dict[PersonalData, PrivacyAction] = Field(default_factory=dict)
    ner: Literal["none", "presidio"] = Field(default="none", description="who finds names and places; presidio comes with the extra 'ner'")
    max_residual_rate: float = Field(default=0.01, gt=0, le=1, description="personal data left per document: the interval's upper end")
    probe_items: int = Field(default=2000, ge=200, le=100_000, description="texts in the labelled set that measures recall")
    seed: int = 17

    @model_validator(mode="after")
    def names_need_a_model(self) -> Privacy:
        unseen = sorted(kind for kind in ("PERSON", "LOCATION") if self.by_kind.get(kind, "keep") != "keep")
        if self.ner == "none" and unseen:
            raise ValueError(f"by_kind names {' and '.join(unseen)}, which only a model finds: set ner to presidio, or leave the kind out")
        return self

    @property
    def removes(self) -> bool:
        """Whether the policy takes anything out."""
        return self.default != "keep" or any(action != "keep" for action in self.by_kind.values())


class Model(Strict):
    base: str = Field(description="pkg:PACKAGE/FILE.gguf, dir:FOLDER or hub:NAME@COMMIT")
    dtype: Literal["float32", "bfloat16"] = "float32"
    load_in_4bit: bool = Field(default=False, description="NF4 through bitsandbytes (QLoRA)")


class Lora(Strict):
    r: int = Field(default=8, gt=0)
    alpha: int = Field(default=16, gt=0)
    dropout: float = Field(default=0.0, ge=0, lt=1)
    target_modules: Literal["all-linear"] | list[str] = "all-linear"


class Sft(Strict):
    steps: int = Field(default=0, ge=0, description="0 switches supervised fine-tuning before alignment off")
    learning_rate: float = Field(default=2e-4, gt=0)
    batch_size: int = Field(default=4, gt=0)


class Pairs(Strict):
    """How preference pairs are made from the corpus and the model itself."""

    count: int = Field(default=64, ge=2)
    min_margin: float = Field(default=0.1, ge=0, description="the judge's score of chosen minus rejected")
    max_new_tokens: int = Field(default=48, gt=0)
    passages: int = Field(default=1, ge=1, description="passages shown with a question in training; more cost memory and time")


class Alignment(Strict):
    method: Literal["dpo", "kto", "sft", "grpo", "rloo", "none"] = "dpo"
    external_checkpoint: str | None = Field(default=None, description="reference of a checkpoint tuned elsewhere")
    sft: Sft = Sft()
    pairs: Pairs = Pairs()
    lora: Lora = Lora()
    steps: int = Field(default=24, gt=0)
    batch_size: int = Field(default=2, gt=0)
    learning_rate: float = Field(default=5e-5, gt=0)
    beta: float = Field(default=0.1, gt=0)
    max_length: int = Field(default=512, gt=0, description="tokens of prompt and answer; longer pairs are left out and counted")
    seed: int = 17


class RetrievalSet(Strict):
    """Queries with the documents that answer them; `fields` are dotted paths into each record."""

    name: Name
    ref: str
    fields: dict[Literal["query_id", "query", "relevant"], str] = Field(default_factory=dict)
    limit: int | None = Field(default=None, gt=0)


class Evaluation(Strict):
    golden: str = Field(default="golden/questions.jsonl", description="id, question, answer, documents, split")
    limit_per_split: int | None = Field(default=None, gt=0, description="smoke runs only")
    retrieval_sets: list[RetrievalSet] = Field(default_factory=list)
    max_new_tokens: int = Field(default=48, gt=0)
    batch_size: int = Field(default=16, gt=0)
    resamples: int = Field(default=5000, ge=200)


class Criterion(Strict):
    """One gate: `metric` is a JSON pointer into `eval_report.json` to an interval {mean, low, high, n}."""

    id: Name
    metric: str = Field(pattern=r"^/")
    at_least: float = Field(description="the lower bound of the interval must reach this")
    confidence: float = Field(default=0.95, ge=0.5, lt=1)
    min_items: int = Field(ge=2, description="fewer items than this cannot decide")
    rationale: str = Field(min_length=20)
    level: Literal["business", "model", "system", "user_experience", "safety"] = "model"


class SuccessCriteria(Strict):
    written_on: str = Field(pattern=r"^\d{4}-\d{2}-\d{2}$", description="before the first training")
    gates: list[Criterion] = Field(min_length=1)

    @field_validator("written_on")
    @classmethod
    def written_on_is_a_date(cls, value: str) -> str:
        date.fromisoformat(value)
        return value

    @model_validator(mode="after")
    def ids_are_unique(self) -> SuccessCriteria:
        ids = [g.id for g in self.gates]
        if len(ids) != len(set(ids)):
            raise ValueError("gate ids must be unique")
        return self


class Compute(Strict):
    launcher: Literal["local"] = "local"
    cpus: int = Field(default=2, gt=0)


class Card(Strict):
    """Sections only a person can write; an empty one shows as a named gap in the model card."""

    limitations: str = ""
    ethical_considerations: str = ""
    recommendations: str = ""
    contact: str = ""


class UseCase(Strict):
    """One governed generative application. `name` prefixes all its asset keys."""

    schema_version: Literal[1]
    name: Name
    title: str = Field(min_length=3)
    language: Language = "en"
    risk: Literal["demo", "minimal", "limited", "high"]
    purpose: Purpose
    people: People
    sources: list[Source] = Field(min_length=1)
    inbox: Inbox
    corpus: Corpus = Corpus()
    privacy: Privacy = Privacy()
    knowledge: Knowledge = Knowledge()
    model: Model
    alignment: Alignment = Alignment()
    evaluation: Evaluation = Evaluation()
    success_criteria: SuccessCriteria
    monitoring: Monitoring = Monitoring()
    compute: Compute = Compute()
    card: Card = Card()
    data_bias: DataBias = DataBias()
    data_card: DataCard = DataCard()
    training_content: ContentSummary = ContentSummary()
    datasheet: dict[str, str] = Field(default_factory=dict, description="answers only a person can give, by question id")
    presets: dict[str, dict[str, Any]] = Field(default_factory=dict, description="named overrides of the fields above")

    # Set by the loader, not by the user.
    folder: Path = Field(default=Path("."), exclude=True)
    preset: str | None = Field(default=None, exclude=True)

    @model_validator(mode="after")
    def is_consistent(self) -> UseCase:
        names = [s.name for s in self.sources]
        if len(names) != len(set(names)):
            raise ValueError("source names must be unique")
        sets = [s.name for s in self.evaluation.retrieval_sets]
        if {"golden", "golden_answers"} & set(sets) or len(sets) != len(set(sets)):
            raise ValueError("names of retrieval sets must be unique, and 'golden' is taken by the golden questions")
        known = {"golden", "golden_answers", *sets}
        lost = [a for a in self.corpus.decontaminate.against if ":" not in a and a not in known]
        if lost:
            raise ValueError(f"corpus.decontaminate.against: {lost[0]!r} is neither a reference nor one of {', '.join(sorted(known))}")
        if "inbox" in names:
            raise ValueError("the source name 'inbox' is taken by the inbox folder")
        return self

    def path(self, relative: str) -> Path:
        """A file named in the use case, as an absolute path."""
        return (self.folder / relative).resolve()

    def section(self, *names: str) -> dict[str, Any]:
        """Sections as plain JSON: the part of the configuration that a memo key depends on."""
        return self.model_dump(mode="json", include=set(names))

    def config_digest(self) -> str:
        text = self.model_dump_json(exclude={"presets"})
        return hashlib.sha256(text.encode()).hexdigest()


BUILT_METHODS = ("dpo", "sft", "none")

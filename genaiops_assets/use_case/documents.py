"""The sections of the use case file on its data: thresholds of the bias log, and what only a person can say for the
data documents.

Belongs here: those fields, their meaning and their defaults; an empty text shows as a named gap in its document. Does
not belong here: sources and their rights (`schema.py`), or what the documents make of the fields (`governance`)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from genaiops_assets.use_case.base import IsoDate, Strict

ContentClass = Literal[
    "public_dataset", "licensed", "private_third_party", "crawled", "user_data", "synthetic", "other"
]
Month = Annotated[str, StringConstraints(pattern=r"^(\d{4}-(0[1-9]|1[0-2]))?$")]
Version = Annotated[str, StringConstraints(pattern=r"^(\d+\.\d+\.\d+)?$")]


class BiasNote(Strict):
    """What a person observed that no count shows."""

    about: Literal["language", "topic", "source", "group", "other"]
    note: str = Field(min_length=10)
    by: str = Field(min_length=2)
    on: IsoDate = ""


class DataBias(Strict):
    """Shares above which the bias log says `outside`, and people's own notes."""

    max_other_language_share: float = Field(
        default=0.2, ge=0, le=1, description="documents not in the language of the use case"
    )
    max_source_share: float = Field(default=0.9, ge=0, le=1, description="documents of the largest source")
    max_topic_share: float = Field(default=0.5, ge=0, le=1, description="sampled documents of the largest topic")
    max_group_share: float = Field(default=0.8, ge=0, le=1, description="mentions of one group within its category")
    max_duplicate_share: float = Field(default=0.2, ge=0, le=1, description="rows read that repeat another")
    min_mentions: int = Field(default=30, ge=1, description="fewer mentions of a category cannot decide")
    topics: int = Field(default=8, ge=2, le=50, description="topic clusters that are looked for")
    notes: list[BiasNote] = Field(default_factory=list)


class DataCard(Strict):
    """What only a person can say of the corpus as a published data set: Croissant file and Hugging Face card."""

    url: str = Field(default="", pattern=r"^(https?://\S+)?$")
    date_published: IsoDate = ""
    version: Version = ""
    citation: str = ""
    collection_start: IsoDate = ""
    collection_end: IsoDate = ""
    limitations: str = ""
    social_impact: str = ""


class ContentSummary(Strict):
    """What only a person can say in the public summary of training content (AI Act Art. 53(1)(d))."""

    version: str = ""
    earlier_versions: list[str] = Field(default_factory=list, description="links")
    last_update: IsoDate = ""
    provider: str = ""
    provider_contact: str = ""
    authorised_representative: str = ""
    model_names: list[str] = Field(
        default_factory=list, description="versioned names of the models this summary covers"
    )
    base_model_summary: str = Field(default="", description="link to the summary of the base model")
    placed_on_market: IsoDate = ""
    latest_collection: Month = ""
    continuously_trained: bool | None = None
    small_provider: bool = Field(
        default=False, description="SME: top 5 % of domains or 1,000, whichever is lower, instead of 10 %"
    )
    linguistic_characteristics: str = ""
    other_characteristics: str = ""
    public_datasets: str = Field(default="", description="general description, with collection periods")
    private_third_party: str = ""
    crawlers: str = Field(
        default="", description="names, purposes, behaviour towards robots.txt, captchas and paywalls, period"
    )
    user_data: str = Field(default="", description="services whose interactions were used")
    synthetic: str = Field(default="", description="generators besides the base model")
    other_sources: str = ""
    code_of_practice_signatory: bool | None = None
    rights_reservations: str = Field(default="", description="measures to respect text and data mining reservations")
    illegal_content: str = Field(default="", description="measures to remove illegal content")
    other_processing: str = ""
    types_of_content: str = Field(
        default="", exclude_if=lambda said: not said, description="kinds of text, such as manuals, letters, code"
    )
    not_placed_because: str = Field(
        default="", exclude_if=lambda said: not said, description="why there is no day in placed_on_market"
    )
    linked_from: list[str] = Field(
        default_factory=list, exclude_if=lambda said: not said, description="pages that link to the published summary"
    )
    legal_documents_at: str = Field(
        default="", exclude_if=lambda said: not said, description="where all legal documents of the provider are"
    )

    def told(self, field: str) -> str:
        """The words of a field: a list joined, and for a model that is not placed on the market, why not."""
        value = getattr(self, field) or (self.not_placed_because if field == "placed_on_market" else "")
        return "; ".join(value) if isinstance(value, list) else str(value)

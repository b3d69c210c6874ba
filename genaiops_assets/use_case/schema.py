"""The use case file, typed: the one file a user writes.

Belongs here: the fields of `use_case.yaml`, their meaning and their defaults. Does not belong here: reading YAML and
turning mistakes into messages (`load.py`), or anything that acts on the fields.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from genaiops_assets.use_case.anchors import Anchors
from genaiops_assets.use_case.base import Language, Name, Strict
from genaiops_assets.use_case.compute import Compute
from genaiops_assets.use_case.corpus import Corpus, Inbox, Privacy, Source
from genaiops_assets.use_case.documents import ContentSummary, DataBias, DataCard
from genaiops_assets.use_case.evaluation import Evaluation, SuccessCriteria
from genaiops_assets.use_case.knowledge import Knowledge
from genaiops_assets.use_case.monitoring import Monitoring
from genaiops_assets.use_case.people import People
from genaiops_assets.use_case.prices import Prices
from genaiops_assets.use_case.red_team import RedTeam
from genaiops_assets.use_case.serving import Serving
from genaiops_assets.use_case.training import Alignment, Model
from genaiops_assets.use_case.training_presets import with_training_preset

SCHEMA_VERSION = 1


class Purpose(Strict):
    """Why the application exists and where it must not be used (SMACTR scoping; AI Act Annex XI 1(1)a-b)."""

    summary: str = Field(min_length=10)
    intended_users: list[str] = Field(min_length=1)
    intended_use: str = Field(min_length=10)
    out_of_scope: list[str] = Field(min_length=1)
    human_oversight: str = Field(min_length=10)


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
    red_team: RedTeam | None = Field(
        default=None,
        exclude_if=lambda stated: stated is None,
        description="attacks on each model version; none without it",
    )
    monitoring: Monitoring = Monitoring()
    serving: Serving = Serving()
    compute: Compute = Compute()
    # Not part of what is dumped: where the ledger's head is noted changes no artifact.
    anchors: Anchors | None = Field(
        default=None, exclude=True, description="where the ledger's head is noted outside the home"
    )
    prices: Prices | None = Field(default=None, description="what tokens and machines cost, for the cost report")
    card: Card = Card()
    data_bias: DataBias = DataBias()
    data_card: DataCard = DataCard()
    training_content: ContentSummary = ContentSummary()
    datasheet: dict[str, str] = Field(
        default_factory=dict, description="answers only a person can give, by question id"
    )
    presets: dict[str, dict[str, Any]] = Field(default_factory=dict, description="named overrides of the fields above")

    # Set by the loader, not by the user.
    folder: Path = Field(default=Path("."), exclude=True)
    preset: str | None = Field(default=None, exclude=True)

    @model_validator(mode="before")
    @classmethod
    def _completed(cls, stated: Any) -> Any:
        return with_training_preset(stated)

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
            raise ValueError(
                f"corpus.decontaminate.against: {lost[0]!r} is neither a reference nor one of "
                f"{', '.join(sorted(known))}"
            )
        if "inbox" in names:
            raise ValueError("the source name 'inbox' is taken by the inbox folder")
        return self

    def key(self, asset: str) -> str:
        """`use_case/asset`: the asset's name in the lake, its Dagster key joined by a slash."""
        return f"{self.name}/{asset}"

    def scope(self) -> dict[str, Any]:
        """What is decided before anything runs: purpose, people, risk. Roles and keys that nobody was given are left
        out."""
        whole = self.model_dump(mode="json")
        whole["people"] = {k: v for k, v in whole["people"].items() if v or k not in ("roles", "keys")}
        return {k: whole[k] for k in ("schema_version", "name", "title", "language", "risk", "purpose", "people")}

    def path(self, relative: str) -> Path:
        """A file named in the use case, as an absolute path."""
        return (self.folder / relative).resolve()

    def section(self, *names: str) -> dict[str, Any]:
        """Sections as plain JSON: the part of the configuration that a memo key depends on."""
        return self.model_dump(mode="json", include=set(names))

    def config_digest(self) -> str:
        text = self.model_dump_json(exclude={"presets"})
        return hashlib.sha256(text.encode()).hexdigest()

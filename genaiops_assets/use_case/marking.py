"""Section `serving.marking` of the use case file: how answers are marked as written by a machine (AI Act, Article 50).

Belongs here: what a person decides. Does not belong here: marking and detecting (`serving/transparency`)."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from genaiops_assets.use_case.base import Strict

Scheme = Literal["none", "kgw", "synthid", "gumbel"]
PublicInterest = Literal["undecided", "none_published", "reviewed", "labelled"]


class Labels(Strict):
    """What the deployer owes the public (Article 50(4)); the platform carries it and cannot decide it."""

    deep_fake: str = Field(
        default="", description="text of the label on generated likenesses; empty where none is made"
    )
    public_interest_text: PublicInterest = Field(
        default="undecided",
        description="texts that inform the public: none_published, reviewed (a person reviews each and answers "
        "for it), labelled (each is published with the label)",
    )
    label: str = Field(default="", description="text of that label")

    @model_validator(mode="after")
    def _a_label_has_words(self) -> Labels:
        if self.public_interest_text == "labelled" and not self.label.strip():
            raise ValueError("label: say with which words texts are labelled")
        return self


class Marking(Strict):
    watermark: Scheme = Field(
        default="none",
        description="a mark in the choice of words: kgw acts on greedy answers too; gumbel and synthid keep the "
        "distribution of words and need a temperature",
    )
    temperature: float = Field(default=0.0, ge=0, le=2, description="of the marked answers; 0 is greedy")
    exemption: str = Field(default="", description="why Article 50(2) asks for no mark here, with its ground")
    labels: Labels = Labels()

    @model_validator(mode="after")
    def _sampling_where_it_is_needed(self) -> Marking:
        if self.watermark in ("gumbel", "synthid") and not self.temperature:
            raise ValueError(
                f"temperature: {self.watermark} marks sampled answers only; state one above 0, or take kgw"
            )
        if self.watermark == "none" and self.temperature:
            raise ValueError("temperature: answers without a watermark are greedy, as they were judged")
        return self

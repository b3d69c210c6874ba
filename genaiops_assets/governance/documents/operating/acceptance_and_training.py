"""Who accepted the application for their work, and who was trained to work with it, on which version.

Belongs here: from records of kind user_acceptance and training to the document, and what is missing. Does not belong
here: approving a release (`governance/release`), accepting a risk (`governance/risk/acceptance.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genaiops_assets.evidence import Evidence
from genaiops_assets.governance.documents.base import Check, Finding, Source
from genaiops_assets.governance.documents.operating.parts import Part, each, said, table
from genaiops_assets.governance.documents.operating.written import CLASSIFICATION, Said, Written, parts_of, today
from genaiops_assets.use_case import UseCase

ACCEPTANCE = ("model_version", "outcome", "author", "role", "tried", "written_on", "text")
TRAINING = ("held_on", "trained", "model_version", "material", "hours", "author", "expires")


class AcceptanceAndTraining(Written):
    """People's word that they can work with it."""

    name = "acceptance_and_training"
    article = "article-4"
    description = (
        "Who tried which version and accepted it for their work, and who was trained, from what and until when. From "
        "records of kind user_acceptance and training."
    )
    reads = ("records", CLASSIFICATION)
    of_newest = (CLASSIFICATION,)
    optional = (CLASSIFICATION,)
    sections = ("how_it_is_accepted", "how_people_are_trained")
    checks = (
        Check(
            "somebody_accepted", "Somebody who works with it tried a version and accepted it; nobody refused it since."
        ),
        Check("operators_are_trained", "People were trained, and at least one training holds today."),
    )

    def parts(self, uc: UseCase, found: Mapping[str, Evidence], said_by: Said) -> list[Part]:
        return [
            table("acceptances", ACCEPTANCE, records_of(found["records"], "user_acceptance")),
            said("how_it_is_accepted", said_by["how_it_is_accepted"]),
            table("trainings", TRAINING, records_of(found["records"], "training")),
            said("how_people_are_trained", said_by["how_people_are_trained"]),
        ]

    def figures(self, document: dict[str, Any]) -> dict[str, Any]:
        parts = parts_of(document)
        trained = {person for row in parts["trainings"]["rows"] for person in row["value"]["trained"]}
        return {"acceptances": len(parts["acceptances"]["rows"]), "trained": len(trained)}

    def judge(self, check: str, document: dict[str, Any], sources: Mapping[str, Source]) -> Finding:
        parts = parts_of(document)
        if check == "somebody_accepted":
            return Finding(acceptance_problems([row["value"] for row in parts["acceptances"]["rows"]]))
        trainings = [row["value"] for row in parts["trainings"]["rows"]]
        holding = [one for one in trainings if not one["expires"] or one["expires"] >= today().isoformat()]
        missing = "nobody was trained: write a record of kind training" if not trainings else "every training expired"
        return Finding([] if holding else [missing], {"trainings": len(trainings)})


def records_of(records: Evidence, kind: str) -> list[dict[str, Any]]:
    """The records of a kind as claims, the newest first."""
    found = [made for made in each(records, "/records") if made["value"]["kind"] == kind]
    return sorted(found, key=lambda made: made["value"]["written_on"], reverse=True)


def acceptance_problems(acceptances: list[dict[str, Any]]) -> list[str]:
    """Nobody accepted, or the last word on a version is a refusal. `acceptances`: the newest first."""
    if not acceptances:
        return ["nobody accepted it: write a record of kind user_acceptance"]
    last: dict[tuple[str, str], dict[str, Any]] = {}
    for one in acceptances:
        last.setdefault((one["model_version"], one["author"]), one)
    refused = [one for one in last.values() if one["outcome"] == "not_accepted"]
    return [f"{one['author']} did not accept {one['model_version']} on {one['written_on']}" for one in refused]

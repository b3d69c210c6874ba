"""Requests of authorities for documents (AI Act, Article 91): what was asked, what was handed over, when.

Belongs here: from records of kind authority_request to the document, and what is late. Does not belong here: making the
documents that are handed over (`genaiops dossier`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from genaiops_assets.evidence import Evidence, claim
from genaiops_assets.governance.documents.base import Check, Finding, Source
from genaiops_assets.governance.documents.operating.acceptance_and_training import records_of
from genaiops_assets.governance.documents.operating.parts import Part, said, table
from genaiops_assets.governance.documents.operating.written import CLASSIFICATION, Said, Written, parts_of, today
from genaiops_assets.use_case import UseCase

REQUEST = ("id", "authority", "received_on", "asked_for", "due", "owner", "done_on")


class AuthorityRequests(Written):
    """What authorities asked for, and what they got."""

    name = "authority_requests"
    article = "article-91"
    description = (
        "Every request of an authority for documents or information: what was asked, until when, what was handed over "
        "and when. From records of kind authority_request."
    )
    reads = ("records", CLASSIFICATION)
    of_newest = (CLASSIFICATION,)
    optional = (CLASSIFICATION,)
    sections = ("who_answers", "how_it_is_answered")
    checks = (Check("no_request_is_overdue", "Every request whose day has passed was answered. Asked daily."),)

    def parts(self, uc: UseCase, found: Mapping[str, Evidence], said_by: Said) -> list[Part]:
        requests = records_of(found["records"], "authority_request")
        return [
            table("requests", REQUEST, requests),
            table("handed_over", ("id", "what", "on", "digest"), handed_over(found["records"], requests)),
            said("who_answers", said_by["who_answers"]),
            said("how_it_is_answered", said_by["how_it_is_answered"]),
        ]

    def figures(self, document: dict[str, Any]) -> dict[str, Any]:
        requests = [row["value"] for row in parts_of(document)["requests"]["rows"]]
        return {"requests": len(requests), "open": sum(one["done_on"] is None for one in requests)}

    def judge(self, check: str, document: dict[str, Any], sources: Mapping[str, Source]) -> Finding:
        requests = [row["value"] for row in parts_of(document)["requests"]["rows"]]
        late = [one for one in requests if one["done_on"] is None and date.fromisoformat(one["due"]) < today()]
        return Finding([f"{one['id']} of {one['authority']} was due on {one['due']}: {one['owner']}" for one in late])


def handed_over(records: Evidence, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A row for each thing an authority was given."""
    return [
        {
            "id": claim(records, f"{request['pointer']}/id"),
            **{
                name: claim(records, f"{request['pointer']}/handed_over/{n}/{name}")
                for name in ("what", "on", "digest")
            },
        }
        for request in requests
        for n in range(len(request["value"]["handed_over"]))
    ]

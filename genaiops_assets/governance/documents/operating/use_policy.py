"""The responsible-use policy: what the application may be used for, under which conditions, and what not at all.

Belongs here: its parts. Does not belong here: how those who deploy it must work (`deployer_pack.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genaiops_assets.evidence import Evidence, claim
from genaiops_assets.governance.documents.base import Check, Finding, Source
from genaiops_assets.governance.documents.operating.parts import Part, each, listed, note, said
from genaiops_assets.governance.documents.operating.written import CLASSIFICATION, Said, Written, parts_of, unsaid
from genaiops_assets.use_case import UseCase

LIMITS = ("restricted", "prohibited")


class UsePolicy(Written):
    """Allowed, restricted and prohibited uses."""

    name = "use_policy"
    article = "article-26"
    description = (
        "What the application may be used for, what only under conditions, what not at all, and what follows if "
        "somebody does it anyway. In English and Chinese."
    )
    reads = ("use_case_scope", CLASSIFICATION)
    of_newest = (CLASSIFICATION,)
    optional = (CLASSIFICATION,)
    both_languages = True
    sections = ("allowed", "restricted", "prohibited", "when_broken", "questions")
    checks = (
        Check("limits_are_stated", "Restricted and prohibited uses are written down by a person, and some are named."),
        Check(
            "nothing_is_allowed_and_prohibited", "No use stands among the allowed ones and among the prohibited ones."
        ),
    )

    def parts(self, uc: UseCase, found: Mapping[str, Evidence], said_by: Said) -> list[Part]:
        scope = found["use_case_scope"]
        return [
            listed("who", each(scope, "/purpose/intended_users")),
            listed("uses", [claim(scope, "/purpose/intended_use")]),
            said("allowed", said_by["allowed"]),
            said("restricted", said_by["restricted"]),
            listed("never", each(scope, "/purpose/out_of_scope")),
            said("prohibited", said_by["prohibited"]),
            note("by_law"),
            said("when_broken", said_by["when_broken"]),
            said("questions", said_by["questions"]),
        ]

    def figures(self, document: dict[str, Any]) -> dict[str, Any]:
        parts = parts_of(document)
        return {"users": len(parts["who"]["items"]), "prohibited uses": len(parts["never"]["items"])}

    def judge(self, check: str, document: dict[str, Any], sources: Mapping[str, Source]) -> Finding:
        parts = parts_of(document)
        never = [made["value"] for made in parts["never"]["items"]]
        if check == "limits_are_stated":
            return Finding([*unsaid(document, LIMITS), *([] if never else ["purpose.out_of_scope names no use"])])
        allowed = [made["value"] for name in ("who", "uses") for made in parts[name]["items"]]
        return Finding([text for text in never if words_of(text) in map(words_of, allowed)])


def words_of(text: str) -> str:
    """A text without case, blanks and its last full stop, to tell one use from another."""
    return " ".join(text.casefold().split()).rstrip(".。")

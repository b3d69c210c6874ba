"""Post-mortems as a document: what happened in each grave incident, why, and what is done.

Belongs here: what makes it a document. Does not belong here: which are owed and what they say (`governance/audit`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genaiops_assets.governance.audit import build_post_mortems, render_post_mortems
from genaiops_assets.governance.documents.base import Check, Earlier, Finding, Plain, Source
from genaiops_assets.use_case import UseCase


class PostMortems(Plain):
    """One a grave incident."""

    name = "post_mortems"
    phase = "monitoring"
    article = "article-17"
    description = (
        "What happened in each major or serious incident and each rollback that the platform did by itself, why, and "
        "what is done: people's records of kind post_mortem beside the incident log."
    )
    reads: tuple[str, ...] = ("incidents", "records")
    page = "post_mortems.md"
    checks = (Check("actions_exist", "Post-mortems speak of incidents that are known and of mitigations that exist."),)

    def settings(self, uc: UseCase) -> dict[str, Any]:
        return {"within": uc.monitoring.audit.post_mortem_within_days, **uc.section("title", "language")}

    def build(self, uc: UseCase, sources: Mapping[str, Source], earlier: Earlier) -> dict[str, Any]:
        return build_post_mortems(uc, sources["incidents"].evidence, sources["records"].evidence)

    def render(self, document: dict[str, Any]) -> str:
        return render_post_mortems(document, document["language"])

    def further_pages(self, document: dict[str, Any]) -> dict[str, str]:
        other = "zh" if document["language"] == "en" else "en"
        return {f"{self.name}.{other}.md": render_post_mortems(document, other)}

    def figures(self, document: dict[str, Any]) -> dict[str, Any]:
        rows = document["post_mortems"]
        owed = [row for row in rows if row["owed"] and "gap" in row["written"]]
        return {"incidents": len(rows), "owed": len(owed), "next_due": min((r["due"] for r in owed), default="none")}

    def tables(self, document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
        rows = [
            {"incident": r["incident"]["title"]["value"], "due": r["due"], "written": "gap" not in r["written"]}
            for r in document["post_mortems"]
        ]
        return {"post-mortems": rows}

    def judge(self, check: str, document: dict[str, Any], sources: Mapping[str, Source]) -> Finding:
        return Finding(document["problems"])

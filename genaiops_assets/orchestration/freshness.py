"""Check `document_is_fresh` on every document, by one rule.

Belongs here: the check, and which versions it looks at. Does not belong here: the rule (`governance/documents`), other
checks of documents (`documents.py`)."""

from datetime import UTC, datetime
from typing import Any

import dagster as dg

from genaiops_assets.governance.documents import freshness_rules, staleness
from genaiops_assets.governance.release import production_release
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.phases import check, data_gate
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase

CHECK = "document_is_fresh"
SHOWN = 10


def freshness_check(uc: UseCase, document: str, *, of_version: bool) -> Any:
    """`of_version`: the document exists once a model version; then the version in production is looked at and the
    newest one that has it. The check has no partition, so that the daily job can ask it."""

    @check(
        uc,
        document,
        name=CHECK,
        description="Nothing that it speaks of changed materially since it was made, and no text of a person in it is "
        "due to be read again (governance/documents/freshness.yaml). Asked daily.",
    )
    def document_is_fresh(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake, today = platform.lake, datetime.now(UTC).date()
        asked = versions_that_matter(lake, uc, document) if of_version else [None]
        old = [
            f"{version}: {why}" if version else why
            for version in asked
            for why in staleness(lake, uc, document, version, today)
        ]
        return data_gate(
            not old,
            old="; ".join(old[:SHOWN]) or "nothing",
            looked_at=", ".join(v for v in asked if v) or ("nothing yet" if of_version else "the document"),
        )

    return document_is_fresh


def versions_that_matter(lake: Lake, uc: UseCase, document: str) -> list[str]:
    """The version in production and the newest one, of those that have the document."""
    heads = {v: lake.heads.get(uc.key(document), v) for v in lake.heads.partitions(uc.key(document))}
    made = {version: head["at"] for version, head in heads.items() if head}
    now = production_release(lake, uc)
    released = [now.model_version] if now and now.model_version in made else []
    return list(dict.fromkeys([*released, *([max(made, key=lambda v: (made[v], v))] if made else [])]))


def further_freshness_checks(uc: UseCase) -> list[Any]:
    """The check on documents that are assets of their own making; each exists once a model version."""
    return [freshness_check(uc, name, of_version=True) for name in freshness_rules().further]

"""Check `document_is_fresh` on every document, by one rule.

Belongs here: the check, and the same question about all documents of model versions at once. Does not belong here: the
rule (`governance/documents`), other checks of documents (`documents.py`)."""

from datetime import UTC, datetime
from typing import Any

import dagster as dg

from genaiops_assets.governance.documents import documents, freshness_rules, staleness
from genaiops_assets.governance.release import production_release
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.phases import check, data_gate, versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase

CHECK = "document_is_fresh"
SHOWN = 10


def freshness_check(uc: UseCase, document: str, *, of_version: bool) -> Any:
    """`of_version`: the document exists once a model version, and so does the check; what time alone changes about
    those is asked of all of them at once (`old_documents_of_versions`)."""

    @check(
        uc,
        document,
        name=CHECK,
        partitions_def=versions_of(uc) if of_version else None,
        description="Nothing that it speaks of changed materially since it was made, and no text of a person in it is "
        "due to be read again (governance/documents/freshness.yaml). Asked daily.",
    )
    def document_is_fresh(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        version = context.partition_key if of_version else None
        return shown(staleness(platform.lake, uc, document, version, datetime.now(UTC).date()))

    return document_is_fresh


def shown(old: list[str], **facts: str) -> dg.AssetCheckResult:
    return data_gate(not old, old="; ".join(old[:SHOWN]) or "nothing", **facts)


def of_versions() -> list[str]:
    """The documents that each model version has."""
    return [*(name for name, one in documents().items() if one.of_version), *freshness_rules().further]


def old_documents_of_versions(lake: Lake, uc: UseCase) -> list[str]:
    """What is old today of the version in production and of the newest one that has the document."""
    today = datetime.now(UTC).date()
    return [
        f"{name} of {version}: {why}"
        for name in of_versions()
        for version in versions_that_matter(lake, uc, name)
        for why in staleness(lake, uc, name, version, today)
    ]


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

"""Asset `regulatory_classification`: what each model version is before the law; signed by a person in a record."""

from datetime import UTC, datetime
from typing import Any

import dagster as dg

from genaiops_assets.alignment import checkpoints_of, section_of
from genaiops_assets.governance.classification import RegulatoryClassification, dates_passed, signature_on
from genaiops_assets.governance.records import read_records
from genaiops_assets.governance.release import production_release
from genaiops_assets.lake import Artifact, Lake
from genaiops_assets.orchestration.documents import document_assets
from genaiops_assets.orchestration.graph_state import newest_output
from genaiops_assets.orchestration.phases import check, notice
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase

NAME = "regulatory_classification"


def regulatory_classification_assets(uc: UseCase) -> list[Any]:
    *before, _ = checkpoints_of(section_of(uc)).values()

    @check(
        uc,
        NAME,
        description="A person who may (owner, approver, legal, ethics; no builder) signed the classification of the "
        "newest version and of the one in production: a record of kind review names its digest under `bound`. Another "
        "classification lapses the signature. Asked daily.",
    )
    def somebody_signed(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        records = read_records(uc).records
        found = {v: (made.digest, signature_on(uc, records, made.digest)) for v, made in matter(platform.lake, uc)}
        open_now = [f"{version}: {NAME}: {digest[:16]}" for version, (digest, signed) in found.items() if not signed.by]
        said = "; ".join(f"{version}: {signed.in_words}" for version, (_, signed) in found.items())
        return notice(not open_now, signed_by=said, to_be_bound="; ".join(open_now) or "none")

    @check(
        uc,
        NAME,
        description="No date of the law has passed since the newest version and the one in production were classified. "
        "Asked daily.",
    )
    def law_is_that_of_today(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        today = datetime.now(UTC).date()
        documents = {version: made.json(f"{NAME}.json") for version, made in matter(platform.lake, uc)}
        behind = {
            v: d["as_of"] for v, d in documents.items() if d["as_of"] != dates_passed(d["jurisdiction"], today)[-1]
        }
        return notice(not behind, behind="; ".join(f"{v}: as of {day}" for v, day in behind.items()) or "none")

    return [*document_assets(uc, RegulatoryClassification(before)), somebody_signed, law_is_that_of_today]


def matter(lake: Lake, uc: UseCase) -> list[tuple[str, Artifact]]:
    """The classifications that matter: of the version in production, and of the one that was classified last."""
    key, now = uc.key(NAME), production_release(lake, uc)
    wanted = dict.fromkeys([*([now.model_version] if now else []), newest_output(lake, key)[1]])
    return [(version, lake.current(key, version)) for version in wanted if lake.heads.get(key, version)]

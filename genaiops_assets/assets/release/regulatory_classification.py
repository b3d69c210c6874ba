"""Asset `regulatory_classification`: what each model version is before the law; signed by a person in a record."""

from typing import Any

import dagster as dg

from genaiops_assets.alignment import checkpoints_of, section_of
from genaiops_assets.governance.classification import RegulatoryClassification, signature_on
from genaiops_assets.governance.records import read_records
from genaiops_assets.orchestration.documents import document_assets
from genaiops_assets.orchestration.phases import check, notice, versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase

NAME = "regulatory_classification"


def regulatory_classification_assets(uc: UseCase) -> list[Any]:
    *before, _ = checkpoints_of(section_of(uc)).values()

    @check(
        uc,
        NAME,
        partitions_def=versions_of(uc),
        description="A person who may (owner, approver, legal, ethics; no builder) signed this classification: a "
        "record of kind review names its digest under `bound`. Another classification lapses the signature.",
    )
    def somebody_signed(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        digest = platform.lake.current(uc.key(NAME), context.partition_key).digest
        found = signature_on(uc, read_records(uc).records, digest)
        return notice(bool(found.by), signed_by=found.in_words, bound=f"{NAME}: {digest[:16]}")

    return [*document_assets(uc, RegulatoryClassification(before)), somebody_signed]

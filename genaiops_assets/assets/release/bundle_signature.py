"""Asset `bundle_signature`: who says that a release bundle is this one, verifiable without this platform."""

from typing import Any

import dagster as dg

from genaiops_assets.governance.release import BUNDLE, SIGNATURE_FACTS, can_sign, sign_bundle, signature_problem
from genaiops_assets.lake import Workplace, write_json
from genaiops_assets.orchestration.automation import when_version_is_new
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, data_gate, phase, versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase


def bundle_signature_assets(uc: UseCase) -> list[Any]:
    versions = versions_of(uc)

    @phase(uc, "release")(
        kinds={"json"},
        reads=[BUNDLE],
        partitions_def=versions,
        automation_condition=when_version_is_new(),
        article="article-15",
        description="The release bundle signed with a key of this home (OpenSSF model signing, offline), as the "
        "checkpoint is. The bundle names every part by digest, so one signature holds all of a deployment. Verified "
        "before the version is released.",
    )
    def bundle_signature(making: Making) -> dg.MaterializeResult:
        bundle = making.read(BUNDLE, partition=making.partition)
        signs = can_sign()

        def build(place: Workplace) -> Built:
            if signs:
                facts = sign_bundle(making.lake, bundle, place.staging)
            else:
                facts = {"schema_version": 1, "bundle": bundle.digest, "key": "", "signed": False}
                write_json(place.staging / SIGNATURE_FACTS, facts)
            return Built({"signed": facts["signed"], "key": facts["key"][:16] or "none"})

        return making.produce(build, config={"signs": signs})

    @check(
        uc,
        "bundle_signature",
        blocking=True,
        partitions_def=versions,
        description="Every file of the release bundle is as it was signed, by a key that the ledger names.",
    )
    def bundle_is_as_signed(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake, version = platform.lake, context.partition_key
        problem = signature_problem(lake, uc, version, signed=BUNDLE)
        signed = lake.current(uc.key("bundle_signature"), version).json(SIGNATURE_FACTS)["signed"]
        return data_gate(not problem, problem=problem or "none", signed=signed)

    return [bundle_signature, bundle_is_as_signed]

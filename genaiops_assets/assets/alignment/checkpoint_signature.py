"""Asset `checkpoint_signature`: who says that a checkpoint's files are these, verifiable without this platform."""

from typing import Any

import dagster as dg

from genaiops_assets.governance.release import (
    SIGNATURE_FACTS,
    can_sign,
    sign_checkpoint,
    signature_problem,
)
from genaiops_assets.lake import Workplace, write_json
from genaiops_assets.orchestration.automation import when_version_is_new
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, data_gate, phase, versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase


def checkpoint_signature_assets(uc: UseCase) -> list[Any]:
    versions = versions_of(uc)

    @phase(uc, "alignment")(
        kinds={"json"},
        reads=["aligned_checkpoint"],
        partitions_def=versions,
        automation_condition=when_version_is_new(),
        article="article-15",
        description="The checkpoint signed with a key of this home (OpenSSF model signing, offline): signature and "
        "public key. Verified before the version is evaluated and before it is released.",
    )
    def checkpoint_signature(making: Making) -> dg.MaterializeResult:
        checkpoint = making.read("aligned_checkpoint", partition=making.partition)
        signs = can_sign()

        def build(place: Workplace) -> Built:
            if signs:
                facts = sign_checkpoint(making.lake, checkpoint, place.staging)
            else:
                facts = {"schema_version": 1, "checkpoint": checkpoint.digest, "key": "", "signed": False}
                write_json(place.staging / SIGNATURE_FACTS, facts)
            return Built({"signed": facts["signed"], "key": facts["key"][:16] or "none"})

        return making.produce(build, config={"signs": signs})

    @check(
        uc,
        "checkpoint_signature",
        blocking=True,
        partitions_def=versions,
        description="Every file of the checkpoint is as it was signed, by a key that the ledger names.",
    )
    def checkpoint_is_as_signed(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake, version = platform.lake, context.partition_key
        problem = signature_problem(lake, uc, version)
        signed = lake.current(uc.key("checkpoint_signature"), version).json(SIGNATURE_FACTS)["signed"]
        return data_gate(not problem, problem=problem or "none", signed=signed)

    return [checkpoint_signature, checkpoint_is_as_signed]

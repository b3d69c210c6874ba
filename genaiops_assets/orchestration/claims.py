"""Claims against the lake: which file of an asset claims point into, and whether a document's claims still hold.

Belongs here: the one table of those files and the checks every document shares. Does not belong here: what any
document says."""

from typing import Any

import dagster as dg

from genaiops_assets.evidence import Evidence, verify_claims
from genaiops_assets.lake import Artifact, Lake
from genaiops_assets.orchestration.phases import check, data_gate
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase

FILES = {
    "model_plan": "plan.json",
    "filtered_corpus": "corpus.json",
    "corpus_profile": "profile.json",
    "preference_pairs": "pairs.json",
    "aligned_checkpoint": "training_log.json",
    "success_criteria": "criteria.json",
    "use_case_scope": "scope.json",
    "decontamination_report": "decontamination.json",
    "release_decision": "decision.json",
    "pii_probe_set": "probe.json",
    "toxicity_probe_set": "toxicity.json",
}
TRAINED = "training_log.json"  # of the checkpoints of all stages; the base model itself has none
BESIDE = {"run_record": "run_record.json", "checkpoint": "checkpoint.json"}  # part of their evidence → file


def file_of(asset: str) -> str:
    """The file of an artifact that claims point into: named after its asset unless the table says otherwise."""
    name = asset.split("/")[-1]
    return FILES.get(name, TRAINED if is_training(asset) else f"{name}.json")


def is_training(asset: str) -> bool:
    """Whether an asset is the checkpoint of a stage."""
    name = asset.split("/")[-1]
    return name.endswith("_checkpoint") or name == "reward_model"


def evidence(artifact: Artifact) -> Evidence:
    """The JSON document of an artifact, as something claims can point into. Of a checkpoint it is the log of its
    training with the run record under `run_record` and what it is under `checkpoint`, where there are such files."""
    file, beside = file_of(artifact.asset), BESIDE if is_training(artifact.asset) else {}
    document = artifact.json(file) if not beside or artifact.local(file).exists() else {}
    further = {name: artifact.json(other) for name, other in beside.items() if artifact.local(other).exists()}
    return Evidence(artifact.asset, artifact.digest, {**document, **further})


def broken_claims(lake: Lake, document: Any) -> list[str]:
    """Claims of a document that do not hold, one sentence each."""
    return verify_claims(document, lambda asset, digest: evidence(lake.artifacts.get(asset, digest)).document)


def claims_check(uc: UseCase, asset: str, versions: Any = None) -> Any:
    """A blocking check `claims_hold` on a document; `versions`: its partitions where each model version has its own."""

    @check(
        uc,
        asset,
        blocking=True,
        partitions_def=versions,
        name="claims_hold",
        description="Every number in the document equals the artifact it points at.",
    )
    def claims_hold(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        written = platform.lake.current(uc.key(asset), context.partition_key if versions else None)
        found = broken_claims(platform.lake, written.json(f"{asset}.json"))
        return data_gate(not found, problems="; ".join(found[:10]) or "none")

    return claims_hold

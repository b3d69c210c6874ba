"""A use case's own sets of queries for the suite `retrieval`: found by reference, and the same as when they were
planned.

Belongs here: from `evaluation.retrieval_sets` to files with digests. Does not belong here: reading a query
(`evaluation/golden.py`)."""

from typing import Any

from genaiops_assets.evaluation import EvaluationPlan, set_digest
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.gates import refusal
from genaiops_assets.use_case import UseCase

SET = "retrieval set "


def retrieval_sets_of(lake: Lake, uc: UseCase) -> tuple[dict[str, str], list[dict[str, Any]]]:
    """The use case's own sets of queries, as inputs by digest and as payloads take them. Raises UnresolvedReference."""
    digests, given = {}, []
    for stated in uc.evaluation.retrieval_sets:
        found = lake.resolve(stated.ref, uc.folder)
        fields = {str(k): v for k, v in stated.fields.items()}
        digests[f"{SET}{stated.name}"] = set_digest(found.digest, fields, stated.limit)
        given.append({"name": stated.name, "path": str(found.path), "fields": fields, "limit": stated.limit})
    return digests, given


def refuse_changed_sets(judged_by: EvaluationPlan, now: dict[str, str]) -> None:
    changed = sorted(name for name, digest in judged_by.retrieval_sets.items() if now.get(name) != digest)
    if changed:
        raise refusal(
            f"retrieval set {', '.join(changed)} is not what the evaluation plan of {judged_by.model_version} names: "
            "materialize evaluation_plan again (job judge)"
        )

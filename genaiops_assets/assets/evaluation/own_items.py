"""A use case's own items of suites: found by reference, checked line by line, and the same as when they were planned.

Belongs here: from `evaluation.suite_items` to files with digests. Does not belong here: what an item must hold (the
suites)."""

from pathlib import Path

from genaiops_assets.evaluation import EvaluationPlan, check_own_items
from genaiops_assets.lake import Lake, Reference
from genaiops_assets.orchestration.gates import refusal
from genaiops_assets.use_case import UseCase


def suite_items_of(lake: Lake, uc: UseCase) -> dict[str, Reference]:
    """Suite → the use case's own items, each file read once. Raises UnresolvedReference, and SuiteItemsError with file,
    line and field."""
    found = {name: lake.resolve(ref, uc.folder) for name, ref in uc.evaluation.suite_items.items()}
    for name, file in found.items():
        check_own_items(name, Path(file.path))
    return found


def refuse_changed_items(judged_by: EvaluationPlan, now: dict[str, str]) -> None:
    changed = sorted(name for name, digest in judged_by.suite_items.items() if now.get(name) != digest)
    if changed:
        raise refusal(
            f"the items of suite {', '.join(changed)} are not what the evaluation plan of {judged_by.model_version} "
            "names: materialize evaluation_plan again (job judge)"
        )

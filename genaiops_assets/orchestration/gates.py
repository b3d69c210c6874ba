"""Gates between assets: a blocking check's outcome is recorded with the digest it judged, and whoever builds upon that
digest asks for it, in whatever run.

Belongs here: which blocking checks an asset has, recording, and refusing what did not pass. Does not belong here: what
a check looks at (beside its asset). Dagster holds back what is downstream in the run of the failed check only; the
next run would go on."""

from __future__ import annotations

from collections import defaultdict
from functools import wraps
from typing import Any

import dagster as dg

from genaiops_assets.lake import Lake, gates_of, predates_gates, record_gates
from genaiops_assets.use_case import UseCase

DECLARED: dict[str, set[str]] = defaultdict(set)


def declare_gate(uc: UseCase, asset: str, name: str) -> None:
    """Note that an asset has a blocking check."""
    DECLARED[uc.key(asset)].add(name)


def recording(uc: UseCase, asset: str, check: Any, name: str, *, partitioned: bool = True) -> Any:
    """A blocking check whose outcome is recorded with the digest it judged. `partitioned`: whether the asset is; a run
    for a model version may also check what has no partitions."""
    declare_gate(uc, asset, name)

    @wraps(check)
    def judged(context: Any, **resources: Any) -> dg.AssetCheckResult:
        result = check(context, **resources)
        partition = context.partition_key if partitioned and context.has_partition_key else None
        record_outcomes(resources["platform"].lake, uc, asset, partition, {name: result.passed})
        return result

    return judged


def record_outcomes(lake: Lake, uc: UseCase, asset: str, partition: str | None, outcomes: dict[str, bool]) -> None:
    if head := lake.heads.get(uc.key(asset), partition):
        record_gates(lake, uc.key(asset), head["digest"], outcomes)


def require_gates(lake: Lake, uc: UseCase, digests: dict[str, str]) -> None:
    """Refuse to build upon artifacts {asset: digest} that did not pass their blocking checks. Raises dg.Failure naming
    the checks that failed or never ran on exactly that artifact."""
    for asset, digest in digests.items():
        outcomes = gates_of(lake, uc.key(asset), digest)
        failed = sorted(n for n in DECLARED[uc.key(asset)] if outcomes.get(n) is False)
        unjudged = sorted(n for n in DECLARED[uc.key(asset)] if n not in outcomes)
        if failed:
            raise refusal(
                f"{asset} did not pass {', '.join(failed)}: mend what the check names and materialize {asset}"
            )
        if unjudged and not predates_gates(lake, uc.key(asset), digest):
            raise refusal(f"nothing says that {asset} passed {', '.join(unjudged)}: run its checks, then this again")


def refusal(message: str) -> dg.Failure:
    return dg.Failure(message, metadata={"permanent": True}, allow_retries=False)

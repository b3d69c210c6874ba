"""Golden questions or success criteria that changed: candidates are judged again, and so is what is in production.
Nothing is trained for it, and no approval of production is touched.

Belongs here: which version was judged by something else than there is now. Does not belong here: judging (jobs `judge`
and `reevaluate`)."""

from collections.abc import Callable, Iterator
from itertools import islice
from typing import TypeAlias

import dagster as dg

from genaiops_assets.evaluation import GoldenError, JudgedBy, judged_by, judgement_basis
from genaiops_assets.governance.release import approval_of, production_release, verdicts_on
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.requests import limits_of
from genaiops_assets.use_case import UseCase
from sensors import contract
from sensors.contract import Fact, Quiet, requesting_sensor

LOOKED_AT = 3  # the newest candidates
Stale: TypeAlias = Callable[[Lake, UseCase], Fact | Quiet]


def judgement_sensor(uc: UseCase) -> dg.SensorDefinition:
    return changed_basis_sensor(
        uc,
        "changed_criteria",
        job="judge",
        purpose="judgement",
        what="a judgement",
        stale=stale_candidate,
        requests="one judgement of each candidate for release by what they are now",
    )


def production_judgement_sensor(uc: UseCase) -> dg.SensorDefinition:
    return changed_basis_sensor(
        uc,
        "changed_criteria_of_production",
        job="reevaluate",
        purpose="reevaluation",
        what="a re-evaluation",
        stale=stale_production,
        requests="one re-evaluation of the version in production; its approval stays",
    )


def changed_basis_sensor(
    uc: UseCase, name: str, *, job: str, purpose: str, what: str, stale: Stale, requests: str
) -> dg.SensorDefinition:
    """A sensor on what versions are judged by: `stale` names a version that was judged by something else."""

    def observe(context: dg.SensorEvaluationContext, platform: Platform) -> Fact | Quiet:
        try:
            return stale(platform.lake, uc)
        except GoldenError as error:
            return Quiet(f"the golden questions cannot be read: {error}")

    return requesting_sensor(
        uc,
        name,
        job=job,
        purpose=purpose,
        limits=limits_of(what, uc.monitoring.sensors),
        observe=observe,
        every=60,
        description=f"Golden questions or success criteria that changed: requests {requests}.",
    )


def stale_candidate(lake: Lake, uc: UseCase) -> Fact | Quiet:
    """The newest candidate that was judged by other questions or criteria than there are now. Raises GoldenError."""
    found = list(islice(candidates(lake, uc), LOOKED_AT))
    if not found:
        return Quiet("no candidate for release")
    now = judgement_basis(uc)
    for version in found:
        if changed := now.differs_from(judged_by(lake, uc, "eval_report", version)):
            return Fact(
                f"judgement:{version}:{now.digest[:24]}",
                f"{version} was judged by other {' and '.join(changed)} than there are now",
                partition_key=version,
            )
    return Quiet(f"{', '.join(found)}: judged by today's golden questions and criteria")


def stale_production(lake: Lake, uc: UseCase) -> Fact | Quiet:
    """The released version, when neither its own report nor a later re-evaluation is by what there is now. Raises
    GoldenError."""
    released = production_release(lake, uc)
    if released is None:
        return Quiet("nothing is in production")
    version = released.model_version
    now = judgement_basis(uc)
    known = [judged_by(lake, uc, "eval_report", version), last_reevaluation(lake, uc, version)]
    if any(not now.differs_from(one) for one in known if one):
        return Quiet(f"{version}: evaluated by today's golden questions and criteria")
    return Fact(
        f"reevaluation:{version}:{now.digest[:24]}",
        f"{version} is in production and was never evaluated by the golden questions and criteria there are now",
        partition_key=contract.now().date().isoformat(),
    )


def candidates(lake: Lake, uc: UseCase) -> Iterator[str]:
    """Versions that may still be released, newest first: with a decision that is not a no_go, not rejected or revoked,
    and newer than what is in production."""
    planned = {
        version: head["at"]
        for version in lake.heads.partitions(uc.key("release_decision"))
        if (head := lake.heads.get(uc.key("model_plan"), version)) is not None
    }
    released = production_release(lake, uc)
    since = planned.get(released.model_version, "") if released else ""
    newer = sorted((v for v, at in planned.items() if at > since), key=lambda v: planned[v], reverse=True)
    for version in newer:
        refused = approval_of(lake, uc, version).status in ("rejected", "revoked")
        if "no_go" not in verdicts_on(lake, uc, version) and not refused:
            yield version


def last_reevaluation(lake: Lake, uc: UseCase, version: str) -> JudgedBy | None:
    """By what the version was last evaluated in production, or None."""
    days = sorted(lake.heads.partitions(uc.key("production_evaluation")), reverse=True)
    for day in days[:1]:
        found = judged_by(lake, uc, "production_evaluation", day)
        return found if found and found.version == version else None
    return None

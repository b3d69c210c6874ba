"""Asset `internal_review`: minutes of the monthly review, and the checks that time or a person decides.

Belongs here: gathering what the review looks at. Does not belong here: its rules (`governance/compliance/review.py`),
verifying (`orchestration/verification.py`)."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Any

import dagster as dg

from genaiops_assets.drift import open_tasks
from genaiops_assets.governance.compliance import (
    build_review,
    confirmed_by,
    last_review,
    render_review,
    review_due,
    what_happened,
)
from genaiops_assets.governance.incidents import incident_log
from genaiops_assets.governance.records import overdue, read_records
from genaiops_assets.governance.release import production_release
from genaiops_assets.lake import Lake, Workplace, write_json
from genaiops_assets.orchestration.check_results import newest_results
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, data_gate, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.orchestration.verification import verify_lake
from genaiops_assets.use_case import UseCase

NAME, PAGE = "internal_review", "internal_review.md"


def internal_review_assets(uc: UseCase) -> list[Any]:
    @phase(uc, "monitoring")(
        kinds={"markdown", "json"},
        parts=["production_evaluation", "records", "coverage_matrix"],
        article="article-72",
        automation_condition=None,
        description="Minutes of the internal review: every published byte verified, production judged again, red "
        "checks, open tasks, late records, incidents, and what happened since the review before.",
    )
    def internal_review(making: Making) -> dg.MaterializeResult:
        lake, today = making.lake, datetime.now(UTC).date()
        previous = last_review(lake, uc)
        began = lake.ledger.head_hash()

        def build(place: Workplace) -> Built:
            review = review_now(making.context, lake, uc, today, previous)
            write_json(place.staging / f"{NAME}.json", review)
            (place.staging / PAGE).write_text(render_review(review), encoding="utf-8")
            return Built(*review_shown(review), page=PAGE)

        also = {"ledger": began, "previous": previous["digest"] if previous else ""}
        config = {"held_on": today.isoformat(), **uc.section("title", "language")}
        return making.produce(build, config=config, also=also)

    @check(
        uc,
        NAME,
        description="The last internal review is not longer ago than `monitoring.review_within_days`. Asked daily.",
    )
    def review_is_in_time(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        due, today = review_due(platform.lake, uc), datetime.now(UTC).date()
        if due is None:
            return data_gate(True, state="nothing to review yet")
        return data_gate(today <= due[0], due=due[0].isoformat(), counted_from=due[1])

    @check(uc, NAME, description="The last review found nothing that somebody has to see to.")
    def review_found_nothing_serious(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        held = last_review(platform.lake, uc)
        serious = [f["what"] for f in held["findings"] if f["severity"] == "serious"] if held else []
        return data_gate(not serious, findings=len(serious), which="; ".join(serious[:10]) or "none")

    @check(
        uc,
        NAME,
        description="A person confirmed the minutes: a record of kind minutes or review names their digest under "
        "`bound`. Asked daily.",
    )
    def minutes_are_confirmed(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        held = last_review(platform.lake, uc)
        if held is None:
            return notice(True, state="no review yet")
        who = confirmed_by(read_records(uc).records, held["digest"])
        return notice(bool(who), confirmed_by=who or "nobody", bound=f"{NAME}: {held['digest'][:16]}")

    @check(uc, NAME, description="No open task is late, knowledge gaps that drift found among them. Asked daily.")
    def no_task_is_overdue(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        tasks, today = open_tasks(platform.lake, uc), datetime.now(UTC).date()
        late = [task.in_words(today) for task in tasks if task.is_overdue(today)]
        return data_gate(not late, open=len(tasks), late="; ".join(late) or "none")

    return [
        internal_review,
        review_is_in_time,
        review_found_nothing_serious,
        minutes_are_confirmed,
        no_task_is_overdue,
    ]


def review_now(context: Any, lake: Lake, uc: UseCase, today: date, previous: dict[str, Any] | None) -> dict[str, Any]:
    """Everything the review looks at, looked at now."""
    found = read_records(uc).records
    verified = asdict(verify_lake(lake, [uc], marks_of(context.instance, uc), context.log.debug))
    log = incident_log(lake, uc, [r.model_dump(mode="json") for r in found])
    incidents = [one for one in log if not one["closed_at"]]
    covered = lake.heads.get(uc.key("coverage_matrix"))
    matrix = lake.current(uc.key("coverage_matrix")).json("coverage_matrix.json") if covered else None
    verdicts = verdicts_of(context.instance, uc, matrix)
    return build_review(
        uc,
        held_on=today,
        previous=previous,
        verified=verified,
        production=production_now(lake, uc, today),
        red=[name for name, verdict in verdicts.items() if verdict == "failed"],
        warned=[name for name, verdict in verdicts.items() if verdict == "warned"],
        tasks=[{**asdict(task), "overdue": task.is_overdue(today)} for task in open_tasks(lake, uc)],
        late_records=[str(late) for late in overdue(found, today)],
        incidents=[{name: one[name] for name in ("id", "title", "owner")} for one in incidents],
        coverage=matrix["counts"] if matrix else None,
        happened=what_happened(lake, uc, previous["verified"]["entries"] if previous else 0),
    )


def production_now(lake: Lake, uc: UseCase, today: date) -> dict[str, Any] | None:
    """The released version with its newest judgement up to today; None where nothing is released."""
    now = production_release(lake, uc)
    if now is None:
        return None
    judged = {"judged_on": "", "verdict": "", "failed_gates": ""}
    key = uc.key("production_evaluation")
    for day in sorted((d for d in lake.heads.partitions(key) if d <= today.isoformat()), reverse=True):
        found = lake.current(key, day).json("production_evaluation.json")
        if found["model_version"] == now.model_version:
            failed = ", ".join(gate["id"] for gate in found["gates"] if gate["status"] == "fail")
            judged = {"judged_on": day, "verdict": found["verdict"], "failed_gates": failed}
            break
    return {"model_version": now.model_version, **judged}


def verdicts_of(instance: dg.DagsterInstance, uc: UseCase, matrix: dict[str, Any] | None) -> dict[str, str]:
    """asset:check → newest verdict of every check that the matrix knows; the review's own speak of the one before."""
    assets = matrix["assets"] if matrix else {}
    names = [(a, c) for a, asset in assets.items() for c in asset["checks"] if a != NAME]
    results = newest_results(instance, [dg.AssetCheckKey(dg.AssetKey([uc.name, a]), c) for a, c in names])
    return {f"{key.asset_key.path[-1]}:{key.name}": result.verdict for key, result in sorted(results.items())}


def marks_of(instance: dg.DagsterInstance, uc: UseCase) -> Iterator[tuple[str, str]]:
    """(where, beginning of a ledger hash) as the last event of each asset of the use case notes it."""
    for key in instance.all_asset_keys():
        event = instance.get_latest_materialization_event(key) if key.path[0] == uc.name else None
        mark = event.asset_materialization.metadata.get("ledger") if event and event.asset_materialization else None
        if mark is not None and isinstance(mark.value, str) and mark.value:
            yield f"Dagster's history of {key.to_user_string()}", mark.value


def review_shown(review: dict[str, Any]) -> tuple[dict[str, Any], dict[str, list[dict[str, Any]]]]:
    """Figures and tables for the UI."""
    production = review["production"] or {}
    figures = {
        "held_on": review["held_on"],
        "findings": len(review["findings"]),
        "verified_artifacts": review["verified"]["artifacts"],
        "problems": len(review["verified"]["problems"]),
        "production": production.get("model_version", "nothing released"),
        "verdict": production.get("verdict", "") or "not judged",
    }
    return figures, {"findings": review["findings"]}

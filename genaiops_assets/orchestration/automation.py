"""The automation policies, named: who refreshes what, and when not.

Belongs here: conditions, each with its reason. Does not belong here: sensors (they request whole chains; these
policies only catch what nobody requested)."""

from __future__ import annotations

from datetime import timedelta

import dagster as dg

from genaiops_assets.use_case import UseCase

Condition = dg.AutomationCondition
REFRESHED_NIGHTLY = ("documents", "filtered_corpus", "chunks", "embeddings_index")
REPORTED_DAILY = ("interactions", "drift_report")


def with_freshness(spec: dg.AssetSpec, uc: UseCase) -> dg.AssetSpec:
    """What must stay fresh says so, and the UI shows what is late: the corpus side a warning before the overdue sensor
    acts and an error when that did not help either; the daily reports by six in the morning."""
    name = spec.key.path[-1]
    if name in REFRESHED_NIGHTLY:
        overdue = timedelta(hours=uc.monitoring.sensors.freshness_hours)
        return dg.apply_freshness_policy(
            spec, dg.FreshnessPolicy.time_window(fail_window=overdue * 1.5, warn_window=overdue)
        )
    if name in REPORTED_DAILY:
        return dg.apply_freshness_policy(
            spec, dg.FreshnessPolicy.cron(deadline_cron="0 6 * * *", lower_bound_delta=timedelta(hours=24))
        )
    return spec


def when_inputs_change() -> dg.AutomationCondition:
    """For unpartitioned assets: an input's data version changed (not merely: it ran again), all blocking checks above
    passed, nothing of it is running; a failure is an edge, so that a broken asset is not requested again and again
    until its inputs change. Not seen: a change in the same tick as, but after, a run of the asset itself; the nightly
    refresh repairs that."""
    changed = Condition.any_deps_match(Condition.data_version_changed() | Condition.will_be_requested())
    handled = Condition.newly_requested() | Condition.newly_updated() | Condition.initial_evaluation()
    return (
        changed.since(handled).with_label("an input changed since it was last handled")
        & ~Condition.any_deps_missing()
        & ~Condition.any_deps_in_progress()
        & ~Condition.in_progress()
        & Condition.all_deps_blocking_checks_passed()
    ).with_label("when_inputs_change")


def when_version_is_new() -> dg.AutomationCondition:
    """For model-side assets: once for a model version that has none yet, also one registered while the daemon was off
    (`newly_true` is true at the first tick). A version whose run failed is not requested again here: attempts belong
    to the retraining sensor, which counts them."""
    return (
        Condition.missing().newly_true().since(Condition.newly_requested() | Condition.newly_updated())
        & ~Condition.any_deps_missing()
        & ~Condition.any_deps_in_progress()
        & ~Condition.in_progress()
        & Condition.all_deps_blocking_checks_passed()
    ).with_label("when_version_is_new")

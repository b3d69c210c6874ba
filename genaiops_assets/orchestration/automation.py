"""The automation policies, named: who refreshes what, and when not.

Belongs here: conditions, each with its reason. Does not belong here: sensors (they request whole chains; these
policies only catch what nobody requested)."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import Any

import dagster as dg

from genaiops_assets.governance.documents import longest_wait
from genaiops_assets.use_case import UseCase

Condition = dg.AutomationCondition
DATA_VERSION, INPUT_VERSION = "dagster/data_version", "dagster/input_data_version/"  # tags of a materialization
REFRESHED_NIGHTLY = ("documents", "filtered_corpus", "chunks", "embeddings_index")
REPORTED_DAILY = ("interactions", "drift_report")
PUBLIC_SUMMARY = "training_content_summary"


def with_freshness(spec: dg.AssetSpec, uc: UseCase) -> dg.AssetSpec:
    """What must stay fresh says so, and the UI shows what is late: the corpus side a warning before the overdue sensor
    acts and an error when that did not help either; the daily reports by six in the morning; the public summary of
    training content as the law's template asks."""
    name = spec.key.path[-1]
    if name in REFRESHED_NIGHTLY:
        overdue = timedelta(hours=uc.monitoring.sensors.freshness_hours)
        return dg.apply_freshness_policy(
            spec, dg.FreshnessPolicy.time_window(fail_window=overdue * 1.5, warn_window=overdue)
        )
    if name == PUBLIC_SUMMARY:
        return dg.apply_freshness_policy(spec, dg.FreshnessPolicy.time_window(fail_window=longest_wait()))
    if name in REPORTED_DAILY:
        return dg.apply_freshness_policy(spec, by_six_in_the_morning())
    return spec


@cache
def by_six_in_the_morning() -> dg.FreshnessPolicy:
    """One for all: Dagster walks through a thousand mornings to look at the schedule."""
    return dg.FreshnessPolicy.cron(deadline_cron="0 6 * * *", lower_bound_delta=timedelta(hours=24))


class OutputIsBehind(dg.AutomationCondition):
    """The newest output of an unpartitioned asset names another version of an input than the input has now: the input
    changed while the asset ran, or between the end of the run and the tick. Dagster's own conditions cannot see that:
    they take the end of a run for the state it read (seen with 1.13.27: the policy `eager` never asks again, though
    the UI says stale)."""

    @property
    def name(self) -> str:
        return "output_is_behind"

    def evaluate(self, context: dg.AutomationContext) -> dg.AutomationResult:
        behind = is_behind(context.asset_graph_view.instance, context.asset_graph_view.asset_graph, context.key)
        subset = context.candidate_subset if behind else context.get_empty_subset()
        return dg.AutomationResult(context, true_subset=subset)


def is_behind(instance: dg.DagsterInstance, graph: Any, key: dg.AssetKey) -> bool:
    """Whether an input's data version differs from the one recorded when the asset's newest output began."""
    own = versions_in(instance, key)
    used = {name.removeprefix(INPUT_VERSION): v for name, v in own.items() if name.startswith(INPUT_VERSION)}
    return any(
        used[name] != versions_in(instance, parent).get(DATA_VERSION, used[name])
        for parent in graph.get(key).parent_keys
        if (name := parent.to_user_string()) in used
    )


def versions_in(instance: dg.DagsterInstance, key: dg.AssetKey) -> dict[str, str]:
    """Version tags of an asset's newest materialization."""
    event = instance.get_latest_materialization_event(key)
    return dict(event.asset_materialization.tags or {}) if event and event.asset_materialization else {}


def when_inputs_change() -> dg.AutomationCondition:
    """For unpartitioned assets: an input's data version changed (not merely: it ran again), also while the asset ran;
    all blocking checks above passed, nothing of it is running; a failure is an edge, so that a broken asset is not
    requested again and again until its inputs change."""
    changed = Condition.any_deps_match(Condition.data_version_changed() | Condition.will_be_requested())
    handled = Condition.newly_requested() | Condition.newly_updated() | Condition.initial_evaluation()
    ended_behind = Condition.newly_updated() & OutputIsBehind()
    asked_for = Condition.newly_requested() & ~ended_behind  # the tick that sees a request may see its run end, too
    late = ended_behind.since(asked_for | Condition.initial_evaluation())
    return (
        (
            changed.since(handled).with_label("an input changed since it was last handled")
            | (late & OutputIsBehind()).with_label("an input changed while it ran")
        )
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

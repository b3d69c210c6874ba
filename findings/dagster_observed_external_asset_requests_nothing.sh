#!/usr/bin/env bash
# Dagster 1.13.27.
# What happens: a new data version of an external asset (AssetSpec), reported as an observation, makes its children
#   STALE and asks for none of them under eager(). The same report does ask when the asset is declared as an
#   observable source, and so does a materialization reported for the AssetSpec.
# Guess: a new data version counts, whichever way it was reported: what makes a child STALE also asks for it.
# Why it matters: crawlers, label tools and stores outside Dagster report what they see, and AssetSpec with
#   report_runless_asset_event(AssetObservation) is the plain way to do so. Their changes show in the UI and never
#   start anything; report materializations instead.
# Seen: external asset observed STALE, 0 runs asked for; observable source observed STALE, 1; external asset
#   materialized STALE, 1.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export TMPDIR="$work"
python3 -m venv "$work/venv" || exit 2
"$work/venv/bin/pip" install -qq dagster==1.13.27 || exit 2

"$work/venv/bin/python" -I -W ignore - <<'PY'
import logging
import sys

import dagster as dg
from dagster._core.definitions.data_version import CachingStaleStatusResolver
from dagster._core.loader import LoadingContextForTest

logging.disable(logging.CRITICAL)
print(f"versions: dagster {dg.__version__}")


@dg.observable_source_asset(name="source")
def observable():
    return dg.DataVersion("not used: every version is reported from outside")


external = dg.AssetSpec("source")


def play(source, event):
    """(stale status of the child, runs asked for) after the source's data version went from 1 to 2"""
    instance = dg.DagsterInstance.ephemeral()

    @dg.asset(deps=["source"], automation_condition=dg.AutomationCondition.eager())
    def child(): ...

    definitions = dg.Definitions([source, child])

    def report(version):
        instance.report_runless_asset_event(event("source", tags={"dagster/data_version": version}))

    report("1")
    first = dg.evaluate_automation_conditions(definitions, instance=instance)
    assert dg.materialize([source, child], selection=["child"], instance=instance).success
    settled = dg.evaluate_automation_conditions(definitions, instance=instance, cursor=first.cursor)
    report("2")
    graph = definitions.resolve_asset_graph()
    status = CachingStaleStatusResolver(instance, graph, LoadingContextForTest(instance)).get_status(child.key)
    asked = dg.evaluate_automation_conditions(definitions, instance=instance, cursor=settled.cursor).total_requested
    return status.value, asked


seen = {
    "external asset observed": play(external, dg.AssetObservation),
    "observable source observed": play(observable, dg.AssetObservation),
    "external asset materialized": play(external, dg.AssetMaterialization),
}
for way, (status, asked) in seen.items():
    print(f"{way}: child {status}, runs asked for {asked}")
if list(seen.values()) != [("STALE", 0), ("STALE", 1), ("STALE", 1)]:
    sys.exit("changed: expected STALE each time, and no request only for the external asset observed")
PY

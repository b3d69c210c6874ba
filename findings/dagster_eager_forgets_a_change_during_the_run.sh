#!/usr/bin/env bash
# Dagster 1.13.27.
# What happens: an asset with AutomationCondition.eager() is not asked for again when its parent changes while its own
#   run is under way: not after the run, not later, only when the parent changes once more. Stale status does say
#   STALE.
# Guess: the run began from the old parent, so eager() asks again as soon as that run is over.
# Why it matters: a child (index, evaluation, model card) rests on data that were replaced, for as long as the parent
#   is quiet. The longer the run, the more likely it is: training and evaluation suffer first. Whoever relies on
#   eager() needs a second condition that looks at data versions.
# Seen: 1 run asked for after the first change; the change during that run: status STALE, 0 runs asked for in five
#   ticks (with a tick during the run, and without one); 1 run after a third change.
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


def play(tick_during_run):
    """(stale status of the child, runs asked for in five ticks after its run, runs asked for after one more change)"""
    instance = dg.DagsterInstance.ephemeral()
    state = {"cursor": None, "change_parent": False}

    @dg.asset
    def parent(): ...

    @dg.asset(deps=[parent], automation_condition=dg.AutomationCondition.eager())
    def child():
        if state.pop("change_parent"):
            dg.materialize([parent], instance=instance)
            if tick_during_run:
                tick()

    definitions = dg.Definitions([parent, child])

    def tick():
        result = dg.evaluate_automation_conditions(definitions, instance=instance, cursor=state["cursor"])
        state["cursor"] = result.cursor
        return result.total_requested

    tick()
    dg.materialize([parent], instance=instance)
    assert tick() == 1, "the first change asks for the child"
    state["change_parent"] = True
    assert dg.materialize([parent, child], selection=["child"], instance=instance).success
    asked = sum(tick() for _ in range(5))
    graph = definitions.resolve_asset_graph()
    status = CachingStaleStatusResolver(instance, graph, LoadingContextForTest(instance)).get_status(child.key)
    dg.materialize([parent], instance=instance)
    return status.value, asked, tick()


seen = {tick_during_run: play(tick_during_run) for tick_during_run in (False, True)}
for tick_during_run, (status, asked, after_another) in seen.items():
    print(f"tick during the run: {tick_during_run}; child {status}, asked for {asked} times, "
          f"after another change {after_another}")
if set(seen.values()) != {("STALE", 0, 1)}:
    sys.exit("changed: expected STALE and no request in both cases")
PY

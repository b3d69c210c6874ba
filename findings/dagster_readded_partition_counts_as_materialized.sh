#!/usr/bin/env bash
# Dagster 1.13.27.
# What happens: a dynamic partition that was deleted and is added again under its old name counts as materialized:
#   eager() does not ask for it, though it asked when the name was added first.
# Guess: deleting the partition ends its history; added again, it is missing and eager() asks for it.
# Why it matters: a source that was withdrawn (its files erased) and comes back is never read again by itself, and
#   every page shows it as done. SQLite storage cannot wipe the partition first (NotImplementedError): use a new name.
# Seen: added: 1 run asked for; materialized: 0; deleted: 0; added again: 0 in three ticks, materialized partitions
#   {'mail'}.
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

logging.disable(logging.CRITICAL)
print(f"versions: dagster {dg.__version__}")
instance = dg.DagsterInstance.ephemeral()
sources = dg.DynamicPartitionsDefinition(name="sources")


@dg.asset(partitions_def=sources, automation_condition=dg.AutomationCondition.eager())
def documents(): ...


definitions = dg.Definitions([documents])
cursor = None


def tick():
    global cursor
    result = dg.evaluate_automation_conditions(definitions, instance=instance, cursor=cursor)
    cursor = result.cursor
    return result.total_requested


tick()
instance.add_dynamic_partitions("sources", ["mail"])
asked = {"added": tick()}
assert dg.materialize([documents], partition_key="mail", instance=instance).success
asked["materialized"] = tick()
try:
    instance.wipe_asset_partitions(documents.key, ["mail"])
    wiped = "done"
except NotImplementedError as error:
    wiped = f"{type(error).__name__}: {error}"
instance.delete_dynamic_partition("sources", "mail")
asked["deleted"] = tick()
instance.add_dynamic_partitions("sources", ["mail"])
asked["added again"] = sum(tick() for _ in range(3))
counted = instance.get_materialized_partitions(documents.key)
for step, runs in asked.items():
    print(f"{step}: {runs} runs asked for")
print(f"materialized partitions: {counted}; wiping the partition before: {wiped}")
if list(asked.values()) != [1, 0, 0, 0] or counted != {"mail"}:
    sys.exit("changed: expected one run for the new name, none for the same name added again")
PY

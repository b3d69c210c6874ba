"""Asset `version_table`: a version beside all versions of its use case that were made before it."""

from typing import Any

import dagster as dg

from genaiops_assets.alignment import version_rows
from genaiops_assets.governance.release import production_release
from genaiops_assets.lake import Workplace, write_json
from genaiops_assets.orchestration.automation import when_version_is_new
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, notice, phase, versions_of
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase

CODE = "1"
FILE = "version_table.json"
SCORES = ("answer_f1", "answer_f1_held_out", "tuning_effect")
# Never hashed: what differs from run to run, and what is decided after the table is made.
VARYING = ("made_at", "in_production", "verdict", "tokens", "seconds", "peak_memory_mb")


def version_table_assets(uc: UseCase) -> list[Any]:
    @phase(uc, "evaluation")(
        kinds={"json"},
        reads={"report": "eval_report"},
        partitions_def=versions_of(uc),
        automation_condition=when_version_is_new(),
        code_version=CODE,
        description="A row for each model version so far: method, data, score with its interval, effect of tuning, "
        "verdict and what it took. `genaiops compare --all` prints the same as it is now.",
    )
    def version_table(making: Making) -> dg.MaterializeResult:
        lake = making.lake
        making.read("eval_report", partition=making.partition)
        released = production_release(lake, uc)
        rows = version_rows(lake, uc, released.model_version if released else "")
        lasting = [{name: value for name, value in row.items() if name not in VARYING} for row in rows]

        def build(place: Workplace) -> Built:
            write_json(place.staging / FILE, {"schema_version": 1, "versions": lasting})
            shown = [{name: "" if value is None else value for name, value in row.items()} for row in rows]
            return Built({"versions": len(rows)}, {"version_table": shown[::-1]})

        return making.produce(build, config={"versions": lasting})

    @check(
        uc,
        "version_table",
        partitions_def=versions_of(uc),
        description="The row of this version says what its evaluation report says.",
    )
    def table_agrees_with_report(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake, version = platform.lake, context.partition_key
        stands = lake.current(uc.key("version_table"), version).json(FILE)["versions"]
        [now] = [row for row in version_rows(lake, uc) if row["version"] == version]
        row: dict[str, Any] = next((r for r in stands if r["version"] == version), {})
        other = [name for name in SCORES if row.get(name) != now[name]]
        return notice(bool(row) and not other, versions=len(stands), differs=", ".join(other) or "none")

    return [version_table, table_agrees_with_report]

"""Asset `version_table`: a version beside all versions of its use case that were made before it."""

from typing import Any

import dagster as dg

from genaiops_assets.alignment import version_rows
from genaiops_assets.governance.release import production_release
from genaiops_assets.lake import Workplace, write_json
from genaiops_assets.orchestration.automation import when_version_is_new
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import phase, versions_of
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase

CODE = "1"
FILE = "version_table.json"
VARYING = ("made_at", "in_production", "tokens", "seconds", "peak_memory_mb")  # never hashed


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

    return [version_table]

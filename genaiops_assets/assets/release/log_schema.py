"""Asset `log_schema`: the columns of the interaction log as it is written now, for those who keep it and read it."""

from typing import Any

import dagster as dg

from genaiops_assets.governance.documents import stated_columns
from genaiops_assets.lake import Workplace, write_json
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, notice, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.serving import ATTRIBUTES, INTERACTIONS
from genaiops_assets.use_case import UseCase

NAME, FILE = "log_schema", "log_schema.json"
LOG = "interactions"


def log_schema_assets(uc: UseCase) -> list[Any]:
    @phase(uc, "release")(
        name=NAME,
        kinds={"json"},
        article="article-12.1",
        automation_condition=None,
        description="Every column of the interaction log: type, OpenTelemetry attribute and what it is kept for, read "
        "from the table's own schema; how long rows are kept.",
    )
    def log_schema(making: Making) -> dg.MaterializeResult:
        content = schema_of(uc)

        def build(place: Workplace) -> Built:
            write_json(place.staging / FILE, content)
            figures = {"columns": len(content["columns"]), "retention_days": content["retention_days"]}
            return Built(figures, {"columns": content["columns"]})

        return making.produce(build, config=content)

    @check(uc, NAME, name="every_column_has_a_purpose", description="Each column of the log says what it is kept for.")
    def every_column_has_a_purpose(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        columns = platform.lake.current(uc.key(NAME)).json(FILE)["columns"]
        without = [one["column"] for one in columns if not one["purpose"]]
        return notice(not without, columns=len(columns), without_purpose=", ".join(without) or "none")

    return [log_schema, every_column_has_a_purpose]


def schema_of(uc: UseCase) -> dict[str, Any]:
    """{columns: [{column, type, attribute, purpose}], retention_days, masked}; `purpose`: the word for which
    `stored_columns.yaml` has a sentence, "" where nobody stated one."""
    purpose = {column: name for name, columns in stated_columns()[LOG].items() for column in columns}
    return {
        "schema_version": 1,
        "kind": NAME,
        "use_case": uc.name,
        "columns": [
            {
                "column": field.name,
                "type": str(field.type),
                "attribute": ATTRIBUTES.get(field.name, ""),
                "purpose": purpose.get(field.name, ""),
            }
            for field in INTERACTIONS
        ],
        "retention_days": uc.monitoring.retention_days,
        "masked": True,
    }

"""Asset `records`: reviews, risks, mitigations, acceptances, minutes, incidents and mandates people wrote down."""

from datetime import UTC, datetime
from typing import Any

import dagster as dg

from genaiops_assets.governance.records import enter_in_ledger, overdue, read_records, records_folder
from genaiops_assets.lake import Workplace, write_json
from genaiops_assets.orchestration.making import Making
from genaiops_assets.orchestration.phases import check, data_gate, phase
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.orchestration.produce import Built
from genaiops_assets.use_case import UseCase


def record_assets(uc: UseCase) -> list[Any]:
    @phase(uc, "scoping")(
        kinds={"json"},
        article="article-9.2",
        automation_condition=None,
        description="What people decided, found and promised, one file each in the use case's folder `records`: "
        "reviews, "
        "risks, mitigations, acceptances, minutes, incidents, mandates. Each version is an entry of the ledger.",
    )
    def records(making: Making) -> dg.MaterializeResult:
        found = read_records(uc)
        content = [record.model_dump(mode="json") for record in found.records]
        enter_in_ledger(making.lake, uc, found)

        def build(place: Workplace) -> Built:
            write_json(
                place.staging / "records.json", {"schema_version": 1, "records": content, "signed": found.signed}
            )
            columns = ("kind", "id", "title", "author", "owner", "due", "expires", "done_on")
            rows = [{c: record[c] or "" for c in columns} for record in content]
            figures = {"records": len(content), "signed": sum(found.signed.values()), "unusable": len(found.problems)}
            return Built(figures, {"records": rows, "unusable": [{"problem": p} for p in found.problems]})

        config = {"records": content, "signed": found.signed, "problems": len(found.problems)}
        return making.produce(build, config=config)

    @check(uc, "records", description="Every file in the folder `records` is a usable, where needed signed, record.")
    def records_are_usable(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        problems = read_records(uc).problems
        told = {"folder": str(records_folder(uc)), "problems": "; ".join(problems[:10]) or "none"}
        return dg.AssetCheckResult(passed=not problems, severity=dg.AssetCheckSeverity.ERROR, metadata=told)

    @check(
        uc, "records", description="Nothing that is due is late, and nothing that expired still counts. Asked daily."
    )
    def nothing_is_overdue(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        late = overdue(read_records(uc).records, datetime.now(UTC).date())
        which = "; ".join(str(item) for item in late[:10]) or "none"
        return data_gate(not late, late=len(late), which=which)

    return [records, records_are_usable, nothing_is_overdue]

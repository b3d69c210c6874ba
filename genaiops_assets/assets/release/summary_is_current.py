"""Check `updated_within_six_months` on `training_content_summary`: time alone turns it red, so a daily job asks it.

Belongs here: how that check looks. Does not belong here: the comparison (`governance/documents/update_due.py`)."""

from datetime import UTC, datetime
from typing import Any

import dagster as dg

from genaiops_assets.governance.documents import summary_age, update_rule
from genaiops_assets.orchestration.phases import check, data_gate, notice
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase

NAME = "training_content_summary"


def summary_is_current_checks(uc: UseCase) -> list[Any]:
    @check(
        uc,
        NAME,
        description="The day that people gave as the summary's last update is not longer ago than the template "
        "allows: an error when it is, a warning where nobody wrote a day. Asked daily.",
    )
    def updated_within_six_months(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        lake, rule = platform.lake, update_rule()
        if lake.heads.get(uc.key(NAME)) is None:
            return notice(True, state="not written yet")
        age = summary_age(lake.current(uc.key(NAME)).json(f"{NAME}.json"), datetime.now(UTC).date())
        told = {"problem": age.problem or "none", "due": age.due or "unknown", "rule": rule["source"]}
        return data_gate(False, **told) if age.overdue else notice(not age.problem, **told)

    return [updated_within_six_months]

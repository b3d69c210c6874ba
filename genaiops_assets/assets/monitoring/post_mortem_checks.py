"""What time alone decides about `post_mortems`: whether one is late. The document itself holds no today."""

from datetime import UTC, datetime
from typing import Any

import dagster as dg

from genaiops_assets.governance.audit import late_post_mortems
from genaiops_assets.orchestration.phases import check, data_gate
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase

NAME = "post_mortems"


def post_mortem_checks(uc: UseCase) -> list[Any]:
    @check(
        uc,
        NAME,
        description="No grave incident waits for its post-mortem longer than `monitoring.audit` allows. Asked daily.",
    )
    def no_post_mortem_is_owed(context: dg.AssetCheckExecutionContext, platform: Platform) -> dg.AssetCheckResult:
        if platform.lake.heads.get(uc.key(NAME)) is None:
            return data_gate(True, state="nothing was gathered yet")
        found = platform.lake.current(uc.key(NAME)).json(f"{NAME}.json")
        late = late_post_mortems(found, datetime.now(UTC).date())
        return data_gate(not late, late=len(late), which="; ".join(late[:10]) or "none")

    return [no_post_mortem_is_owed]

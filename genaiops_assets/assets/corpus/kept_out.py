"""Check of asset `documents`: an erasure hides nothing that is not what was erased."""

from typing import Any

import dagster as dg

from genaiops_assets.orchestration.phases import check, notice
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase


def kept_out_checks(uc: UseCase) -> list[Any]:
    @check(
        uc,
        "documents",
        description="No row is kept out for an id that was erased once although its text is another. If it is another "
        "document, a person lets the id in again: `genaiops readmit ID`.",
    )
    def an_erasure_hides_nothing_else(
        context: dg.AssetCheckExecutionContext, platform: Platform
    ) -> dg.AssetCheckResult:
        others = platform.lake.current(uc.key("documents")).json("documents.json").get("another_text", {})
        return notice(
            not others,
            kept_out_with_another_text=sum(others.values()),
            next=f'genaiops readmit ID -u {uc.name} --as NAME --reason "…"' if others else "nothing",
            **{f"rows of {source}": rows for source, rows in others.items()},
        )

    return [an_erasure_hides_nothing_else]

"""Asset `traffic`: what people ask and what answers them. External: it lies outside of the graph's runs."""

from typing import Any

import dagster as dg

from genaiops_assets.governance.release import production_release
from genaiops_assets.orchestration.phases import check, external, notice
from genaiops_assets.orchestration.platform import Platform
from genaiops_assets.use_case import UseCase


def traffic_assets(uc: UseCase) -> list[Any]:
    traffic = external(
        uc,
        "corpus",
        "traffic",
        deps=[],
        article="article-72.2",
        description="Questions people ask and the release that answers them, named in the metadata of each event. It "
        "is "
        "where the graph meets the world: production writes no edge here, which would close a circle.",
    )

    @check(uc, "traffic", description="The release named by the last event is the one in production.")
    def the_release_is_the_one_in_production(
        context: dg.AssetCheckExecutionContext, platform: Platform
    ) -> dg.AssetCheckResult:
        event = context.instance.get_latest_materialization_event(dg.AssetKey([uc.name, "traffic"]))
        seen = event.asset_materialization.metadata["release"].value if event and event.asset_materialization else None
        now = production_release(platform.lake, uc)
        released = now.model_version if now else "none"
        return notice(seen in (None, released), seen=str(seen or "no event yet"), in_production=released)

    return [traffic, the_release_is_the_one_in_production]

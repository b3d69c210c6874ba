"""The whole code location, assembled in one place: use cases in, one Dagster graph out.

Belongs here: putting together assets, checks, jobs, sensors and schedules of all use cases. Does not belong here: any of them.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import dagster as dg

from genaiops_assets.assets.alignment import alignment_assets
from genaiops_assets.assets.data_documents import data_document_assets
from genaiops_assets.assets.documents import document_assets
from genaiops_assets.assets.erasing import erasing_jobs
from genaiops_assets.assets.evaluation import evaluation_assets
from genaiops_assets.assets.filtering import filtering_assets
from genaiops_assets.assets.jobs import asset_jobs
from genaiops_assets.assets.knowledge import knowledge_assets
from genaiops_assets.assets.monitoring import monitoring_assets
from genaiops_assets.assets.people import people_jobs
from genaiops_assets.assets.placeholder import placeholder_asset, setup_warning
from genaiops_assets.assets.platform import Platform
from genaiops_assets.assets.privacy import privacy_assets
from genaiops_assets.assets.quality import quality_assets
from genaiops_assets.assets.release import release_assets
from genaiops_assets.assets.retrieving import retrieving_assets
from genaiops_assets.assets.scoping import scoping_assets
from genaiops_assets.assets.training import training_assets
from genaiops_assets.automation import with_freshness
from genaiops_assets.home import dagster_home_problem, find_home, find_lake_url
from genaiops_assets.use_case import UseCase
from genaiops_assets.use_case_file import BrokenUseCase, discover
from schedules import use_case_schedules
from sensors import automation_sensor, shared_sensors, use_case_sensors

PHASES = (
    scoping_assets,
    document_assets,
    filtering_assets,
    privacy_assets,
    quality_assets,
    data_document_assets,
    knowledge_assets,
    alignment_assets,
    training_assets,
    evaluation_assets,
    retrieving_assets,
    release_assets,
    monitoring_assets,
)


def build_defs(
    use_cases: Iterable[UseCase | BrokenUseCase], platform: Platform, *, resources: dict[str, Any] | None = None
) -> dg.Definitions:
    """All definitions of the given use cases. `resources` overrides what tests replace. A broken use case becomes one placeholder."""
    parts = [
        dg.Definitions(resources={"platform": platform, **(resources or {})}, executor=dg.in_process_executor, sensors=shared_sensors())
    ]
    for use_case in use_cases:
        parts.append(broken_part(use_case) if isinstance(use_case, BrokenUseCase) else use_case_part(use_case))
    return dg.Definitions.merge(*parts)


def use_case_part(uc: UseCase) -> dg.Definitions:
    made = [thing for phase in PHASES for thing in phase(uc)]
    checks = [thing for thing in made if isinstance(thing, dg.AssetChecksDefinition)]
    assets = [thing for thing in made if not isinstance(thing, dg.AssetChecksDefinition)]
    return dg.Definitions(
        assets=list(dg.map_asset_specs(lambda spec: with_freshness(spec, uc), assets)),
        asset_checks=checks,
        jobs=[*asset_jobs(uc), *people_jobs(uc), *erasing_jobs(uc)],
        sensors=use_case_sensors(uc),
        schedules=use_case_schedules(uc),
    )


def broken_part(broken: BrokenUseCase) -> dg.Definitions:
    return dg.Definitions(assets=[placeholder_asset(broken)], sensors=[automation_sensor(broken.name)])


@dg.definitions
def defs() -> dg.Definitions:
    """The code location that `workspace.yaml` and `[tool.dg]` load."""
    warnings.filterwarnings("ignore", category=dg.BetaWarning)
    warnings.filterwarnings("ignore", category=dg.PreviewWarning)
    home: Path = find_home()
    built = build_defs(discover(home), Platform(home=str(home), lake_url=find_lake_url()))
    problem = dagster_home_problem(home)
    return dg.Definitions.merge(built, dg.Definitions(assets=[setup_warning(problem)])) if problem else built

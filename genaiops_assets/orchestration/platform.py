"""The platform as Dagster sees it: where the lake is and how payloads are launched.

Belongs here: the one resource all assets, checks, jobs and sensors share. Does not belong here: anything about one
asset."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._utils.cached_method import cached_method

from genaiops_assets.compute import Launch, Launcher, launcher_of
from genaiops_assets.lake import Lake, Workplace
from genaiops_assets.use_case import UseCase


class Platform(dg.ConfigurableResource):
    """`home`: GENAIOPS_HOME; `lake_url`: an fsspec URL when the lake is not in the home. Fixed when the definitions
    load: no run can point the platform at another home."""

    home: str
    lake_url: str | None = None

    @cached_method  # Dagster wants the same definition each time
    def get_resource_definition(self) -> Any:
        """Without fields, so that neither the launchpad nor any run configuration can set one."""
        return dg.ResourceDefinition(lambda _: self, config_schema={}, description=self.__doc__)

    @property
    def folder(self) -> Path:
        return Path(self.home)

    @cached_property
    def lake(self) -> Lake:
        return Lake(self.home, self.lake_url)

    def launcher(self, uc: UseCase) -> Launcher:
        return launcher_of(uc.compute.launcher)

    def launch(
        self,
        context: Any,
        uc: UseCase,
        place: Workplace,
        payload: str,
        inputs: dict[str, Any],
        config: dict[str, Any],
        seed: int = 0,
        online: bool = False,
    ) -> dict[str, Any]:
        """Run a payload for one use case. Raises PayloadFailed."""
        launch = Launch(payload, inputs, config, seed=seed, cpus=uc.compute.cpus, online=online)
        return self.launcher(uc).run(context, self.lake, place, launch)


def step_outputs(home: Path) -> dg.IOManagerDefinition:
    """Where Dagster keeps what steps hand to each other: in the home, and nowhere that run config could name. Not in
    memory: Dagster refuses to repeat the failed steps of a run whose outputs it kept there."""
    folder = str(home / "dagster" / "storage")

    @dg.io_manager(config_schema={}, description="What the steps of a run hand to each other.")
    def in_the_home(context: dg.InitResourceContext) -> dg.IOManager:
        return dg.FilesystemIOManager(base_dir=folder).create_io_manager(context)

    return in_the_home

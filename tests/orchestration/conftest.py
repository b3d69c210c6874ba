"""The real Dagster UI behind the guard, for the tests of the guard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._daemon.asset_daemon import set_auto_materialize_paused
from dagster_webserver.app import create_app_from_workspace_process_context

from genaiops_assets.orchestration.codes import Codes
from genaiops_assets.orchestration.web.door import Door
from genaiops_assets.orchestration.web.guard import Guard
from tests.orchestration.page import PUBLIC, Page


@pytest.fixture(scope="module")
def dagster_ui(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, dg.DagsterInstance]]:
    with (
        dg.DagsterInstance.local_temp(str(tmp_path_factory.mktemp("dagster"))) as instance,
        WorkspaceProcessContext(instance, None, version="test") as context,
    ):
        yield create_app_from_workspace_process_context(context), instance


@pytest.fixture
def page(dagster_ui: Any, tmp_path: Path) -> Page:
    app, instance = dagster_ui
    set_auto_materialize_paused(instance, False)
    door = Door.of(3000, PUBLIC, tmp_path)
    return Page(Guard(app, door, Codes(tmp_path)), instance, door)

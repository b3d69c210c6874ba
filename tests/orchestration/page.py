"""A browser at the guarded UI. Holds no tests."""

from __future__ import annotations

from typing import Any

import dagster as dg
from dagster._daemon.asset_daemon import get_auto_materialize_paused
from starlette.testclient import TestClient

from genaiops_assets.orchestration.web.door import Door

HERE = "http://127.0.0.1:3000"
PUBLIC = "https://dagster.example.org"


class Page:
    """A browser at the guarded UI. `say` asks GraphQL as the UI's own page does."""

    def __init__(self, app: Any, instance: dg.DagsterInstance, door: Door, address: str = HERE) -> None:
        self.app, self.instance, self.door = app, instance, door
        self.client = TestClient(app, base_url=address, follow_redirects=False)
        self.client.headers["origin"] = address

    def say(self, query: str, variables: Any = None, **headers: str) -> Any:
        return self.client.post("/graphql", json={"query": query, "variables": variables or {}}, headers=headers)

    def changed(self) -> bool:
        """Whether CHANGE was carried out."""
        return get_auto_materialize_paused(self.instance)

    def open(self) -> Any:
        return self.client.get("/", headers={"accept": "text/html"})

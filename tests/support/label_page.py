"""The labelling page on a free port, in a thread of the test. Holds no tests."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import uvicorn

from genaiops_assets.labelling import Desk, guideline_of, labelling_app, pair_items
from genaiops_assets.lake import Lake
from genaiops_assets.orchestration.web.door import Door
from genaiops_assets.use_case import UseCase


@dataclass(frozen=True)
class Served:
    address: str
    token: str

    @property
    def url(self) -> str:
        return f"{self.address}/#{self.token}"


def desk_of(lake: Lake, uc: UseCase, rater: str = "Rita", **more: object) -> Desk:
    return Desk(lake, uc, pair_items(lake, uc), rater, guideline_of(uc), **more)  # type: ignore[arg-type]


@contextmanager
def served(desk: Desk) -> Iterator[Served]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()  # who opens the page at once waits, and is not refused
        port = listening.getsockname()[1]
        door = Door.of(port, None, desk.lake.home)
        server = uvicorn.Server(uvicorn.Config(labelling_app(desk, door), log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            yield Served(f"http://127.0.0.1:{port}", door.token)
        finally:
            server.should_exit = True
            thread.join(10)

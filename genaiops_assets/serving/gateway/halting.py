"""The kill switch as a gateway sees it: noticed within a fraction of a second, answers in the making end at once.

Belongs here: noticing, refusing, ending. Does not belong here: stopping and lifting (`governance/serving_stop.py`). A
look reads one small file; the ledger is read when that changed, and when the ledger itself did (`switch.py`)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus

from genaiops_assets.errors import GenaiopsError
from genaiops_assets.governance.serving_stop import Stop, sign_of, stop_of
from genaiops_assets.lake import Lake
from genaiops_assets.serving.gateway.problems import Problem
from genaiops_assets.use_case import UseCase

LOOK = 0.2  # seconds
AGAIN = 60.0  # seconds after which a client may ask again


class Halt:
    """`stop`: the stop that holds, None while answers may be given."""

    def __init__(self, lake: Lake, read_use_case: Callable[[], UseCase]):
        self.lake, self._read = lake, read_use_case
        self.stop: Stop | None = None
        self._name, self._sign = "", b""
        self._going: set[asyncio.Timeout] = set()

    def refuse(self) -> None:
        """Raises Problem 503 while a stop holds; who stopped and why is for the house alone."""
        if self.stop is not None:
            message = f"serving was stopped by a person at {self.stop.at}"
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, message, code="serving_stopped", wait=AGAIN)

    @asynccontextmanager
    async def within(self, seconds: float) -> AsyncIterator[None]:
        """Some work in so many seconds. Raises TimeoutError after them, and Problem once a stop holds."""
        self.refuse()
        try:
            async with asyncio.timeout(seconds) as limit:
                self._going.add(limit)
                try:
                    yield
                finally:
                    self._going.discard(limit)
        except TimeoutError:
            self.refuse()
            raise

    async def follow(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(LOOK)
            await self.look()

    async def look(self, *, ledger_changed: bool = False) -> None:
        """Notice a stop or its lift. What cannot be read changes nothing: the switch says what is wrong with it."""
        try:
            self._name = self._name or self._read().name
            sign = await asyncio.to_thread(sign_of, self.lake, self._name)
            if sign == self._sign and not ledger_changed:
                return
            self.stop = await asyncio.to_thread(stop_of, self.lake, self._name)
            self._sign = sign
        except (GenaiopsError, OSError, ValueError):
            return
        if self.stop is not None:
            self._end_all()

    def _end_all(self) -> None:
        now = asyncio.get_running_loop().time()
        for limit in list(self._going):
            if not limit.expired():
                limit.reschedule(now)

"""The gateway as one object: what its routes share.

Belongs here: putting its parts together, and their beginning and end. Does not belong here: routes (`app.py`)."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from genaiops_assets.lake import Lake
from genaiops_assets.serving.gateway.challenger import Challenger
from genaiops_assets.serving.gateway.engines import Wish
from genaiops_assets.serving.gateway.keys import NOBODY, ApiKey, KeyRing
from genaiops_assets.serving.gateway.limits import Allowances, Places
from genaiops_assets.serving.gateway.metrics import Metrics
from genaiops_assets.serving.gateway.released import Released
from genaiops_assets.serving.gateway.switch import Switch
from genaiops_assets.serving.interactions.spool import TURN, Journal
from genaiops_assets.serving.interactions.taking_in import Taker
from genaiops_assets.serving.transparency.provenance import Signer
from genaiops_assets.use_case import UseCase

SWITCH = 0.0005  # seconds a thread of this process (log, search, model) computes before answers have their turn
WITHOUT_KEY = ("public",)  # classes of access of a gateway that asks for no key


@dataclass
class Gateway:
    """`open_door`: no key is asked for, which only a gateway of this machine alone may do, while no key was made."""

    lake: Lake
    uc: UseCase
    switch: Switch
    loopback: bool
    signer: Signer
    journal: Journal
    places: Places = field(init=False)
    metrics: Metrics = field(init=False)
    challenger: Challenger = field(init=False)
    keys: KeyRing = field(init=False)
    taker: Taker = field(init=False)
    allowances: Allowances = field(default_factory=Allowances)
    since: datetime = field(default_factory=lambda: datetime.now(UTC))
    draining: bool = False
    taken_in: str = ""  # what went wrong when interactions were last taken into the log
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.places = Places(self.uc.serving.gateway.limits)
        self.metrics = Metrics(self.places)
        self.challenger = Challenger(self.lake, self.switch, self.metrics.compared)
        self.switch.followers.append(self.challenger.look)
        self.keys = KeyRing(self.lake.home, self.uc.name)
        self.taker = Taker(self.lake, self.uc)

    @property
    def asks_for_keys(self) -> bool:
        return not self.loopback or not self.keys.is_empty()

    @staticmethod
    def access_of(key: ApiKey | None) -> Sequence[str]:
        return key.access if key else WITHOUT_KEY

    @staticmethod
    def name_of(key: ApiKey | None) -> str:
        return key.name if key else NOBODY

    async def begin(self) -> None:
        """Watch production, and take what was written into the log, until `end`. The first answer is not slower than
        others: search and model were used once."""
        sys.setswitchinterval(SWITCH)
        await self.challenger.look()
        if self.switch.current is not None:
            await warm(self.switch.current)
        self._tasks = [
            asyncio.create_task(work) for work in (self.switch.follow(), self.switch.halt.follow(), self._take_in())
        ]

    async def end(self) -> None:
        """After the last answer: all that was acknowledged is in the log."""
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await self.challenger.close()
        await asyncio.to_thread(self.journal.close)
        await asyncio.to_thread(self._take_in_once)
        await asyncio.to_thread(self.taker.close)
        await self.switch.close()

    async def _take_in(self) -> None:
        while True:
            await asyncio.sleep(TURN)
            await asyncio.to_thread(self._take_in_once)

    def _take_in_once(self) -> None:
        """What cannot be taken in stays where it is, on the disk, for the next time; the page says why."""
        problem = self.taker.take_in()
        self.taken_in = f"interactions wait to be taken into the log ({problem})" if problem else ""


async def warm(released: Released) -> None:
    """One search and one token. A server behind the gateway is left alone."""
    await released.find("?", [s.access for s in released.uc.sources if s.access])
    if released.engine.context_tokens is not None:
        async for _ in released.engine.answer(released.prompts.messages("?"), Wish(1)):
            pass

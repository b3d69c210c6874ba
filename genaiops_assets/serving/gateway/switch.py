"""What answers now, and the change to another release without a request that is dropped.

Belongs here: watching what is in production, loading what comes, letting what goes finish its answers. Does not belong
here: loading (`released.py`). A look is taken about each second and costs three small reads; the ledger is read when
one of them changed. Where production cannot be trusted, nothing answers: pointer and ledger in doubt, what answers
rejected or revoked, a rollback away from it to something that does not verify. A promotion to something that does not
verify leaves what answered before in its place, and so does a use case file that does not load; both are said."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from genaiops_assets.errors import GenaiopsError, Refused
from genaiops_assets.governance.release import (
    approval_of,
    ledger_problems,
    pointer_problem,
    production_release,
    refuse_revoked,
)
from genaiops_assets.lake import Lake
from genaiops_assets.serving.gateway.halting import Halt
from genaiops_assets.serving.gateway.problems import Problem
from genaiops_assets.serving.gateway.released import Released, open_released, production_version
from genaiops_assets.use_case import UseCase

LOOK = 1.0  # seconds
AGAIN = 15.0  # seconds until what went wrong is tried again
STILL_THERE = 600.0  # seconds an engine that is left is given to finish its answers
ReadUseCase = Callable[[], UseCase]  # the same object as long as the file is the same


class Switch:
    """`current`: what answers, None while nothing may; `problem`: why nothing does, or why what is in production does
    not. `opened`: how many releases were loaded; `halt`: the kill switch, which comes before all of it."""

    def __init__(self, lake: Lake, read_use_case: ReadUseCase, open_one: Callable[..., Released] = open_released):
        self.lake, self._read, self._open = lake, read_use_case, open_one
        self.halt = Halt(lake, read_use_case)
        self.current: Released | None = None
        self.problem, self.opened = "", 0
        self.followers: list[Callable[[], Awaitable[None]]] = []  # told when something changed
        self._seen: tuple[Any, ...] = ()
        self._again = 0.0
        self._leaving: set[asyncio.Task[None]] = set()

    @contextmanager
    def one(self) -> Iterator[Released]:
        """The release that answers a request, to its end. Raises Problem 503 where nothing may answer."""
        self.halt.refuse()
        released = self.current
        if released is None:
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, self.problem or "starting", code="no_release", wait=5)
        released.users += 1
        try:
            yield released
        finally:
            released.users -= 1

    async def follow(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(LOOK)
            await self.look()

    async def look(self) -> None:
        """Notice what changed, and act on it; what went wrong is tried again after a while."""
        seen = await asyncio.to_thread(self._signs)
        if seen != self._seen or (self.problem and time.monotonic() > self._again):
            self._seen, self._again = seen, time.monotonic() + AGAIN
            await self.halt.look(ledger_changed=True)
            await self._change()
            for follower in self.followers:
                await follower()

    def _signs(self) -> tuple[Any, ...]:
        """What tells that production, index, ledger or use case file changed."""
        store = self.lake.store
        try:
            uc = self._read()
            pointer = f"production/{uc.name}.json"
            index = self.lake.heads.get(uc.key("embeddings_index"))
            return store.read(pointer) if store.exists(pointer) else b"", index, self.lake.ledger.head(), id(uc)
        except (GenaiopsError, OSError, ValueError) as error:
            return (str(error),)

    async def _change(self) -> None:
        before = self.current
        try:
            found = await asyncio.to_thread(self._next, before)
        except (GenaiopsError, KeyError, ValueError, OSError) as error:
            self.problem = str(error.args[0]) if error.args else str(error)
            if before is not None and not await asyncio.to_thread(self._may_stay, before, error):
                self.current = None
                self._leave(before, None)
            return
        self.problem = ""
        if found is not before:
            self.current, self.opened = found, self.opened + 1
            if before is not None:
                self._leave(before, found)

    def _next(self, before: Released | None) -> Released:
        """What should answer: what does already, where nothing about it changed. Raises what `open_released` does."""
        uc = self._read()
        choice, _, digest = production_version(self.lake, uc)
        if before is not None and (before.bundle_digest, before.uc) == (digest, uc):
            index = self.lake.heads.get(uc.key("embeddings_index"))
            if index is None or index["digest"] == before.index_seen:
                before.warning = choice.warning
                return before
        return self._open(self.lake, uc, before)

    def _may_stay(self, before: Released, error: Exception) -> bool:
        """Whether what answers goes on after this went wrong."""
        try:
            if ledger_problems(self.lake, before.uc.name) or pointer_problem(self.lake, before.uc):
                return False
            refuse_revoked(self.lake, before.uc, before.version)
            now = production_release(self.lake, before.uc)
            if now is None or approval_of(self.lake, before.uc, before.version).status == "rejected":
                return False
        except (GenaiopsError, KeyError, ValueError, OSError):
            return False
        is_it = (now.model_version, now.digests.get("release_bundle")) == (before.version, before.bundle_digest)
        return not isinstance(error, Refused) if is_it else now.kind == "promote"

    def _leave(self, left: Released, now: Released | None) -> None:
        """Close what is left when its last answer is given; an engine that goes on is kept."""
        task = asyncio.create_task(self._let_finish(left, now))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def _let_finish(self, left: Released, now: Released | None) -> None:
        waited = 0.0
        while left.users and waited < STILL_THERE:
            await asyncio.sleep(0.05)
            waited += 0.05
        left.searching.shutdown(wait=False)
        if now is None or now.engine is not left.engine:
            await left.engine.close()

    async def close(self) -> None:
        """Free what answers, and what still leaves."""
        for task in list(self._leaving):
            task.cancel()
        if self.current is not None:
            left, self.current = self.current, None
            left.searching.shutdown(wait=False)
            await left.engine.close()


def refuse_without_release(switch: Switch) -> Released:
    """What answers, at the start. Raises Refused with the reason where nothing may: a gateway does not start then."""
    if switch.current is None:
        raise Refused(switch.problem or "nothing is in production")
    return switch.current

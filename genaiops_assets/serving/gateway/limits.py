"""How much is taken on: requests and tokens a minute of each key, and how many answers are in the making at once.

Belongs here: counting and refusing. Does not belong here: what a key may read (`keys.py`). A key's allowance fills up
evenly and holds one minute's worth (token bucket, RFC 2698 in spirit); tokens are known only when an answer is made,
so an answer may overdraw the allowance and the next request waits until it is positive again."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus

from genaiops_assets.serving.gateway.keys import ApiKey
from genaiops_assets.serving.gateway.problems import Problem
from genaiops_assets.use_case import GatewayLimits

MINUTE = 60.0


class Allowance:
    """So much a minute, by a clock in seconds."""

    def __init__(self, a_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.a_minute, self._clock = a_minute, clock
        self._left, self._at = float(a_minute), clock()

    def wait(self, least: float = 1.0) -> float:
        """Seconds until so much is there; 0 when it is."""
        self._fill()
        return 0.0 if self._left >= least else (least - self._left) * MINUTE / self.a_minute

    def spend(self, much: float) -> None:
        self._fill()
        self._left -= much

    def _fill(self) -> None:
        now = self._clock()
        self._left = min(self.a_minute, self._left + (now - self._at) * self.a_minute / MINUTE)
        self._at = now


class Allowances:
    """Of all keys; one whose limits changed begins anew."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._of: dict[tuple[str, str, int], Allowance] = {}

    def take(self, key: ApiKey | None) -> None:
        """Count one request of a key. Raises Problem 429 where it has none left, of requests or of tokens."""
        if key is None:
            return
        limited = [(what, self._allowance(key, what, a_minute)) for what, a_minute in asked_of(key) if a_minute]
        for what, allowance in limited:
            if wait := allowance.wait():
                message = f"this key has used up its {allowance.a_minute} {what} a minute"
                raise Problem(HTTPStatus.TOO_MANY_REQUESTS, message, code="rate_limit_exceeded", wait=wait)
        for what, allowance in limited:
            if what == "requests":
                allowance.spend(1)

    def spend_tokens(self, key: ApiKey | None, tokens: int) -> None:
        if key is not None and key.tokens:
            self._allowance(key, "tokens", key.tokens).spend(tokens)

    def _allowance(self, key: ApiKey, what: str, a_minute: int) -> Allowance:
        return self._of.setdefault((key.hash, what, a_minute), Allowance(a_minute, self._clock))


def asked_of(key: ApiKey) -> tuple[tuple[str, int], ...]:
    return ("requests", key.requests), ("tokens", key.tokens)


class Places:
    """Answers in the making, and those who wait for a place in the order they came. `busy` and `waiting` are how many
    now."""

    def __init__(self, limits: GatewayLimits) -> None:
        self.limits, self.busy, self.waiting = limits, 0, 0
        self._free = asyncio.Semaphore(limits.at_once)

    @asynccontextmanager
    async def one(self) -> AsyncIterator[None]:
        """Raises Problem 429 where too many wait already."""
        if self._free.locked() and self.waiting >= self.limits.waiting:
            message = f"{self.busy} answers are in the making and {self.waiting} requests wait"
            raise Problem(HTTPStatus.TOO_MANY_REQUESTS, message, code="overloaded", wait=1 + self.waiting / 8)
        self.waiting += 1
        try:
            await self._free.acquire()
        finally:
            self.waiting -= 1
        self.busy += 1
        try:
            yield
        finally:
            self.busy -= 1
            self._free.release()

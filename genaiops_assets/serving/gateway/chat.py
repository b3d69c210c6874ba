"""The route of chat: whole answers and streams, their time, and clients that leave.

Belongs here: from a request's body to a response. Does not belong here: answering (`exchange.py`). A stream begins with
its first part, so that what goes wrong before has a status of its own; what goes wrong later ends the stream with an
error and without `[DONE]`. The release that began an answer finishes it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing
from http import HTTPStatus
from typing import Any, Protocol

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse

from genaiops_assets.serving.gateway import wire
from genaiops_assets.serving.gateway.asked import Asked
from genaiops_assets.serving.gateway.exchange import Exchange, answered
from genaiops_assets.serving.gateway.gateway import Gateway
from genaiops_assets.serving.gateway.keys import ApiKey
from genaiops_assets.serving.gateway.problems import Problem
from genaiops_assets.serving.transparency.provenance import HEADERS as MARKS

Parts = AsyncGenerator[str, None]


class Form(Protocol):
    """The form of one answer: whole, or the events of its beginning, its parts, its end, or of what broke it off."""

    def whole(self, exchange: Exchange, extras: dict[str, Any]) -> dict[str, Any]: ...
    def begin(self, exchange: Exchange) -> bytes: ...
    def part(self, exchange: Exchange, text: str) -> bytes: ...
    def end(self, exchange: Exchange, extras: dict[str, Any]) -> bytes: ...
    def broken(self, problem: Problem) -> bytes: ...


async def answer(gateway: Gateway, request: Request, key: ApiKey | None, asked: Asked, form: Form) -> Response:
    """Raises Problem."""
    async with AsyncExitStack() as held:
        await held.enter_async_context(gateway.places.one())
        released = held.enter_context(gateway.switch.one())
        released = held.enter_context(gateway.challenger.chosen(released, asked, gateway.name_of(key)))
        exchange = Exchange(asked, released, gateway.name_of(key))
        held.callback(count, gateway, exchange, key)
        parts = answered(exchange, gateway.access_of(key), gateway.journal)
        await held.enter_async_context(aclosing(parts))
        if not asked.stream:
            await while_connected(request, whole(gateway, parts))
            extras = exchange.extras(gateway.signer)
            return Response(
                wire.as_json(form.whole(exchange, extras)), headers=marks(exchange), media_type="application/json"
            )
        first = await while_connected(request, within(gateway, exchange, parts))
        return Stream(events(gateway, exchange, parts, first, form), marks(exchange), held.pop_all())


class Stream(StreamingResponse):
    """A stream that gives back what it holds however it ends, also before its first event."""

    def __init__(self, stream: AsyncIterator[bytes], headers: dict[str, str], held: AsyncExitStack) -> None:
        super().__init__(stream, headers=headers, media_type="text/event-stream")
        self._held = held

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._held.aclose()


def count(gateway: Gateway, exchange: Exchange, key: ApiKey | None) -> None:
    if exchange.finish:
        gateway.metrics.answered(exchange)
        gateway.allowances.spend_tokens(key, (exchange.read or 0) + (exchange.written or 0))
        gateway.challenger.compare(exchange, gateway.access_of(key))


def marks(exchange: Exchange) -> dict[str, str]:
    """Headers that say what wrote the body, where a model did."""
    about = {"x-genaiops-release": exchange.released.version, "x-genaiops-answer": exchange.id}
    return {**about, **(MARKS if exchange.generated else {})}


async def whole(gateway: Gateway, parts: Parts) -> None:
    try:
        async with gateway.switch.halt.within(gateway.uc.serving.gateway.limits.seconds):
            async for _ in parts:
                pass
    except TimeoutError:
        raise too_long(gateway) from None


async def within(gateway: Gateway, exchange: Exchange, parts: Parts) -> str | None:
    """The next part, if it comes in the time that is left; None at the end. Raises Problem."""
    left = gateway.uc.serving.gateway.limits.seconds - (time.perf_counter() - exchange.began)
    try:
        async with gateway.switch.halt.within(max(left, 0.001)):
            return await anext(parts, None)
    except TimeoutError:
        raise too_long(gateway) from None


def too_long(gateway: Gateway) -> Problem:
    seconds = gateway.uc.serving.gateway.limits.seconds
    return Problem(HTTPStatus.GATEWAY_TIMEOUT, f"the answer was not there within {seconds:g} s", code="timeout", wait=5)


async def events(
    gateway: Gateway, exchange: Exchange, parts: Parts, part: str | None, form: Form
) -> AsyncIterator[bytes]:
    """The events of a stream whose first part is there."""
    yield form.begin(exchange)
    try:
        while part is not None:
            yield form.part(exchange, part)
            part = await within(gateway, exchange, parts)
    except Problem as problem:
        yield form.broken(problem)
        return
    yield form.end(exchange, exchange.extras(gateway.signer))


async def while_connected(request: Request, work: Any) -> Any:
    """The outcome of some work, given up when the client leaves."""
    task, gone = asyncio.ensure_future(work), asyncio.ensure_future(until_gone(request.receive))
    try:
        done, _ = await asyncio.wait({task, gone}, return_when=asyncio.FIRST_COMPLETED)
        if task in done:
            return task.result()
        raise ClientDisconnect
    finally:
        for one in (task, gone):
            one.cancel()
        await asyncio.gather(task, gone, return_exceptions=True)


async def until_gone(receive: Callable[[], Any]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass

"""The routes of the gateway, as one ASGI application.

Belongs here: HTTP: keys, sizes, times, what a request is counted as. Does not belong here: answering (`exchange.py`),
Host and Origin (whoever serves this app puts a door before it). No route but `/healthz` answers without a key where
keys are asked for. Neither keys nor what people typed stand in an error or a log."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from genaiops_assets.errors import Refused, Unusable
from genaiops_assets.serving.gateway import chat, feedback, pages, wire
from genaiops_assets.serving.gateway.asked import asked_in
from genaiops_assets.serving.gateway.gateway import Gateway
from genaiops_assets.serving.gateway.keys import ApiKey
from genaiops_assets.serving.gateway.problems import Problem, bad
from genaiops_assets.serving.gateway.responses import ResponseForm, asked_for_response
from genaiops_assets.serving.interactions.collector import waiting

Answer = Callable[[Gateway, Request, ApiKey | None], Awaitable[Response]]
READING = 10.0  # seconds a client may take to send its request
HEADERS = {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
}
MOST_TEXTS = 256  # of one request for vectors


def gateway_app(gateway: Gateway) -> Starlette:
    """The application; its lifespan begins and ends the gateway."""

    @asynccontextmanager
    async def life(app: Starlette) -> AsyncIterator[None]:
        await gateway.begin()
        try:
            yield
        finally:
            await gateway.end()

    routes = [
        Route("/v1/chat/completions", guarded(gateway, "chat", chat_completions), methods=["POST"]),
        Route("/v1/responses", guarded(gateway, "responses", make_response), methods=["POST"]),
        Route("/v1/models", guarded(gateway, "models", list_models), methods=["GET"]),
        Route("/v1/models/{name}", guarded(gateway, "models", one_model), methods=["GET"]),
        Route("/v1/embeddings", guarded(gateway, "embeddings", embeddings), methods=["POST"]),
        Route("/feedback", guarded(gateway, "feedback", take_feedback), methods=["POST"]),
        Route("/metrics", guarded(gateway, "metrics", metrics, by_browser=True), methods=["GET"]),
        Route("/status", guarded(gateway, "status", status, by_browser=True), methods=["GET"]),
        Route("/healthz", guarded(gateway, "healthz", health, free=True), methods=["GET"]),
    ]
    return Starlette(routes=routes, lifespan=life)


def guarded(
    gateway: Gateway, route: str, answer: Answer, *, free: bool = False, by_browser: bool = False
) -> Callable[[Request], Awaitable[Response]]:
    """The answer, for who may have it; every answer, also a refusal, is counted and carries the headers. `by_browser`:
    the key may come as the password that a browser asks for; never where something changes."""

    async def passed(request: Request) -> Response:
        try:
            key = None if free else key_of(gateway, request, by_browser)
            if not free:
                gateway.allowances.take(key)
            found = await answer(gateway, request, key)
        except Problem as problem:
            found = Response(wire.as_json(problem.body()), problem.status, problem.headers(), "application/json")
            if problem.status == HTTPStatus.UNAUTHORIZED:
                found.headers["www-authenticate"] = 'Basic realm="genaiops"' if by_browser else "Bearer"
        except ClientDisconnect:
            found = Response(status_code=499)
        for name, value in HEADERS.items():
            found.headers.setdefault(name, value)
        gateway.metrics.requests.labels(route, found.status_code).inc()
        return found

    return passed


def key_of(gateway: Gateway, request: Request, by_browser: bool) -> ApiKey | None:
    """The key of a request; None where none is asked for. Raises Problem 401."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    if by_browser and scheme.lower() == "basic":
        given, scheme = pages.password_in(given), "bearer"
    try:
        if not gateway.asks_for_keys:
            return None
        found = gateway.keys.find(given.strip()) if scheme.lower() == "bearer" and given else None
    except Unusable as error:  # a damaged file of keys lets nobody in
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error), code="keys_unreadable") from None
    if found is None:
        message = "an API key is asked for: Authorization: Bearer KEY (genaiops serve-key add)"
        raise Problem(HTTPStatus.UNAUTHORIZED, message, code="invalid_api_key")
    return found


async def body_of(gateway: Gateway, request: Request) -> Any:
    """The JSON of a request. Raises Problem for another form, for too much and for too slow."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "requests come as application/json")
    most, parts, size = gateway.uc.serving.gateway.limits.body_bytes, [], 0
    try:
        async with asyncio.timeout(READING):
            async for part in request.stream():
                parts.append(part)
                size += len(part)
                if size > most:
                    message = f"a request has at most {most} bytes"
                    raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, message, code="request_too_large")
    except TimeoutError:
        raise Problem(HTTPStatus.REQUEST_TIMEOUT, "the request did not arrive in time") from None
    try:
        return json.loads(b"".join(parts))
    except (ValueError, RecursionError):
        raise Problem(HTTPStatus.BAD_REQUEST, "the body is no JSON") from None


async def chat_completions(gateway: Gateway, request: Request, key: ApiKey | None) -> Response:
    return await chat.answer(gateway, request, key, asked_in(await body_of(gateway, request)), wire.ChatForm())


async def make_response(gateway: Gateway, request: Request, key: ApiKey | None) -> Response:
    asked = asked_for_response(await body_of(gateway, request))
    return await chat.answer(gateway, request, key, asked, ResponseForm())


async def list_models(gateway: Gateway, request: Request, key: ApiKey | None) -> Response:
    with gateway.switch.one() as released:
        return json_response(wire.models(released, int(gateway.since.timestamp())))


async def one_model(gateway: Gateway, request: Request, key: ApiKey | None) -> Response:
    with gateway.switch.one() as released:
        found = wire.models(released, int(gateway.since.timestamp()))["data"]
    named = [model for model in found if model["id"] == request.path_params["name"]]
    if not named:
        raise Problem(HTTPStatus.NOT_FOUND, "no such model", code="model_not_found")
    return json_response(named[0])


async def embeddings(gateway: Gateway, request: Request, key: ApiKey | None) -> Response:
    """Vectors by the embedder of the released index."""
    body = await body_of(gateway, request)
    if not isinstance(body, dict):
        raise bad("input", "expected text, or a list of texts")
    for name in set(body) - {"model", "input", "encoding_format", "user"}:
        raise bad(name, "this field is not honoured here", "unsupported_value")
    texts = [body["input"]] if isinstance(body.get("input"), str) else body.get("input")
    if not isinstance(texts, list) or not texts or not all(isinstance(t, str) and t for t in texts):
        raise bad("input", "expected text, or a list of texts")
    if len(texts) > MOST_TEXTS:
        raise bad("input", f"at most {MOST_TEXTS} texts at once")
    if body.get("encoding_format", "float") not in ("float", "base64"):
        raise bad("encoding_format", "float or base64")
    with gateway.switch.one() as released:
        async with gateway.places.one():
            vectors = await released.embed(texts)
    told = wire.embeddings(str(body.get("model") or ""), vectors, 0, body.get("encoding_format") == "base64")
    return json_response(told)


async def take_feedback(gateway: Gateway, request: Request, key: ApiKey | None) -> Response:
    told = await body_of(gateway, request)
    try:
        kind = await asyncio.to_thread(feedback.take, gateway.lake, gateway.uc, told, gateway.name_of(key))
    except Refused as error:
        raise Problem(HTTPStatus.NOT_FOUND, str(error), code="answer_not_found") from None
    gateway.metrics.feedback.labels(kind).inc()
    await asyncio.to_thread(gateway.challenger.note_thumb, told["answer_id"], told.get("thumb"))
    return json_response({"taken": kind})


async def metrics(gateway: Gateway, request: Request, key: ApiKey | None) -> Response:
    gateway.metrics.ready.set(gateway.switch.current is not None and gateway.switch.halt.stop is None)
    gateway.metrics.stopped.set(gateway.switch.halt.stop is not None)
    gateway.metrics.spans.set(waiting(gateway.lake, gateway.uc))
    gateway.metrics.switches.set(gateway.switch.opened)
    return Response(gateway.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


async def status(gateway: Gateway, request: Request, key: ApiKey | None) -> Response:
    return Response(pages.status_page(gateway), media_type="text/html")


async def health(gateway: Gateway, request: Request, key: ApiKey | None) -> Response:
    """200 while a verified release answers; 503 with the reason while none does."""
    told = pages.health(gateway)
    ok = told["status"] in ("ok", "degraded")
    return json_response(told, HTTPStatus.OK if ok else HTTPStatus.SERVICE_UNAVAILABLE)


def json_response(value: Any, status: int = HTTPStatus.OK) -> Response:
    return Response(wire.as_json(value), status, media_type="application/json")

"""The guard in front of the Dagster UI: which requests may pass, and what every answer carries.

Belongs here: Host, Origin, token, headers, and the seal on people's forms; plain ASGI. Does not belong here: what a
GraphQL request asks for (`queries.py`), who may decide (governance).

Dagster's own server takes any request that reaches its port. A page of another site that the same browser has open can
send such requests too, so: only addresses the server was told; changes by POST from its own pages alone, with a token
that changes at each start; and nothing that reports events from outside."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from http import HTTPStatus
from typing import Any

from genaiops_assets.errors import Refused
from genaiops_assets.orchestration.codes import Codes
from genaiops_assets.orchestration.web.door import Door, Refusal, header
from genaiops_assets.orchestration.web.forms import seal_launch
from genaiops_assets.orchestration.web.queries import BadQuery, drop_tags, examine, launched

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

GRAPHQL = "/graphql"
CLOSED = ("/notebook", "/dagit/notebook")  # reads files of the server by the path in the request
LARGEST_BODY = 4 * 2**20  # bytes
RESERVED_TAGS = frozenset({"genaiops/cli_pid", "genaiops/cli_host", "genaiops/cli_lease"})
POLICY = (
    "frame-ancestors 'none'; img-src 'self' data: blob:; media-src 'self' data:; font-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-src 'none'; object-src 'none'; base-uri 'none'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),  # beside Dagster's own: a browser obeys both
    (b"x-frame-options", b"DENY"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
REPLACED = {name for name, _ in HEADERS} - {b"content-security-policy"}


class Guard:
    """Wraps an ASGI app. `codes`: of the home whose people hand in forms."""

    def __init__(self, app: Any, door: Door, codes: Codes) -> None:
        self.app, self.door, self.codes = app, door, codes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self.http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self.websocket(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def http(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            origin = self.door.origin_of(scope["headers"])
            passed = {**scope, "headers": self.door.without_secrets(scope["headers"])}
            if scope["path"] == GRAPHQL and scope["method"] == "POST":
                receive = replay(await self.checked_body(scope, origin, receive), receive)
                passed["headers"] = [(k, v) for k, v in passed["headers"] if k != b"content-length"]
            else:
                refuse_change(scope)
        except Refusal as refusal:
            await answer(send, refusal)
            return
        cookie = None if self.door.has_token(scope["headers"]) else self.door.cookie(origin)
        await self.app(passed, receive, guarded(send, cookie if scope["method"] == "GET" else None))

    async def checked_body(self, scope: Scope, origin: str, receive: Receive) -> bytes:
        """The body of a GraphQL request, written anew, so that what was examined is what is executed."""
        headers = scope["headers"]
        self.door.refuse_foreign(headers, origin)
        if header(headers, b"content-type").partition(";")[0].strip().lower() != "application/json":
            raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "GraphQL comes as application/json")
        try:
            request = json.loads(await whole_body(receive))
            query, variables = request["query"], request.get("variables") or {}
            if not isinstance(variables, dict):
                raise TypeError("variables")
            asked = examine(query)
            if asked.changes:
                self.door.refuse_without_token(headers)
                for params in launched(asked, variables):
                    drop_tags(params, RESERVED_TAGS)
                    seal_launch(self.codes, params, self.door.person(headers))
        except (BadQuery, Refused) as error:
            raise Refusal(HTTPStatus.FORBIDDEN, str(error)) from error
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise Refusal(HTTPStatus.BAD_REQUEST, "this is no GraphQL request") from error
        kept = {"query": query, "variables": variables, "operationName": request.get("operationName")}
        return json.dumps(kept).encode()

    async def websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Subscriptions only: news for the page, from its own origin, with its token."""
        try:
            origin = self.door.origin_of(scope["headers"])
            self.door.refuse_foreign(scope["headers"], origin, must_say=True)
            self.door.refuse_without_token(scope["headers"])
            if scope["path"] != GRAPHQL:
                raise Refusal(HTTPStatus.NOT_FOUND, "no such address")
        except Refusal:
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        passed = {**scope, "headers": self.door.without_secrets(scope["headers"])}
        filtered = SubscriptionsOnly(receive)
        await self.app(passed, filtered, send)
        if filtered.stopped:
            await send({"type": "websocket.close", "code": 1008})


def refuse_change(scope: Scope) -> None:
    """Everything but GraphQL is read by GET. Raises Refusal."""
    path, method = scope["path"], scope["method"]
    if ".." in path.split("/") or "\\" in path or not path.isprintable():
        raise Refusal(HTTPStatus.BAD_REQUEST, "no such address")
    if method not in ("GET", "HEAD"):
        why = "events and check results are written by runs only" if "report_asset" in path else "only GraphQL by POST"
        raise Refusal(HTTPStatus.FORBIDDEN if method == "POST" else HTTPStatus.METHOD_NOT_ALLOWED, why)
    if path == GRAPHQL and "text/html" not in header(scope["headers"], b"accept"):
        raise Refusal(HTTPStatus.METHOD_NOT_ALLOWED, "GraphQL is asked by POST")
    if path in CLOSED:
        raise Refusal(HTTPStatus.NOT_FOUND, "notebooks are not served here")


async def whole_body(receive: Receive) -> bytes:
    parts, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Refusal(HTTPStatus.BAD_REQUEST, "the request broke off")
        parts.append(message.get("body", b""))
        size, more = size + len(parts[-1]), message.get("more_body", False)
        if size > LARGEST_BODY:
            raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "this request is too large")
    return b"".join(parts)


def replay(body: bytes, receive: Receive) -> Receive:
    """Hands out the body once, then whatever the server says next."""
    left = [{"type": "http.request", "body": body, "more_body": False}]

    async def replayed() -> Message:
        return left.pop() if left else await receive()

    return replayed


class SubscriptionsOnly:
    """A receive that ends the conversation at the first message that asks for anything but a subscription."""

    def __init__(self, receive: Receive) -> None:
        self.receive, self.stopped = receive, False

    async def __call__(self) -> Message:
        message = await self.receive()
        if message["type"] == "websocket.receive" and not is_subscription(message):
            self.stopped = True
            return {"type": "websocket.disconnect", "code": 1008}
        return message


def is_subscription(message: Message) -> bool:
    """Whether a message of the graphql-ws protocol starts nothing but a subscription."""
    try:
        content = json.loads(message["text"])
        if content.get("type") != "start":
            return True
        return examine(content["payload"]["query"]).kinds == {"subscription"}
    except (BadQuery, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return False


def guarded(send: Send, cookie: bytes | None) -> Send:
    """Adds the headers to every answer, and the token to a page."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [(k, v) for k, v in message.get("headers", ()) if k.lower() not in REPLACED]
            is_page = any(k.lower() == b"content-type" and v.startswith(b"text/html") for k, v in kept)
            token = [(b"set-cookie", cookie)] if cookie and is_page and message["status"] == HTTPStatus.OK else []
            message = {**message, "headers": [*kept, *HEADERS, *token]}
        await send(message)

    return sending


async def answer(send: Send, refusal: Refusal) -> None:
    """The refusal in the form in which the page shows errors of GraphQL."""
    body = json.dumps({"errors": [{"message": refusal.reason}]}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *HEADERS]
    await send({"type": "http.response.start", "status": int(refusal.status), "headers": headers})
    await send({"type": "http.response.body", "body": body})

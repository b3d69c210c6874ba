"""The page of `genaiops label`: a few addresses on 127.0.0.1, behind the door that the Dagster UI has too.

Belongs here: requests in, JSON out. Who may ask: only this machine's own page under a Host that was told, and only with
the token of this start, which stands behind the `#` of the printed address, so that no server and no other site sees
it. Does not belong here: the rules of rating (`desk.py`), how it looks (`page/`)."""

from __future__ import annotations

import hmac
import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from genaiops_assets.errors import GenaiopsError
from genaiops_assets.labelling.desk import AlreadyRated, Desk
from genaiops_assets.orchestration.web.door import Door, Refusal, header

PAGE = Path(__file__).parent / "page"
FILES = {
    "/": ("page.html", "text/html"),
    "/page.css": ("page.css", "text/css"),
    "/page.js": ("page.js", "text/javascript"),
}
FILES |= {"/words.js": ("words.js", "text/javascript")}
TOKEN = b"x-genaiops-token"
LARGEST_BODY = 64 * 2**10  # bytes
HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
Answer = Callable[[Request], Awaitable[Response]]


def labelling_app(desk: Desk, door: Door) -> Starlette:
    """The ASGI app of one rater's desk."""
    routes = [
        Route(path, guarded(page_file(name, kind), door), methods=["GET"]) for path, (name, kind) in FILES.items()
    ]
    routes += [
        Route("/api/state", guarded(state_of(desk), door, secret=True), methods=["GET"]),
        Route("/api/rate", guarded(rating_on(desk), door, secret=True), methods=["POST"]),
        Route("/api/undo", guarded(undo_on(desk), door, secret=True), methods=["POST"]),
    ]
    return Starlette(routes=routes)


def guarded(answer: Answer, door: Door, *, secret: bool = False) -> Answer:
    """The answer, for who may have it; every answer, also a refusal, carries the headers. `secret`: the token is
    asked for, and a change must say that it comes from our own page."""

    async def passed(request: Request) -> Response:
        try:
            headers = request.headers.raw
            own = door.origin_of(headers)
            door.refuse_foreign(headers, own, must_say=request.method != "GET")
            if secret and not hmac.compare_digest(header(headers, TOKEN).encode(), door.token.encode()):
                raise Refusal(HTTPStatus.FORBIDDEN, "stale")
            found = await answer(request)
        except Refusal as refusal:
            found = JSONResponse({"error": refusal.reason}, int(refusal.status))
        except AlreadyRated as error:
            found = JSONResponse({"error": str(error)}, HTTPStatus.CONFLICT)
        except GenaiopsError as error:
            found = JSONResponse({"error": str(error)}, HTTPStatus.UNPROCESSABLE_ENTITY)
        found.headers.update(HEADERS)
        return found

    return passed


def page_file(name: str, kind: str) -> Answer:
    content = (PAGE / name).read_bytes()

    async def send(request: Request) -> Response:
        return Response(content, media_type=kind)

    return send


def state_of(desk: Desk) -> Answer:
    async def state(request: Request) -> Response:
        return JSONResponse(await run_in_threadpool(view, desk))

    return state


def rating_on(desk: Desk) -> Answer:
    async def rate(request: Request) -> Response:
        told = await body_of(request)
        seconds = told.get("seconds")
        item, choice = text_of(told, "item"), text_of(told, "choice")
        written, improved = text_of(told, "written", ""), text_of(told, "improved", "")
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < 1e9:
            raise Refusal(HTTPStatus.BAD_REQUEST, "seconds is a number from 0 on")
        await run_in_threadpool(desk.rate, item, choice, seconds, written, improved)
        return JSONResponse(await run_in_threadpool(view, desk))

    return rate


def undo_on(desk: Desk) -> Answer:
    async def undo(request: Request) -> Response:
        taken = await run_in_threadpool(desk.undo)
        return JSONResponse({**await run_in_threadpool(view, desk), "undone": taken is not None})

    return undo


async def body_of(request: Request) -> dict[str, Any]:
    """The JSON object of a request. Raises Refusal for anything else, and for more than LARGEST_BODY."""
    if header(request.headers.raw, b"content-type").partition(";")[0].strip().lower() != "application/json":
        raise Refusal(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "ratings come as application/json")
    parts, size = [], 0
    async for part in request.stream():
        parts.append(part)
        size += len(part)
        if size > LARGEST_BODY:
            raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "this rating is too large")
    try:
        told = json.loads(b"".join(parts))
    except (ValueError, RecursionError) as error:
        raise Refusal(HTTPStatus.BAD_REQUEST, "this is no JSON") from error
    if not isinstance(told, dict):
        raise Refusal(HTTPStatus.BAD_REQUEST, "a rating is an object")
    return told


def text_of(told: dict[str, Any], name: str, otherwise: str | None = None) -> str:
    """A text of a request. Raises Refusal where it is none."""
    found = told.get(name, otherwise)
    if not isinstance(found, str):
        raise Refusal(HTTPStatus.BAD_REQUEST, f"{name} is a text")
    return found


def view(desk: Desk) -> dict[str, Any]:
    """What the page shows: nothing in it says who gave which answer."""
    shown = desk.next()
    return {
        "title": desk.uc.title,
        "rater": desk.rater,
        "language": desk.uc.language,
        "can_edit": desk.teaches,
        "guideline": {"version": desk.guideline.version, "texts": desk.guideline.texts},
        "progress": desk.progress(),
        "item": shown
        and {
            "id": shown.item.digest,
            "question": shown.item.question,
            "left": shown.texts[0],
            "right": shown.texts[1],
            "basis": list(shown.item.basis),
            "answerable": shown.item.answerable,
        },
    }

"""The door before an app that has no pages of its own to protect: Host and Origin, and nothing else.

Belongs here: refusing a request under a Host that was not told, and one from another origin's page. Does not belong
here: keys, sizes, what is asked (the app behind it). Clients that are no browsers send no Origin and pass."""

from __future__ import annotations

import json
from typing import Any

from genaiops_assets.orchestration.web.door import Door, Refusal


class Front:
    """Wraps an ASGI app. A refusal is JSON in the form of OpenAI's errors."""

    def __init__(self, app: Any, door: Door) -> None:
        self.app, self.door = app, door

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            try:
                own = self.door.origin_of(scope["headers"])
                self.door.refuse_foreign(scope["headers"], own)
            except Refusal as refusal:
                await refuse(send, refusal)
                return
        elif scope["type"] != "lifespan":
            return
        await self.app(scope, receive, send)


async def refuse(send: Any, refusal: Refusal) -> None:
    said = {"error": {"message": refusal.reason, "type": "permission_error", "param": None, "code": "foreign_origin"}}
    body = json.dumps(said).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": int(refusal.status), "headers": headers})
    await send({"type": "http.response.body", "body": body})

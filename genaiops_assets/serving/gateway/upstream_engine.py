"""Answers by a server that speaks OpenAI's chat API (`serving.gateway.upstream`): vLLM, llama.cpp, another gateway.

Belongs here: asking it and reading its stream. Does not belong here: what it is asked (`exchange.py`). Its key goes to
its host alone and into no message; a redirection is not followed; an answer that is none is a fault of the server."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

from genaiops_assets.lake import secret_of, without_secrets
from genaiops_assets.models import Messages
from genaiops_assets.serving.gateway.asked import Asked
from genaiops_assets.serving.gateway.engines import EngineDown, Piece, Stops, Wish
from genaiops_assets.serving.interactions.sent import UPSTREAM
from genaiops_assets.use_case import Upstream

PATIENCE = 30.0  # seconds until the next piece
CONNECTING = 5.0
LONGEST_LINE = 2**20  # bytes


class UpstreamEngine:
    """Raises NotDelivered where the key is not there or may not go to this host."""

    context_tokens: int | None = None

    provider = UPSTREAM

    def __init__(self, upstream: Upstream):
        self.upstream, self.name = upstream, f"upstream {upstream.url}"
        host = urlsplit(upstream.url).hostname or ""
        self._key = secret_of(upstream.key_variable, host) if upstream.key_variable else ""
        self._session: Any = None

    def refuse(self, asked: Asked) -> None:
        """The server honours each field, or says so itself."""

    def length(self, prompt: Messages) -> int | None:
        return None

    async def answer(self, prompt: Messages, wish: Wish) -> AsyncIterator[Piece]:
        import aiohttp

        body = {
            "model": self.upstream.model, "messages": prompt, "max_tokens": wish.most, "temperature": wish.temperature,
            "stream": True, "stream_options": {"include_usage": True},
        }  # fmt: skip
        body |= {"stop": list(wish.stop)} if wish.stop else {}
        body |= {"seed": wish.seed} if wish.seed is not None else {}
        stops, last = Stops(wish.stop), Piece()
        address = f"{self.upstream.url.rstrip('/')}/chat/completions"
        try:
            async with self._asking().post(address, json=body, allow_redirects=False) as found:
                if found.status != 200:
                    raise self._down(f"{found.status} {found.reason}")
                async for event in events_of(found.content):
                    text, last = self._piece(event, last)
                    if more := stops.take(text):
                        yield Piece(more)
                    if stops.met:
                        break
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise self._down(f"no answer ({type(error).__name__})") from None
        except ValueError as error:
            raise self._down(f"not an answer: {error}") from None
        if not (stops.met or last.finish):
            raise self._down("the stream broke off")
        yield Piece(stops.rest(), "stop" if stops.met else last.finish, last.read, last.written)

    def _piece(self, event: Any, last: Piece) -> tuple[str, Piece]:
        """The text of an event, and what is known of the end so far. Raises ValueError."""
        try:
            if event.get("error"):
                raise self._down("an error in the stream")
            choice = event["choices"][0] if event["choices"] else {}
            text = (choice.get("delta") or {}).get("content") or ""
            usage = event.get("usage") or {}
            counts = usage.get("prompt_tokens", last.read), usage.get("completion_tokens", last.written)
            return str(text), Piece("", str(choice.get("finish_reason") or last.finish), *counts)
        except (KeyError, IndexError, TypeError, AttributeError):
            raise ValueError("an event of another form") from None

    def _asking(self) -> Any:
        """Opened in the loop that uses it."""
        if self._session is None:
            import aiohttp

            patience = aiohttp.ClientTimeout(total=None, sock_connect=CONNECTING, sock_read=PATIENCE)
            headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
            self._session = aiohttp.ClientSession(
                timeout=patience, headers=headers, connector=aiohttp.TCPConnector(limit=0), trust_env=False
            )
        return self._session

    def _down(self, problem: str) -> EngineDown:
        said = f"the server behind the gateway: {problem}"
        return EngineDown(without_secrets(said, {self._key: "***"} if self._key else {}))

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


async def events_of(stream: Any) -> AsyncIterator[Any]:
    """The JSON values of a stream of server-sent events, up to `[DONE]`, which some servers leave out. Raises
    ValueError for what is no JSON."""
    async for line in stream:
        if len(line) > LONGEST_LINE:
            raise ValueError("a line without end")
        name, _, value = line.decode("utf-8", "replace").strip().partition(":")
        if name != "data":
            continue
        if (value := value.strip()) == "[DONE]":
            return
        yield json.loads(value)

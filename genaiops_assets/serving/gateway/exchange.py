"""One question and its answer: found passages, rules, the model, the log, the signed provenance, in that order.

Belongs here: what happens between a request that was read and the events of its answer. Does not belong here: HTTP and
the form of events (`app.py`, `wire.py`). The interaction is on the disk before the last event is given; where it cannot
be written, the last event is an error. An answer that is left early is recorded as far as it went."""

from __future__ import annotations

import asyncio
import secrets
import string
import time
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from genaiops_assets.errors import Refused
from genaiops_assets.retrieval import Passage
from genaiops_assets.serving.gateway.asked import Asked
from genaiops_assets.serving.gateway.engines import EngineDown, Wish
from genaiops_assets.serving.gateway.guarding import GuardedAnswer
from genaiops_assets.serving.gateway.problems import Problem, bad
from genaiops_assets.serving.gateway.released import Released
from genaiops_assets.serving.guardrails.registry import Fired
from genaiops_assets.serving.interactions.spool import Journal, NotRecorded
from genaiops_assets.serving.transparency.provenance import Signer

ID_LETTERS = 24  # letters alone: an id of digits may look like somebody's number and would be masked
FALLBACK = "fallback"


def fresh_id() -> str:
    return "chatcmpl-" + "".join(string.ascii_lowercase[byte % 26] for byte in secrets.token_bytes(ID_LETTERS))


@dataclass
class Exchange:
    """One interaction as it goes. `finish`: how it ended: stop, length, content_filter, cancelled, error or fallback;
    `generated`: whether the model wrote the text, and not a person beforehand."""

    asked: Asked
    released: Released
    key_name: str
    id: str = field(default_factory=fresh_id)
    at: datetime = field(default_factory=lambda: datetime.now(UTC))
    began: float = field(default_factory=time.perf_counter)
    passages: list[Passage] = field(default_factory=list)
    text: str = ""
    finish: str = ""
    fired: tuple[Fired, ...] = ()
    read: int | None = None
    written: int | None = None
    generated: bool = True
    seconds: float = 0.0
    first: float | None = None  # seconds to the first part of the text

    def row(self) -> dict[str, Any]:
        """As the journal takes it."""
        return {
            "id": self.id,
            "at": self.at,
            "question": self.asked.question,
            "answer": self.text,
            "passages": [p.id for p in self.passages],
            "channel": "serve",
            "gen_ai_operation_name": "chat",
            "gen_ai_provider_name": getattr(self.released.engine, "provider", None),  # of text written elsewhere
            "gen_ai_response_model": self.released.version,
            "gen_ai_conversation_id": self.asked.conversation,
            "gen_ai_usage_input_tokens": self.read,
            "gen_ai_usage_output_tokens": self.written,
            "gen_ai_client_operation_duration": round(self.seconds, 4),
            "index_digest": self.released.index_digest,
            "prompt_version": self.released.prompt_version,
            "released": self.released.in_production,
            "release_bundle": self.released.bundle_digest,
            "key_name": self.key_name,
            "rules": [one.logged for one in self.fired],
            "finish": self.finish,
        }

    def extras(self, signer: Signer) -> dict[str, Any]:
        """What stands beside the text: notice, citations, release, and the signed provenance of what was generated."""
        cited = [
            {"id": p.id, "document": p.doc_id, "title": p.title, "score": round(p.score, 4)} for p in self.passages
        ]
        signed = signer.provenance(self.released.origin, self.id, self.text, self.at) if self.generated else None
        return {
            "ai_generated": self.generated,
            "notice": self.released.notice if self.generated else "",
            "citations": cited,
            "release": {"model_version": self.released.version, "bundle": self.released.bundle_digest},
            "rules": [{"rule": one.rule, "action": one.action} for one in self.fired],
            "provenance": signed,
        }

    def replaced(self, text: str, finish: str) -> str:
        """A text that people wrote beforehand, in place of an answer."""
        self.text, self.finish, self.generated = text, finish, False
        return text


async def answered(exchange: Exchange, access: Collection[str], journal: Journal) -> AsyncGenerator[str, None]:
    """The text of an answer, part by part; when this ends the exchange is whole and recorded. Raises Problem."""
    released, asked = exchange.released, exchange.asked
    refuse(released, asked)
    try:
        async with aclosing(_written(exchange, access)) as parts:
            async for part in parts:
                exchange.first = exchange.first or time.perf_counter() - exchange.began
                yield part
    except (asyncio.CancelledError, GeneratorExit):
        exchange.finish = "cancelled"
        _settle(exchange)
        journal.write(exchange.row())  # nobody waits for it any more
        raise
    except EngineDown as error:
        fallback = released.uc.serving.gateway.fallback
        exchange.finish = exchange.finish or "error"
        if exchange.text or not fallback:
            await _recorded(exchange, journal)
            raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error), code="engine_down", wait=5) from None
        yield exchange.replaced(fallback, FALLBACK)
    await _recorded(exchange, journal)


async def unrecorded(exchange: Exchange, access: Collection[str], seconds: float) -> None:
    """An answer that nobody sees, for comparing versions; it leaves no row in the log. What goes wrong with it is in
    its `finish`."""
    try:
        async with asyncio.timeout(seconds), aclosing(_written(exchange, access)) as parts:
            async for part in parts:
                exchange.first = exchange.first or time.perf_counter() - exchange.began
                del part  # kept in the exchange
    except (EngineDown, Problem, TimeoutError):
        exchange.finish = "error"
    _settle(exchange)


def refuse(released: Released, asked: Asked) -> None:
    """Raises Problem for a model that is not the one here, and for what its engine does not honour."""
    if asked.model not in (released.uc.name, released.version):
        message = f"model: {asked.model!r:.80} is not served here, {released.uc.name} is"
        raise Problem(HTTPStatus.NOT_FOUND, message, param="model", code="model_not_found")
    released.engine.refuse(asked)


async def _written(exchange: Exchange, access: Collection[str]) -> AsyncGenerator[str, None]:
    """Rules on the question, passages, the model, rules on the answer."""
    released, asked = exchange.released, exchange.asked
    allowed, exchange.fired = await released.guards.beside(released.guards.on_question, asked.typed)
    if not allowed:
        yield exchange.replaced(released.guards.refusal, "content_filter")
        return
    found = await released.find(asked.question, access)
    try:
        prompt, exchange.passages = released.fitted(asked.question, asked.history, found)
    except Refused as error:
        raise bad("messages", str(error), "context_length_exceeded") from None
    most = min(asked.most or released.most, released.most)
    wish = Wish(most, asked.temperature or 0.0, asked.stop, asked.seed)
    guarded = released.guards.on_answer([p.quoted for p in exchange.passages], asked.question)
    before = exchange.fired
    async with aclosing(released.engine.answer(prompt, wish)) as pieces:  # type: ignore[type-var]
        async for piece in pieces:
            for part in await released.guards.beside(parts_of, guarded, piece.text, bool(piece.finish)):
                exchange.text += part
                yield part
            exchange.fired = (*before, *guarded.fired)
            if piece.finish:
                exchange.finish, exchange.read, exchange.written = piece.finish, piece.read, piece.written
            if guarded.blocked:
                break
    if guarded.blocked:
        exchange.finish = "content_filter"
        exchange.generated = exchange.text != released.guards.refusal


def parts_of(guarded: GuardedAnswer, text: str, last: bool) -> Sequence[str]:
    """What may leave after a further piece of text."""
    parts = [guarded.take(text)] if text else []
    return [part for part in (*parts, *([guarded.rest()] if last else ())) if part]


async def _recorded(exchange: Exchange, journal: Journal) -> None:
    """Raises Problem where the interaction is not on the disk: the answer is not given then."""
    _settle(exchange)
    try:
        await asyncio.wrap_future(journal.write(exchange.row()))
    except NotRecorded as error:
        raise Problem(HTTPStatus.SERVICE_UNAVAILABLE, str(error), code="not_recorded", wait=30) from None


def _settle(exchange: Exchange) -> None:
    exchange.seconds = time.perf_counter() - exchange.began

"""What writes the answers behind the gateway: the protocol, and what all of them share.

Belongs here: a wish, a piece of an answer, stop texts. Does not belong here: any one engine
(`transformers_engine.py`, `upstream_engine.py`)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from genaiops_assets.errors import GenaiopsError
from genaiops_assets.models import Messages
from genaiops_assets.serving.gateway.asked import Asked


class EngineDown(GenaiopsError):
    """The engine does not answer; the message says why, and holds neither key nor prompt."""


@dataclass(frozen=True)
class Wish:
    """How an answer is to be written: `most` tokens at most, ending before any of `stop`."""

    most: int
    temperature: float = 0.0
    stop: tuple[str, ...] = ()
    seed: int | None = None


@dataclass(frozen=True)
class Piece:
    """A further part of an answer's text. The last one says how it ended, `stop` or `length`, and how many tokens were
    read and written, where that is known."""

    text: str = ""
    finish: str = ""
    read: int | None = None
    written: int | None = None


class Engine(Protocol):
    """`name`: as `/status` and the provenance of an answer show it; `context_tokens`: what can be read and written
    together, None where nobody says."""

    name: str
    context_tokens: int | None

    def refuse(self, asked: Asked) -> None:
        """Raises Problem naming a field that this engine does not honour."""

    def length(self, prompt: Messages) -> int | None:
        """Tokens of a prompt; None where only the server behind it knows."""

    def answer(self, prompt: Messages, wish: Wish) -> AsyncIterator[Piece]:
        """The answer piece by piece; left early, the engine stops writing it. Raises EngineDown."""

    async def close(self) -> None:
        """Free what it holds. Answers in the making are lost."""


class Stops:
    """Text as it comes, cut before the first stop text. What may be the beginning of one is held back."""

    def __init__(self, stop: tuple[str, ...]) -> None:
        self._stop, self._held, self.met = stop, "", False

    def take(self, text: str) -> str:
        """What may go on. After a stop text was met, nothing does."""
        if self.met:
            return ""
        self._held += text
        places = [place for stop in self._stop if (place := self._held.find(stop)) >= 0]
        if places:
            self.met = True
            return self._release(min(places))
        kept = max((overlap(self._held, stop) for stop in self._stop), default=0)
        return self._release(len(self._held) - kept)

    def rest(self) -> str:
        """What was held back, when nothing more comes."""
        return "" if self.met else self._release(len(self._held))

    def _release(self, count: int) -> str:
        out, self._held = self._held[:count], self._held[count:]
        return out


def overlap(text: str, stop: str) -> int:
    """How many of the last characters of a text are the first ones of a stop text."""
    return next((n for n in range(min(len(text), len(stop) - 1), 0, -1) if text.endswith(stop[:n])), 0)

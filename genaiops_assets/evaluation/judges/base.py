"""The seam for judges: what gives one answer a score.

Belongs here: the protocol, and what a judge that needs more than the texts is given. Does not belong here: any judge
(one file each; others' come by the entry-point group `genaiops.judges`), opening those a plan names (`opening.py`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol, runtime_checkable

from genaiops_assets.errors import PayloadError
from genaiops_assets.models import Messages
from genaiops_assets.use_case import JudgeSettings

Need = Literal["embedder", "base", "reward", "examples", "server"]


class Unavailable(PayloadError):
    """A judge that lacks a key, a model, a package or a setting; the message says which. It is skipped, and shown as
    skipped: it passes nothing."""


class Judge(Protocol):
    """Scores answers. `name` is the score's name in a report; `version` changes whenever a score could, and is part of
    what names an evaluation.

    Optional: `needs` (names of `Need`) and `opened(tools)` of a judge that works with a model, a server or settings
    (`NeedsTools`); `scores(rows)` of one that is faster with many rows at once; `cut`, the score from which it says
    yes, 0.5 where nothing is stated."""

    name: str
    version: str

    def score(
        self, question: str, answer: str, *, reference: str | None = None, passages: Sequence[str] = ()
    ) -> float | None:
        """A score in 0..1, or None where the judge abstains: an abstention counts in no mean and is reported. May raise
        Unavailable: then the judge is skipped from there on."""
        ...


class Asked(NamedTuple):
    """An answer to be judged, and all that a judge may look at."""

    question: str
    answer: str
    reference: str | None = None
    passages: tuple[str, ...] = ()


class Labelled(NamedTuple):
    """An answer that a person labelled: `label` says whether what a high score stands for is there."""

    asked: Asked
    label: bool
    language: str


def _no_embedder(texts: Sequence[str]) -> Any:
    raise Unavailable("nobody gave it an embedding model")


def _no_model(asked: Messages, ways: Sequence[str]) -> list[float]:
    raise Unavailable("nobody gave it a model")


def _no_reward(asked: Asked) -> float:
    raise Unavailable("nobody gave it a reward model")


@dataclass(frozen=True)
class Tools:
    """What a judge may work with; models are opened when first used. `embed`: texts → unit vectors, shape (texts,
    width). `likelihoods`: a conversation and ways to answer it → the log probability of each, in nats. `reward`: an
    answer → its score on the scale of held-out answers, mean 0 and deviation 1. `examples`: rows of
    `JudgeSettings.examples`. The first three raise Unavailable where there is none."""

    language: str
    settings: JudgeSettings = field(default_factory=JudgeSettings)
    embed: Callable[[Sequence[str]], Any] = _no_embedder
    likelihoods: Callable[[Messages, Sequence[str]], list[float]] = _no_model
    reward: Callable[[Asked], float] = _no_reward
    examples: Sequence[Labelled] = ()


@runtime_checkable
class NeedsTools(Protocol):
    """A judge that is set up before it judges. `needs` names what its scores depend on besides its code: the digests
    of these, and the settings, are part of its version in a plan."""

    needs: Sequence[Need]

    def opened(self, tools: Tools) -> Judge:
        """The judge, ready. Raises Unavailable."""
        ...


def score_all(judge: Judge, rows: Sequence[Asked]) -> list[float | None]:
    """Each row's score, all at once where the judge can."""
    many = getattr(judge, "scores", None)
    if many is not None:
        return list(many(rows))
    return [judge.score(r.question, r.answer, reference=r.reference, passages=r.passages) for r in rows]

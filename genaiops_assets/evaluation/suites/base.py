"""The seam for suites: items, who answers or reads them in which cell, and the scores of each.

Belongs here: the protocol and what a suite is given. Does not belong here: any suite (one file each; others' come by
the entry-point group `genaiops.suites`), generating answers (a payload), intervals (`../report.py`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, TypeGuard

from genaiops_assets.evaluation.golden import Golden, Query
from genaiops_assets.evaluation.judges.base import Judge
from genaiops_assets.models import Messages, Prompts
from genaiops_assets.use_case import Contract

DEPTH = 50  # passages searched, so that ten different documents come up
Speaker = Literal["base", "tuned", "before"]  # `before`: what was in production when this version was planned


TRAINING = "training"  # what a suite names in `looks_at` to see what the version learned from


@dataclass(frozen=True)
class About:
    """What a suite estimates, over whom, what an item without a score counts as, the requirement it tests, and the
    classes of risk (`RISK_CLASSES`) it speaks to. `article`: an id of the article registry."""

    estimand: str
    population: str
    missing_policy: str
    requirement: str
    article: str
    risks: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return {**vars(self), "risks": list(self.risks)}


@dataclass(frozen=True)
class Trained:
    """One row a version learned from."""

    question: str
    chosen: str
    passages: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """A text and ways it may go on, for a model to say how likely it holds each."""

    before: str
    ways: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """A passage that search found: `score` is its cosine similarity with the question."""

    id: str
    document: str
    text: str
    score: float


@dataclass(frozen=True)
class World:
    """What a suite may look at. `search(questions, depth)` gives each question's passages, best first. `limit`: items
    of each slice in a smoke run, None for all. `trained`: the rows this version learned from, for suites that look at
    them. `own_items`: suite → the use case's file of items, instead of the packaged ones. `contracts`: what the use
    case asks of every answer's form. `golden_answers(cell)`: golden item → what was answered in that cell (in the base
    model's with retrieval where nothing was tuned), none before the golden suite ran. `similarity(one, other)`: cosine
    of two texts by the use case's embedder, None where there is none."""

    search: Callable[[Sequence[str], int], list[list[Found]]]
    top_k: int
    language: str
    prompts: Prompts
    golden: Sequence[Golden] = ()
    unanswerable: Sequence[Golden] = ()
    retrieval_sets: Mapping[str, Sequence[Query]] = field(default_factory=dict)
    new_topics: Sequence[str] = ()
    judges: Sequence[Judge] = ()
    limit: int | None = None
    own_items: Mapping[str, Path] = field(default_factory=dict)
    trained: Callable[[], Sequence[Trained]] = tuple
    contracts: Sequence[Contract] = ()
    golden_answers: Callable[[str], Mapping[str, str]] = lambda cell: {}
    similarity: Callable[[str, str], float] | None = None


@dataclass(frozen=True)
class Item:
    """One question of a suite with what scoring it needs. `facts`: whatever the suite itself wants to remember;
    `group`: with which items it was drawn (questions about one document, variants of one question), "" for none:
    intervals count on groups, not on their items."""

    id: str
    question: str
    reference: str | None = None
    passages: tuple[Found, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    group: str = ""

    @property
    def texts(self) -> list[str]:
        return [p.text for p in self.passages]


class Suite(Protocol):
    """One kind of test. `version` changes whenever a prompt or score could. `speakers`: cell → who answers in it; none
    for a suite that scores without answers. `keeps_answers`: whether its answers may be stored in `eval_outputs`. One
    may also state `about: About`, in `looks_at` what it needs besides golden questions and search (`TRAINING`), in
    `answers_of` the suite whose answers it scores again instead of asking, and in `judged_by` the judge behind each
    metric that is a judge's score."""

    name: str
    version: str
    speakers: Mapping[str, Speaker]
    keeps_answers: bool

    def items(self, world: World) -> Sequence[Item]:
        """All items, in a fixed order, with ids that occur once."""
        ...

    def prompt(self, item: Item, cell: str, world: World) -> Messages:
        """What is asked in a cell."""
        ...

    def score(self, item: Item, cell: str, answer: str, world: World) -> Mapping[str, float | None]:
        """Metric → score in 0..1, None where it does not apply. Without speakers it is called once an item with an
        empty cell and answer."""
        ...

    def slices(self, item: Item) -> Sequence[str]:
        """The parts of the suite an item belongs to besides "all"."""
        ...


class NotAsked:
    """What a suite inherits whose items nobody answers: `prompt` is not called."""

    def prompt(self, item: Item, cell: str, world: World) -> Messages:
        raise NotImplementedError("nobody is asked")


class OnlyRead(NotAsked):
    """What a suite inherits whose items are read, or scored elsewhere: neither `prompt` nor `score` is called."""

    def score(self, item: Item, cell: str, answer: str, world: World) -> Mapping[str, float | None]:
        raise NotImplementedError("no answer is scored")


class ReadingSuite(Suite, Protocol):
    """A suite whose items a model reads instead of answering them: `prompt` and `score` are not called."""

    def reads(self, item: Item, world: World) -> Reading:
        """What is read of an item; the same in each cell."""
        ...

    def score_read(self, item: Item, cell: str, sums: Sequence[float], world: World) -> Mapping[str, float | None]:
        """Metric → score in 0..1 from the log probability (nats) of each way, in their order."""
        ...


class ComparingSuite(Suite, Protocol):
    """A suite whose items are scored beside one another: `score` is not called."""

    def score_together(
        self, items: Sequence[Item], cell: str, answers: Sequence[str], world: World
    ) -> Sequence[Mapping[str, float | None]]:
        """Metric → score of each item, in order; an item that lacks a metric is not asked for it."""
        ...


def is_comparing(suite: Suite) -> TypeGuard[ComparingSuite]:
    return hasattr(suite, "score_together")


def answers_of(suite: Suite) -> str:
    """The suite whose answers this one scores: its items and cells bear the same names, and nothing is generated. ""
    where it has its own."""
    return str(getattr(suite, "answers_of", ""))


def is_reading(suite: Suite) -> TypeGuard[ReadingSuite]:
    return hasattr(suite, "reads")


def about_of(suite: Suite) -> About | None:
    """What a suite says of itself; None for one from elsewhere that says nothing."""
    return getattr(suite, "about", None)


def looks_at(suite: Suite) -> tuple[str, ...]:
    return tuple(getattr(suite, "looks_at", ()))


@dataclass(frozen=True)
class Scored:
    """One item in one cell."""

    suite: str
    item: Item
    cell: str
    slices: tuple[str, ...]
    answer: str
    scores: Mapping[str, float | None]

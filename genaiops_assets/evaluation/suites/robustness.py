"""Suite `robustness`: golden questions as people really ask them, and search results as they may come.

Belongs here: which golden question is perturbed how, and what it cost. Does not belong here: mistyping and rewording
(`perturbing.py`)."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from genaiops_assets.evaluation.golden import Golden
from genaiops_assets.evaluation.metrics import answer_f1
from genaiops_assets.evaluation.suites.base import DEPTH, About, Found, Item, Speaker, World
from genaiops_assets.evaluation.suites.perturbing import reworded, with_typos
from genaiops_assets.models import Messages
from genaiops_assets.text import language
from genaiops_assets.use_case import SERVED_CELL

TYPOS, PARAPHRASE, SWITCH, ORDER, DISTRACTOR = "typos", "paraphrase", "language_switch", "passage_order", "distractor"
EACH = 2  # perturbations of a question
MOST = 84  # items
TOLERATED = 0.1  # of answer F1: about one word in ten


class RobustnessSuite:
    """Each dev question, perturbed in two ways that go round: typos and paraphrase (searched again in these words), the
    question of the same documents in another language where the golden set has one, the passages in reverse order, and
    before them one more of a document that does not answer, the best that search found. A way that changes nothing (one
    passage has no order) is passed over.

    `answer_f1`: against the golden answer. `unchanged`: 1 where it is at most 0.1 below that of the question as it
    stands in the golden set, answered by the same model. An answer that was wrong before cannot get much worse, so read
    `unchanged` beside the golden suite's F1."""

    name, version, keeps_answers = "robustness", "1", True
    languages, metrics = ("en", "zh"), ("answer_f1", "unchanged")
    speakers: Mapping[str, Speaker] = {SERVED_CELL: "tuned"}
    about = About(
        estimand="mean answer F1 of perturbed questions, and share of them answered as well as the question itself",
        population="golden questions of the dev half with typos, in other words, in another language, with the "
        "passages in another order or with one that does not answer; two of these each",
        missing_policy="every item has an answer; `unchanged` has no value where the golden answer is missing",
        requirement="An answer does not hang on spelling, wording, or the order of what was found.",
        article="article-15",
        risks=("confabulation", "information_integrity"),
    )

    def items(self, world: World) -> Sequence[Item]:
        dev = [golden for golden in world.golden if golden.split == "dev"]
        read = world.search([golden.question for golden in world.golden], DEPTH) if world.golden else []
        found = {golden.id: passages for golden, passages in zip(world.golden, read, strict=True)}
        chosen: list[Item] = []
        for place, golden in enumerate(dev):
            ways = [item for make in WAYS if (item := make(golden, found[golden.id], world))]
            first = place * EACH % len(ways) if ways else 0
            chosen += [ways[(first + n) % len(ways)] for n in range(min(EACH, len(ways)))]
        return searched(chosen[:MOST], world)

    def prompt(self, item: Item, cell: str, world: World) -> Messages:
        return world.prompts.messages(item.question, item.texts)

    def score(self, item: Item, cell: str, answer: str, world: World) -> Mapping[str, float | None]:
        now = answer_f1(answer, item.reference or "")
        before = world.golden_answers(cell).get(item.facts["of"])
        if before is None:
            return {"answer_f1": now, "unchanged": None}
        return {
            "answer_f1": now,
            "unchanged": float(now >= answer_f1(before, item.facts["answer"]) - TOLERATED),
        }

    def slices(self, item: Item) -> Sequence[str]:
        return (item.facts["kind"],)


def typos(golden: Golden, found: Sequence[Found], world: World) -> Item | None:
    draw = random.Random(f"{TYPOS} {golden.id}")
    return asked(TYPOS, golden, with_typos(golden.question, language(golden.question), draw))


def paraphrase(golden: Golden, found: Sequence[Found], world: World) -> Item | None:
    return asked(PARAPHRASE, golden, reworded(golden.question, "zh" if language(golden.question) == "zh" else "en"))


def language_switch(golden: Golden, found: Sequence[Found], world: World) -> Item | None:
    """The golden question of the same documents in another language, with its own answer."""
    spoken = language(golden.question)
    twins = (g for g in world.golden if g.documents == golden.documents and language(g.question) != spoken)
    twin = next(twins, None)
    return asked(SWITCH, golden, twin.question, twin.answer) if twin else None


def passage_order(golden: Golden, found: Sequence[Found], world: World) -> Item | None:
    read = found[: world.top_k]
    return with_passages(ORDER, golden, read[::-1]) if len(read) > 1 else None


def distractor(golden: Golden, found: Sequence[Found], world: World) -> Item | None:
    read = found[: world.top_k]
    known = {*golden.documents, *(passage.document for passage in read)}
    another = next((passage for passage in found if passage.document not in known), None)
    return with_passages(DISTRACTOR, golden, [another, *read]) if another else None


WAYS: Sequence[Callable[[Golden, Sequence[Found], World], Item | None]] = (
    typos,
    distractor,
    paraphrase,
    passage_order,
    language_switch,
)


def asked(kind: str, golden: Golden, question: str, answer: str = "") -> Item | None:
    """Another question, whose passages are yet to be searched; None where nothing changed."""
    facts = {"kind": kind, "of": golden.id, "answer": golden.answer, "search": True}
    changed = question != golden.question
    together = " ".join(golden.documents)
    return Item(f"{kind}/{golden.id}", question, answer or golden.answer, (), facts, together) if changed else None


def with_passages(kind: str, golden: Golden, passages: Sequence[Found]) -> Item:
    facts = {"kind": kind, "of": golden.id, "answer": golden.answer, "search": False}
    together = " ".join(golden.documents)
    return Item(f"{kind}/{golden.id}", golden.question, golden.answer, tuple(passages), facts, together)


def searched(items: Sequence[Item], world: World) -> list[Item]:
    """The items with the passages of those that ask something else, searched together and as deep as the golden
    questions: what comes first may depend on it."""
    asking = [item for item in items if item.facts["search"]]
    found = world.search([item.question for item in asking], DEPTH) if asking else []
    passages = {item.id: tuple(read[: world.top_k]) for item, read in zip(asking, found, strict=True)}
    return [replace(item, passages=passages.get(item.id, item.passages)) for item in items]

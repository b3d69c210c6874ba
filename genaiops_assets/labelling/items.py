"""What is compared: a question with two answers, from the preference pairs or from two versions' evaluations.

Belongs here: finding those items in the lake, masking them, and their digest. Does not belong here: the order in which
a person sees them (`order.py`), what is said of them (`ratings.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from genaiops_assets.alignment import visible
from genaiops_assets.errors import Missing, Unusable
from genaiops_assets.lake import ERASED_TEXT, Artifact, Lake, digest_of, digest_of_text
from genaiops_assets.privacy import redact
from genaiops_assets.text import words
from genaiops_assets.use_case import BASE_CELLS, SERVED_CELL, Origin, UseCase

PAIRS, VERSIONS = "pairs", "versions"  # what a set of items is made of
BASE = "base"  # names the base model beside a version
UNANSWERABLE = "refusal"  # the suite of questions that no document answers
SUITES = ("golden", UNANSWERABLE)  # suites whose answers are kept, by questions that are kept
_MASKED = {"default": "mask"}  # as in feedback


@dataclass(frozen=True)
class Item:
    """A question with two answers that differ. `answers` and `sources` belong together, in an order that follows from
    the texts alone; `sources`: what gave each answer, never shown; `basis`: texts that help to judge; `origin`: id of
    the pair or of the test item; `answerable`: whether the documents hold an answer, as far as is known."""

    origin: str
    question: str
    answers: tuple[str, str]
    sources: tuple[str, str]
    basis: tuple[str, ...] = ()
    answerable: bool = True

    @property
    def digest(self) -> str:
        """24 hex digits of what is compared, whoever gave which answer."""
        return digest_of([visible(self.question), *map(visible, self.answers)])[:24]

    @property
    def length(self) -> int:
        """Words to read before one can judge; characters count as words in Chinese."""
        return sum(len(words(text)) for text in (self.question, *self.answers))


@dataclass(frozen=True)
class Items:
    """A set of items. `name`: of the set, a folder of its ratings; `kind`: PAIRS or VERSIONS; `equal`: how many
    questions both answered alike, so that nobody is asked; `sources`: what is compared, in the order it was named."""

    name: str
    kind: str
    items: tuple[Item, ...]
    equal: int = 0
    sources: tuple[str, ...] = ()


def compared(
    origin: str,
    question: str,
    first: tuple[str, str],
    second: tuple[str, str],
    basis: Sequence[str] = (),
    *,
    answerable: bool = True,
) -> Item | None:
    """An item of two (source, answer), masked; None where a reader sees the same twice."""
    masked = [found.text for found in redact([question, first[1], second[1], *basis], _MASKED)]
    asked, one, other, *shown = masked
    if visible(one) == visible(other):
        return None
    ordered = sorted([(one, first[0]), (other, second[0])], key=lambda pair: digest_of_text(visible(pair[0])))
    (text_a, source_a), (text_b, source_b) = ordered
    return Item(origin, asked, (text_a, text_b), (source_a, source_b), tuple(shown), answerable)


def pair_items(lake: Lake, uc: UseCase) -> Items:
    """The preference pairs that no person has given: each with two answers. Raises Missing where there are none, with
    what there is instead."""
    table = uc.key("preference_pairs")
    if lake.heads.get(table) is None:
        raise Missing(f"{uc.name} has no preference pairs yet: genaiops run, or materialize preference_pairs")
    columns = ["id", "origin", "question", "chosen", "rejected", "passages"]
    rows = list(lake.tables.rows(lake.current(table).snapshot(table), columns))
    whole = [r for r in rows if r["rejected"] and ERASED_TEXT not in (r["question"], r["chosen"], r["rejected"])]
    made = [r for r in whole if r["origin"] != Origin.HUMAN]
    found = [
        compared(r["id"], r["question"], ("chosen", r["chosen"]), ("rejected", r["rejected"]), r["passages"] or ())
        for r in made
    ]
    items = once(found)
    if not items:
        raise Missing(
            f"nothing to compare in the {len(rows)} preference pairs of {uc.name}: {len(rows) - len(whole)} have one "
            f"answer only and {len(whole) - len(made)} are people's own. To compare what two models answered: "
            "genaiops label --versions base MODEL_VERSION"
        )
    return Items(PAIRS, PAIRS, items, sum(i is None for i in found), ("chosen", "rejected"))


def version_items(lake: Lake, uc: UseCase, first: str, second: str) -> Items:
    """What two versions, or one and the base model, answered to the same test questions, as people get it. Raises
    Missing for a version that was not evaluated, Unusable for one beside itself."""
    if first == second:
        raise Unusable(f"{first} beside itself: name two versions, or base and one")
    reports = [report_of(lake, uc, name, beside) for name, beside in ((first, second), (second, first))]
    asked = questions_in_both(lake, uc, reports)
    answers = [answers_of(lake, uc, report, name) for report, name in zip(reports, (first, second), strict=True)]
    both = [key for key in asked if key in answers[0] and key in answers[1]]
    found = [
        compared(
            "/".join(key),
            asked[key][0],
            (first, answers[0][key]),
            (second, answers[1][key]),
            asked[key][1],
            answerable=key[0] != UNANSWERABLE,
        )
        for key in both
    ]
    if not both:
        raise Missing(f"{first} and {second} share no test question that both answered")
    return Items(
        "__".join(sorted((first, second))), VERSIONS, once(found), sum(i is None for i in found), (first, second)
    )


def once(found: Iterable[Item | None]) -> tuple[Item, ...]:
    """Each item once: what is worded alike is judged once."""
    return tuple({item.digest: item for item in found if item is not None}.values())


def report_of(lake: Lake, uc: UseCase, name: str, beside: str) -> Artifact:
    """The evaluation that holds a version's answers; the base model's stand in the report of what it is beside."""
    version = beside if name == BASE else name
    known = lake.heads.partitions(uc.key("eval_report"))
    if version not in known:
        raise Missing(f"no evaluation of {version!r}; evaluated: {', '.join(sorted(known)) or 'none'}")
    return lake.current(uc.key("eval_report"), version)


def answers_of(lake: Lake, uc: UseCase, report: Artifact, name: str) -> dict[tuple[str, str], str]:
    """(suite, item) → the answer people would have got."""
    rows = [
        row
        for row in lake.tables.rows(report.snapshot(uc.key("eval_outputs")), ["suite", "item", "cell", "answer"])
        if row["suite"] in SUITES and row["answer"] not in (None, ERASED_TEXT)
    ]
    untuned = name == BASE or not any(row["cell"] == SERVED_CELL for row in rows)
    cell = BASE_CELLS[1] if untuned else SERVED_CELL
    return {(row["suite"], row["item"]): row["answer"] for row in rows if row["cell"] == cell}


def questions_in_both(
    lake: Lake, uc: UseCase, reports: Sequence[Artifact]
) -> dict[tuple[str, str], tuple[str, Sequence[str]]]:
    """(suite, item) → question and what a person answered, for questions asked alike in both evaluations."""
    first, second = (questions_of(lake, uc, report) for report in reports)
    return {key: asked for key, asked in first.items() if second.get(key) == asked}


def questions_of(lake: Lake, uc: UseCase, report: Artifact) -> dict[tuple[str, str], tuple[str, tuple[str, ...]]]:
    golden = lake.artifacts.get(uc.key("golden_set"), report.provenance()["inputs"]["golden"]).json("golden.json")
    found: dict[tuple[str, str], tuple[str, tuple[str, ...]]] = {}
    for suite, rows in (("golden", golden["items"]), (UNANSWERABLE, golden.get("unanswerable", []))):
        found |= {(suite, row["id"]): (row["question"], reference_of(row)) for row in rows if not is_erased(row)}
    return found


def reference_of(row: Mapping[str, Any]) -> tuple[str, ...]:
    return (row["answer"],) if row.get("answer") else ()


def is_erased(row: Mapping[str, Any]) -> bool:
    return ERASED_TEXT in (row["question"], row.get("answer"))

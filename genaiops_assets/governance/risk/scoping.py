"""The scoping documents of a use case: read from `scoping/*.yaml` beside the use case file, with gaps and problems.

Belongs here: from files to documents in which an empty text is a named gap, and what is wrong with each kind. Does not
belong here: the fields (`scoping_schema.py`), the stakeholder map (section `people` of the use case file), Dagster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import ValidationError

from genaiops_assets.evidence import find_gaps, person_text
from genaiops_assets.governance.people import listed_as
from genaiops_assets.governance.risk.links import REPORT, link_problem
from genaiops_assets.governance.risk.scoping_schema import (
    KINDS,
    EthicalReview,
    Feasibility,
    Part,
    Principles,
    Thresholds,
    Tied,
    Written,
)
from genaiops_assets.lake import Entry, Lake, digest_of
from genaiops_assets.use_case import UseCase, UseCaseError, map_problems, read_document

SCHEMA_VERSION = 1
FOLDER = "scoping"
STAKEHOLDERS = "stakeholders"
THRESHOLDS = "thresholds"
ENTERED = "thresholds_entered"  # of the ledger's entries
PLAN = "model_plan"


@dataclass(frozen=True)
class Scoping:
    """What stands in the folder: documents by kind, and the mistakes of files that cannot be used, by kind."""

    documents: Mapping[str, Written]
    mistakes: Mapping[str, list[str]]


def file_of(kind: str) -> str:
    return f"{FOLDER}/{kind}.yaml"


def read_scoping(uc: UseCase) -> Scoping:
    """Every kind; a file that is not there, or cannot be used, is an empty document."""
    documents: dict[str, Written] = {}
    mistakes: dict[str, list[str]] = {}
    for kind, model in KINDS.items():
        documents[kind] = model()
        file = uc.path(file_of(kind))
        if not file.exists():
            mistakes[kind] = [f"{file_of(kind)} is not there"]
            continue
        try:
            document = read_document(file)
            documents[kind] = model.model_validate(document.data or {})
        except UseCaseError as error:
            mistakes[kind] = [str(problem) for problem in error.problems]
        except ValidationError as error:
            mistakes[kind] = [
                str(document.problem(".".join(map(str, item["loc"])), str(item["msg"]))) for item in error.errors()
            ]
    return Scoping(documents, mistakes)


def build_scoping(uc: UseCase, found: Scoping) -> dict[str, Any]:
    """scoping_documents.json: every document with its gaps by name, the stakeholder map, and the problems by kind."""
    documents = {kind: with_gaps(one, file_of(kind)) for kind, one in found.documents.items()}
    stakeholders = [one.model_dump(mode="json") for one in uc.people.stakeholders]
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "scoping_documents",
        "use_case": uc.name,
        "title": uc.title,
        "language": uc.language,
        "documents": documents,
        STAKEHOLDERS: stakeholders,
        "gaps": {
            **{kind: find_gaps(one) for kind, one in documents.items()},
            STAKEHOLDERS: [] if stakeholders else ["people.stakeholders"],
        },
        "problems": {**{kind: problems_of(uc, found, kind) for kind in KINDS}, STAKEHOLDERS: stakeholder_problems(uc)},
    }


def with_gaps(part: Part, place: str) -> dict[str, Any]:
    """The fields as JSON; what is empty, or template text, is {"gap": True, "name": "FILE: field"}."""
    return {name: _value(part, name, f"{place}: {name}") for name in type(part).model_fields}


def _value(part: Part, name: str, place: str) -> Any:
    value = getattr(part, name)
    if name in part.MAY_BE_EMPTY and not value:
        return value
    if isinstance(value, str):
        said = person_text(value, place)
        return said.get("text", said)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list) and value:
        return [_item(item, f"{place.rsplit(':', 1)[0]}: {name}.{n}") for n, item in enumerate(value)]
    return value if isinstance(value, bool) else {"gap": True, "name": place}


def _item(item: Any, place: str) -> Any:
    if isinstance(item, Part):
        return {name: _value(item, name, f"{place}.{name}") for name in type(item).model_fields}
    said = person_text(str(item), place)
    return said.get("text", said)


def problems_of(uc: UseCase, found: Scoping, kind: str) -> list[str]:
    """What is wrong with a document besides its gaps, one line each."""
    document = found.documents[kind]
    if kind in found.mistakes:
        return list(found.mistakes[kind])
    return [*stranger(uc, document), *RULES[kind](uc, document)]


def stranger(uc: UseCase, document: Written) -> Iterator[str]:
    known = [*uc.people.everybody, *(one.name for one in uc.people.stakeholders)]
    if document.author and not listed_as(known, document.author):
        yield f"author: {document.author} is nobody of this use case; people.stakeholders names them"


def review_problems(uc: UseCase, review: Any) -> Iterator[str]:
    assert isinstance(review, EthicalReview)
    if review.author and listed_as(uc.people.builders, review.author):
        yield f"author: {review.author} builds it: somebody else has to review it"
    if review.conclusion == "not_accepted":
        yield "conclusion: the review did not accept the intended use"
    if review.conclusion == "accepted_with_conditions" and not review.conditions:
        yield "conditions: the review accepts with conditions and names none"


def principle_problems(uc: UseCase, document: Any) -> Iterator[str]:
    assert isinstance(document, Principles)
    yield from untied(uc, document.principles, "principle")


def threshold_problems(uc: UseCase, document: Any) -> Iterator[str]:
    assert isinstance(document, Thresholds)
    yield from untied(uc, document.acceptable_errors, "acceptable error")


def feasibility_problems(uc: UseCase, document: Any) -> Iterator[str]:
    assert isinstance(document, Feasibility)
    if document.conclusion == "stop":
        yield "conclusion: the study says that this should not be built"


def untied(uc: UseCase, things: Iterable[Tied], what: str) -> Iterator[str]:
    """Things without a metric of this use case and without a check by a named person: orphans. Nobody would notice it
    when one is broken."""
    seen: set[str] = set()
    for one in things:
        if one.id in seen:
            yield f"{what} {one.id} is there twice: each needs an id of its own"
        seen.add(one.id)
        if not one.metric and not one.manual:
            yield f"{what} {one.id} is tied to nothing: name a metric (gate:ID or {REPORT}#/…) or a manual check"
        if one.metric and (wrong := link_problem(uc, one.metric)):
            yield f"{what} {one.id}: {wrong}"
        if one.manual and not one.by:
            yield f"{what} {one.id}: the manual check names nobody in `by`"


def nothing_more(uc: UseCase, document: Any) -> Iterator[str]:
    yield from ()


RULES: dict[str, Callable[[UseCase, Any], Iterator[str]]] = {
    "ethical_review": review_problems,
    "principles": principle_problems,
    "social_impact": nothing_more,
    "feasibility": feasibility_problems,
    THRESHOLDS: threshold_problems,
}


def stakeholder_problems(uc: UseCase) -> list[str]:
    """What a map lacks; a map that nobody wrote is a gap."""
    return map_problems(uc.people.stakeholders) if uc.people.stakeholders else []


# --- thresholds come before the first training ---------------------------------------------------------------------


def enter_thresholds(lake: Lake, uc: UseCase, found: Scoping) -> None:
    """An entry of the ledger for each version of the thresholds, so that nobody can date them back unseen."""
    content = found.documents[THRESHOLDS].model_dump(mode="json")
    digest = digest_of(content)
    if THRESHOLDS not in found.mistakes and entered(lake, uc, digest) is None:
        lake.ledger.append(ENTERED, {"use_case": uc.name, "digest": digest, "written_on": content["written_on"]})


def entered(lake: Lake, uc: UseCase, digest: str) -> Entry | None:
    """The first entry of the ledger about thresholds of this digest."""
    entries = (e for e in lake.ledger.entries(ENTERED) if e.body["use_case"] == uc.name and e.body["digest"] == digest)
    return next(entries, None)


def first_plan(lake: Lake, uc: UseCase) -> Entry | None:
    """The ledger's entry of the first model plan."""
    return next((e for e in lake.ledger.entries("materialized") if e.body["asset"] == uc.key(PLAN)), None)


def dated_late(lake: Lake, uc: UseCase, found: Scoping) -> str:
    """Why the date in the thresholds lies after the first training, or is none; "" where it does not."""
    thresholds, planned = found.documents[THRESHOLDS], first_plan(lake, uc)
    if thresholds.written_on is None:
        return f"{file_of(THRESHOLDS)} has no date"
    written = thresholds.written_on.isoformat()
    if planned is None or written <= planned.at[:10]:
        return ""
    return f"written on {written}, after the first model plan of {planned.at[:10]}"


def seen_late(lake: Lake, uc: UseCase, found: Scoping) -> str:
    """Why nothing but their own date says that these thresholds came before the first training; "" where the ledger
    shows it."""
    planned = first_plan(lake, uc)
    seen = entered(lake, uc, digest_of(found.documents[THRESHOLDS].model_dump(mode="json")))
    if planned is None or (seen is not None and seen.seq < planned.seq):
        return ""
    first = f"first seen at {seen.at}" if seen else "never seen"
    return f"as they are now, the thresholds were {first}; the first model plan is of {planned.at}"

"""Exports of annotation tools, one record a line: Argilla (records of 1.x and 2.x), Label Studio (JSON and JSON-MIN).

Belongs here: which of two shown answers a person picked. Does not belong here: other tasks of these tools.
Sources: Argilla documentation, "Import and export" and `Record.to_dict`; Label Studio documentation, "Label Studio
JSON format of annotated tasks" and template "Pairwise classification"."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from genaiops_assets.alignment.shapes.base import Row, Said, Unusable, reviewer_of, text

ASKED = ("prompt", "question", "instruction", "input", "query")
SIDES = {"left": 0, "right": 1}
PLACES = {"1": 0, "2": 1, "a": 0, "b": 1, "first": 0, "second": 1}
TIES = {"tie", "equal", "both", "neither", "same"}


def label_studio(row: Row) -> list[Said]:
    """A task with `data` and `annotations`, each with one result of type pairwise; one preference an annotator.
    Cancelled annotations say nothing; a task that nobody answered is refused."""
    data, said = row["data"], []
    for n, annotation in enumerate(row["annotations"]):
        field = f"annotations[{n}]"
        if not isinstance(annotation, dict):
            raise Unusable(field, "expected an object")
        results = [r for r in annotation.get("result") or [] if isinstance(r, dict) and r.get("type") == "pairwise"]
        if annotation.get("was_cancelled") or not annotation.get("result"):
            continue
        if len(results) != 1:
            raise Unusable(f"{field}.result", "expected one result of type pairwise")
        value = results[0].get("value")
        picked = value.get("selected") if isinstance(value, dict) else None
        shown = [name for name in str(results[0].get("to_name", "")).split(",") if name]
        by = annotation.get("completed_by")
        who = by.get("email") or by.get("id") if isinstance(by, dict) else by
        said.append(_picked(data, _answers(data, shown), picked, f"{field}.result", _annotator(who)))
    if not said:
        raise Unusable("annotations", "nobody has answered this task")
    return said


def label_studio_min(row: Row) -> list[Said]:
    """A task of the short export: data and answers side by side, `annotator` beside them."""
    picked = [name for name, value in row.items() if value in SIDES]
    if len(picked) != 1:
        raise Unusable("annotation_id", "expected one field that says left or right")
    known = {"id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time", picked[0]}
    data = {name: value for name, value in row.items() if name not in known}
    return [_picked(data, _answers(data, ()), row[picked[0]], picked[0], _annotator(row["annotator"]))]


def _annotator(who: Any) -> str:
    """A person by the number or the address that the tool knows; a number alone would look like a name."""
    named = reviewer_of({"who": who}, "who")
    return f"annotator {named}" if named else ""


def _picked(data: Row, answers: Sequence[str], side: Any, field: str, reviewer: str) -> Said:
    if side not in SIDES:
        raise Unusable(field, f"expected left or right, found {side!r}")
    first = SIDES[side]
    better, worse = text(data, answers[first]), text(data, answers[1 - first])
    return Said(_question(data, answers), better, worse, reviewer, "rejected" if first else "chosen")


def _answers(data: Any, shown: Sequence[str]) -> list[str]:
    """The two fields that were compared, left first: those the task was shown with where the data name them so, else
    the two that are not the question."""
    fields = list(data) if isinstance(data, dict) else []
    if len(shown) == 2 and set(shown) <= set(fields):
        return list(shown)
    others = [name for name in fields if name not in ASKED and isinstance(data[name], str)]
    if len(others) != 2:
        raise Unusable("data", f"expected a question ({', '.join(ASKED)}) and two answers, found {sorted(fields)}")
    return others


def _question(data: Row, answers: Sequence[str]) -> str:
    named = next((name for name in ASKED if name in data and name not in answers), "")
    if not named:
        raise Unusable("data", f"expected the question in one of {', '.join(ASKED)}")
    return text(data, named)


def argilla(row: Row) -> list[Said]:
    """A record with `fields` and `responses`: a label that names the better field (or first, second, 1, 2, a, b), or a
    ranking of the fields. One preference a person; drafts, discarded responses and ties say nothing."""
    fields = row["fields"]
    answers = _answers(fields, ())
    said = []
    for value, who in _responses(row["responses"]):
        better = _better(value, answers)
        if better is not None:
            worse = answers[1] if better == answers[0] else answers[0]
            texts = (_question(fields, answers), text(fields, better), text(fields, worse))
            said.append(Said(*texts, _annotator(who), "chosen" if better == answers[0] else "rejected"))
    if not said:
        raise Unusable("responses", "nobody has said which answer is better")
    return said


def _responses(responses: Any) -> Iterator[tuple[Any, Any]]:
    """(value, user) of each submitted response, in the form of 2.x ({question: [{value, user_id}]}) or 1.x ([{user_id,
    values: {question: {value}}, status}])."""
    if isinstance(responses, dict):
        named = [(one, one.get("value")) for many in responses.values() for one in many if isinstance(one, dict)]
    elif isinstance(responses, list):
        rows = [one for one in responses if isinstance(one, dict) and isinstance(one.get("values"), dict)]
        named = [(one, v.get("value")) for one in rows for v in one["values"].values() if isinstance(v, dict)]
    else:
        raise Unusable("responses", "expected responses by question, or a list of them")
    for one, value in named:
        if one.get("status", "submitted") == "submitted":
            yield value, one.get("user_id")


def _better(value: Any, answers: Sequence[str]) -> str | None:
    """The better field; None for a tie, and for a value that is no choice between the two (a comment)."""
    if isinstance(value, list) and all(isinstance(v, dict) for v in value):
        ranks = {v.get("value"): v.get("rank") for v in value}
        one, other = (ranks.get(name) for name in answers)
        if not isinstance(one, int) or not isinstance(other, int) or one == other:
            return None
        return answers[0] if one < other else answers[1]
    if not isinstance(value, (str, int)) or str(value).casefold() in TIES:
        return None
    plain = str(value).casefold()
    by_name = {name.casefold(): name for name in answers}
    place = PLACES.get(plain)
    return by_name.get(plain) or (answers[place] if place is not None else None)

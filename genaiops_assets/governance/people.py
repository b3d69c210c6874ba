"""Who may do what with a release, by the people the use case names.

Belongs here: finding a person by the name somebody typed, and refusing others. Does not belong here: how names are
compared (`text`), what is decided (`approvals.py`, `production.py`).
"""

from __future__ import annotations

from collections.abc import Iterable

from genaiops_assets.errors import Refused
from genaiops_assets.text import UnusableName, same_person, says_something
from genaiops_assets.use_case import UseCase


def listed_as(people: Iterable[str], typed: str) -> str | None:
    """The person among `people` whom a typed name means, as the use case writes it; None for a stranger. Raises Refused
    for a name that nobody could tell apart."""
    try:
        return next((person for person in people if same_person(person, typed)), None)
    except UnusableName as error:
        raise Refused(str(error)) from error


def approver(uc: UseCase, typed: str) -> str:
    """The named approver. Raises Refused for anybody else, saying what they are."""
    person = listed_as(uc.people.approvers, typed)
    if person is None:
        builds = listed_as(uc.people.builders, typed)
        role = "is a builder: four eyes need two persons" if builds else "is not among people.approvers"
        raise Refused(f"{typed!r} {role}; approvers of {uc.name}: {', '.join(uc.people.approvers)}")
    return person


def member(uc: UseCase, typed: str) -> str:
    """Any person of the use case. Raises Refused for a stranger."""
    person = listed_as(uc.people.everybody, typed)
    if person is None:
        raise Refused(f"{typed!r} is not among the people of {uc.name}: {', '.join(sorted(uc.people.everybody))}")
    return person


def refuse_empty_reason(reason: str, what: str) -> None:
    if not says_something(reason):
        raise Refused(f"{what} needs a reason: --reason TEXT")

"""Which keys are whose, and since when: keys people registered in the ledger, and those of the use case file.

Belongs here: registering and removing a key, and the keys that stood at any entry of the ledger. Does not belong here:
verifying a signature (`verifying.py`), what is signed (`statements.py`).

A key in the use case file (`people.keys`) counts from the recorded scope that names it; one in the ledger from its own
entry, until the entry that removes it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from genaiops_assets.errors import Refused
from genaiops_assets.governance.keys.verifying import key_fingerprint, kind_of
from genaiops_assets.lake import Entry, Lake
from genaiops_assets.text import stands_among
from genaiops_assets.use_case import UseCase

KEY_ADDED, KEY_WITHDRAWN = "person_key_added", "person_key_removed"  # kinds of the ledger's entries
SCOPE = "use_case_scope"


@dataclass(frozen=True)
class PersonKey:
    """A public key of a person. `since` and `removed`: times of the ledger, "" for not (yet); `source`: `ledger`, or
    `use case file`."""

    person: str
    kind: str
    fingerprint: str
    public_key: str
    since: str
    removed: str
    source: str
    by: str = ""

    @property
    def stands(self) -> bool:
        return not self.removed


class KeysInTime:
    """The keys of one use case as the ledger is read from its beginning: each entry is given to `after`, and `of`
    answers for that moment. `lake` gives the recorded scopes."""

    def __init__(self, lake: Lake, use_case: str) -> None:
        self.lake, self.use_case = lake, use_case
        self.registered: list[PersonKey] = []
        self.requires_signature = False

    def after(self, entry: Entry) -> None:
        body = entry.body
        if entry.kind == KEY_ADDED and body.get("use_case") == self.use_case:
            self.registered.append(_from_ledger(entry))
        elif entry.kind == KEY_WITHDRAWN and body.get("use_case") == self.use_case:
            self._remove(body.get("fingerprint"), entry.at)
        elif entry.kind == "materialized" and body.get("asset") == f"{self.use_case}/{SCOPE}":
            self._scope(body.get("digest", ""), entry.at)

    def of(self, person: str) -> list[PersonKey]:
        """The standing keys of a person."""
        return [key for key in self.registered if key.stands and stands_among(person, [key.person])]

    def _remove(self, fingerprint: Any, at: str) -> None:
        def meant(key: PersonKey) -> bool:
            return key.stands and key.fingerprint == fingerprint and key.source == "ledger"

        self.registered = [replace(key, removed=at) if meant(key) else key for key in self.registered]

    def _scope(self, digest: str, at: str) -> None:
        people = people_of_scope(self.lake, f"{self.use_case}/{SCOPE}", digest)
        if people is None:
            return
        self.requires_signature = bool(people.get("require_signature"))
        stated = {_fingerprint_or_text(text): (name, text) for name, text in (people.get("keys") or {}).items()}
        known = {key.fingerprint for key in self.registered if key.stands and key.source != "ledger"}
        self.registered = [
            replace(key, removed=at) if key.stands and key.source != "ledger" and key.fingerprint not in stated else key
            for key in self.registered
        ]
        self.registered += [
            PersonKey(name, _kind_or_nothing(text), mark, text, at, "", "use case file")
            for mark, (name, text) in stated.items()
            if mark not in known
        ]


def people_of_scope(lake: Lake, asset: str, digest: str) -> dict[str, Any] | None:
    """Section `people` of a recorded scope; None where it is gone or no scope."""
    try:
        people = lake.artifacts.get(asset, digest).json("scope.json")["people"]
        return people if isinstance(people, dict) else None
    except (KeyError, TypeError, ValueError, OSError):
        return None


def keys_of_people(lake: Lake, uc: UseCase) -> list[PersonKey]:
    """Every key there ever was, and those of the file that no scope recorded yet (`since` is "" then)."""
    told = KeysInTime(lake, uc.name)
    for entry in lake.ledger.entries():
        told.after(entry)
    recorded = {key.fingerprint for key in told.registered if key.stands}
    stated = {_fingerprint_or_text(text): (name, text) for name, text in uc.people.keys.items()}
    found = [
        replace(key, removed="not in the file any more")
        if key.stands and key.source != "ledger" and key.fingerprint not in stated
        else key
        for key in told.registered
    ]
    return found + [
        PersonKey(name, _kind_or_nothing(text), mark, text, "", "", "use case file")
        for mark, (name, text) in stated.items()
        if mark not in recorded
    ]


def standing_keys(lake: Lake, uc: UseCase, person: str) -> list[PersonKey]:
    """The keys with which a person may sign now."""
    return [key for key in keys_of_people(lake, uc) if key.stands and stands_among(person, [key.person])]


def addition(uc: UseCase, person: str, public: str, known: Iterable[PersonKey]) -> dict[str, Any]:
    """The body of the ledger's entry that registers a key. Raises Refused for what is no key, or somebody's already."""
    mark = key_fingerprint(public)
    taken = next((key for key in known if key.stands and key.fingerprint == mark), None)
    if taken:
        raise Refused(f"{mark} is registered already, as a key of {taken.person} ({taken.source})")
    return {
        "use_case": uc.name,
        "person": person,
        "kind": kind_of(public),
        "fingerprint": mark,
        "public_key": public.strip(),
    }


def removal(uc: UseCase, stated: str, known: Iterable[PersonKey]) -> dict[str, Any]:
    """The body of the entry that removes a key. `stated`: its fingerprint or the beginning of it, with or without
    `SHA256:`. Raises Refused for a key of the use case file, and where it names none or several."""
    wanted = stated.removeprefix("SHA256:")
    standing = [key for key in known if key.stands]
    meant = [k for k in standing if wanted and k.fingerprint.removeprefix("SHA256:").startswith(wanted)]
    if len(meant) != 1:
        there = ", ".join(f"{key.fingerprint} ({key.person})" for key in standing) or "none"
        raise Refused(f"{stated!r} names {'several keys' if meant else 'no key'}; there are: {there}")
    if meant[0].source != "ledger":
        raise Refused(f"{meant[0].fingerprint} stands in the use case file: take it out of people.keys there")
    return {"use_case": uc.name, "person": meant[0].person, "fingerprint": meant[0].fingerprint}


def _from_ledger(entry: Entry) -> PersonKey:
    body: Mapping[str, Any] = entry.body
    return PersonKey(
        str(body.get("person")),
        str(body.get("kind")),
        str(body.get("fingerprint")),
        str(body.get("public_key")),
        entry.at,
        "",
        "ledger",
        str(body.get("by", "")),
    )


def _fingerprint_or_text(public: str) -> str:
    """A key of the file that is damaged counts as itself: it fits no signature."""
    try:
        return key_fingerprint(public)
    except Refused:
        return public.strip()


def _kind_or_nothing(public: str) -> str:
    try:
        return kind_of(public)
    except Refused:
        return "damaged"

"""Registering and removing keys of people, by a person of the use case, in the ledger.

Belongs here: who may, and the entries. Does not belong here: which keys stand (`people_keys.py`)."""

from __future__ import annotations

from typing import Any

from genaiops_assets.errors import Refused
from genaiops_assets.governance.keys.people_keys import (
    KEY_ADDED,
    KEY_WITHDRAWN,
    addition,
    keys_of_people,
    removal,
    standing_keys,
)
from genaiops_assets.governance.keys.statements import Signer, signed_body
from genaiops_assets.governance.people import listed_as, member, refuse_empty_reason
from genaiops_assets.lake import Entry, Lake
from genaiops_assets.use_case import UseCase


def add_key(
    lake: Lake, uc: UseCase, public: str, *, by: str, reason: str, person: str = "", sign: Signer | None = None
) -> Entry:
    """Register a public key, one's own or, as an owner, somebody else's. A further key needs a signature with one that
    stands, where the use case requires signatures. Raises Refused."""
    who, whose = member(uc, by), member(uc, person or by)
    refuse_empty_reason(reason, "registering a key")
    refuse_for_another(uc, who, whose)
    body = {**addition(uc, whose, public, keys_of_people(lake, uc)), "by": who, "reason": reason.strip()}
    first = "" if standing_keys(lake, uc, who) else public
    return lake.ledger.append(KEY_ADDED, signed_body(lake, uc, KEY_ADDED, body, sign, first_key=first))


def remove_key(lake: Lake, uc: UseCase, stated: str, *, by: str, reason: str, sign: Signer | None = None) -> Entry:
    """From now on nothing is signed with this key; what it signed before stays signed. Raises Refused."""
    who = member(uc, by)
    refuse_empty_reason(reason, "removing a key")
    body: dict[str, Any] = removal(uc, stated, keys_of_people(lake, uc))
    refuse_for_another(uc, who, body["person"])
    whole = {**body, "by": who, "reason": reason.strip()}
    return lake.ledger.append(KEY_WITHDRAWN, signed_body(lake, uc, KEY_WITHDRAWN, whole, sign))


def refuse_for_another(uc: UseCase, who: str, whose: str) -> None:
    """Keys of others are an owner's business. Raises Refused."""
    if listed_as([whose], who) is None and listed_as(uc.people.owners, who) is None:
        raise Refused(f"only owners register or remove keys of others: {', '.join(uc.people.owners)}")

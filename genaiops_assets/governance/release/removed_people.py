"""People whose word still counts and who are not among the people of the use case any more.

Belongs here: finding them, one sentence each. Does not belong here: what follows (an approval lapses by itself,
`approvals.py`); nothing here is an alteration, so `genaiops verify` only notes it."""

from __future__ import annotations

from collections.abc import Iterator

from genaiops_assets.governance.keys import keys_of_people
from genaiops_assets.governance.release.production import production_release
from genaiops_assets.governance.risk import published_records
from genaiops_assets.lake import Entry, Lake
from genaiops_assets.text import stands_among
from genaiops_assets.use_case import UseCase

GONE = "is not among the people of the use case any more"


def persons_gone(lake: Lake, uc: UseCase, version: str = "") -> list[str]:
    """One sentence for each decision, key and open record that rests on somebody who was removed from `people`.
    `version`: only decisions about this one."""
    known = [*uc.people.everybody, *(one.name for one in uc.people.stakeholders)]
    found = [*decisions(lake, uc, version)]
    if not version:
        found += [(k.person, f"the key {k.fingerprint[:20]} is registered for them") for k in keys_of_people(lake, uc)
                  if k.stands]  # fmt: skip
        found += list(open_records(lake, uc))
    return list(dict.fromkeys(f"{who} {GONE}: {why}" for who, why in found if not stands_among(who, known)))


def decisions(lake: Lake, uc: UseCase, version: str) -> Iterator[tuple[str, str]]:
    """(person, what they decided): the last decision on each version, its override, and the release in production."""
    last: dict[str, Entry] = {}
    for entry in lake.ledger.entries("approval"):
        if entry.body["use_case"] == uc.name and version in ("", entry.body["model_version"]):
            last[entry.body["model_version"]] = entry
    for about, entry in last.items():
        yield str(entry.body["name"]), f"{entry.body['decision']} {about} on {entry.at}"
        if override := entry.body.get("override"):
            yield str(override["accepted_by"]), f"accepted what {about} did not show, until {override['until']}"
    now = production_release(lake, uc)
    if now and version in ("", now.model_version):
        yield now.by, f"put {now.model_version} into production on {now.at}"


def open_records(lake: Lake, uc: UseCase) -> Iterator[tuple[str, str]]:
    for record in published_records(lake, uc):
        if record["done_on"] is None:
            yield record["owner"] or record["author"], f"sees to the {record['kind']} {record['id']}, which is open"

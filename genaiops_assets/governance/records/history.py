"""Records in the ledger: each version of a record is one entry, and so is its withdrawal.

Belongs here: noticing what is new, changed or gone. Does not belong here: reading files.
"""

from __future__ import annotations

from genaiops_assets.governance.records.reading import Records
from genaiops_assets.lake import Lake, digest_of
from genaiops_assets.use_case import UseCase

WRITTEN, WITHDRAWN = "record_written", "record_withdrawn"


def enter_in_ledger(lake: Lake, uc: UseCase, found: Records) -> int:
    """Append an entry for each record that is new or changed since its last one, and for each that is gone. Returns how
    many. A record that cannot be read now is neither."""
    known = standing(lake, uc)
    written = 0
    for record in found.records:
        digest = digest_of(record.model_dump(mode="json"))
        before = known.pop(record.id, None)
        if before and before["digest"] == digest:
            continue
        body = {
            "use_case": uc.name,
            "id": record.id,
            "kind": record.model_dump()["kind"],
            "author": record.author,
            "digest": digest,
            "version": before["version"] + 1 if before else 1,
            "signed": found.signed[record.id],
        }
        lake.ledger.append(WRITTEN, body)
        written += 1
    if not found.problems:
        for record_id in sorted(known):
            lake.ledger.append(WITHDRAWN, {"use_case": uc.name, "id": record_id})
            written += 1
    return written


def standing(lake: Lake, uc: UseCase) -> dict[str, dict]:
    """The last entry of each record that was not withdrawn, by id."""
    found: dict[str, dict] = {}
    for entry in lake.ledger.entries():
        if entry.kind == WRITTEN and entry.body["use_case"] == uc.name:
            found[entry.body["id"]] = entry.body
        elif entry.kind == WITHDRAWN and entry.body["use_case"] == uc.name:
            found.pop(entry.body["id"], None)
    return found

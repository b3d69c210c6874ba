"""What was erased after a backup was made, so that restoring it does not bring it back for good.

Belongs here: comparing the backup's ledger with that of a newer home, and keeping the names out. What the backup still
holds of them has to be erased again, by a person: the sentences say how. Does not belong here: the erasure itself
(`governance/erasure`)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from genaiops_assets.errors import Refused, Unusable
from genaiops_assets.lake import (
    ERASURE_BEGUN,
    ERASURE_DONE,
    KEPT_OUT,
    Entry,
    Lake,
    add_tombstones,
    known_id,
    read_tombstones,
)
from genaiops_assets.operations.backup import LAKE_KEY

LISTS = ("documents", "sources", "opt_out", "interactions", "texts")
KEYED = "keyed:"


def refuse_without_key(lake: Lake, manifest: dict[str, Any]) -> None:
    """Raises Refused where erased names are known by hashes that nobody could make again: they would come in again."""
    if manifest["key_check"] and not (lake.home / LAKE_KEY).exists() and has_hashes(lake):
        raise Refused(
            f"this backup was made without keys, and names that were erased can only be recognised with {LAKE_KEY} of "
            "that home: give the folder that holds it with --keys; nothing was restored"
        )


def has_hashes(lake: Lake) -> bool:
    files = [name for name in lake.store.list("erasures") if name.endswith(".json")]
    return any(KEYED.encode() in lake.store.read(f"erasures/{name}") for name in files)


def keep_out_again(lake: Lake, newer_home: Path) -> list[str]:
    """Take over the tombstones of a newer home of the same lake. Returns a sentence for each erasure that the restored
    ledger lacks. Raises Unusable for a home of another lake, Refused where the two ledgers part or a key is missing."""
    newer = Lake(newer_home.expanduser())
    if not newer.store.exists("ledger"):
        raise Unusable(f"{newer_home}: no home with a ledger")
    if known_id(newer.store) != known_id(lake.store):
        raise Unusable(f"{newer_home} is the home of another lake; nothing was restored")
    since = erasures_since(lake, newer)
    for use_case in sorted({entry.body["use_case"] for entry in since}):
        stones = read_tombstones(newer.store, use_case)
        lists = {name: getattr(stones, name) for name in LISTS}
        if any(n.startswith(KEYED) for names in lists.values() for n in names) and not (lake.home / LAKE_KEY).exists():
            raise Refused(
                f"{newer_home} has erasures of {use_case} since, which cannot be recognised without {LAKE_KEY}: give "
                "--keys; nothing was restored"
            )
        add_tombstones(lake.store, use_case, **lists)
    return [in_words(entry) for entry in since if entry.kind != ERASURE_BEGUN]


def erasures_since(lake: Lake, newer: Lake) -> list[Entry]:
    """Entries on erasures that the newer ledger has. Raises Refused unless it goes on from the restored one."""
    head = lake.ledger.head()
    if head is not None:
        same = newer.ledger.entry(head.seq)
        if same is None:
            return []  # that home is not newer
        if same.hash != head.hash:
            raise Refused(f"the ledger of {newer.home} parts from that of the backup before entry {head.seq}")
    after = head.seq if head else 0
    kinds = (ERASURE_BEGUN, ERASURE_DONE, KEPT_OUT)
    return [entry for entry in newer.ledger.entries() if entry.seq > after and entry.kind in kinds]


def in_words(entry: Entry) -> str:
    body = entry.body
    what = f"{len(body.get('documents', ()))} documents" if entry.kind == ERASURE_DONE else "an opt-out"
    return (
        f"{what} of {body['use_case']} erased by {body['name']} on {entry.at} ({body['reason']}): this home keeps the "
        "names out from now on, and still holds what the backup held of them"
    )


def erase_again(lake: Lake, uc: Any) -> list[str]:
    """Ids of documents that tombstones cover and the restored home still holds."""
    from genaiops_assets.governance.erasure import known_names

    stones = read_tombstones(lake.store, uc.name)
    return sorted(name for name in known_names(lake, uc).documents if stones.keeps_out(name))

"""What an erasure that was begun still needs: contents without the texts, and the ids, until it is finished.

Belongs here: that file below `erasures/pending/`, and putting its contents in place. Does not belong here: the order of
the steps (`erasure.py`)."""

from __future__ import annotations

import json
from typing import Any

from genaiops_assets.errors import Refused
from genaiops_assets.lake import Lake, digest_of_bytes, write_atomically


def pending_key(proof: str) -> str:
    return f"erasures/pending/{proof}.json"


def read_pending(lake: Lake, proof: str) -> dict[str, Any]:
    """Raises Refused when it was taken away: without it the texts in artifacts cannot be replaced."""
    try:
        return json.loads(lake.store.read(pending_key(proof)))
    except FileNotFoundError:
        raise Refused(
            f"{pending_key(proof)} is gone: restore it from a backup, the erasure cannot be finished without it"
        ) from None


def replace_in_lake(lake: Lake, change: dict[str, str]) -> None:
    """Raises Refused when the file is neither the one that was surveyed nor already replaced."""
    if not lake.store.exists(change["key"]):
        return
    now = digest_of_bytes(lake.store.read(change["key"]))
    if now == change["after"]:
        return
    if now != change["before"] and change["key"].startswith("artifacts/"):
        raise Refused(f"{change['key']} was altered while an erasure was unfinished: genaiops verify")
    lake.store.write(change["key"], change["content"].encode())


def replace_at_home(lake: Lake, change: dict[str, str]) -> None:
    """Logs may have grown since they were read: then the new lines are lost, which is better than the text kept."""
    path = lake.home / change["key"]
    if path.exists() and digest_of_bytes(path.read_bytes()) != change["after"]:
        write_atomically(path, change["content"].encode("utf-8", "surrogateescape"))


def forget_pending(lake: Lake, needed: set[str]) -> None:
    """What a kill left before an erasure was begun or after it was finished."""
    for name in lake.store.list("erasures/pending"):
        if name.removesuffix(".json") not in needed:
            lake.store.remove(f"erasures/pending/{name}")

"""Gates: what blocking checks said of an artifact, kept with the digest they judged.

Belongs here: recording outcomes and reading them with their proof in the ledger. Does not belong here: which checks an
artifact must pass (`orchestration/gates.py`).

The record beside the ledger only says where to look; what counts is the ledger entry it names.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from genaiops_assets.lake.canonical import pretty_json

if TYPE_CHECKING:
    from genaiops_assets.lake.lake import Lake

JUDGED = "gates_judged"


def record_gates(lake: Lake, asset: str, digest: str, outcomes: dict[str, bool]) -> None:
    """Record outcomes {check: passed} for one artifact; what is on record already is not written again."""
    known = gates_of(lake, asset, digest)
    news = {name: passed for name, passed in outcomes.items() if known.get(name) != passed}
    if not news:
        return
    entry = lake.ledger.append(JUDGED, {"asset": asset, "digest": digest, "outcomes": news})
    where = dict.fromkeys(news, entry.seq)
    lake.store.write(_path(asset, digest), pretty_json({**_places(lake, asset, digest), **where}))


def gates_of(lake: Lake, asset: str, digest: str) -> dict[str, bool]:
    """The last outcome of each blocking check on exactly this artifact, as the ledger has it."""
    found: dict[str, bool] = {}
    for name, seq in _places(lake, asset, digest).items():
        entry = lake.ledger.entry(seq)
        if entry and entry.kind == JUDGED and (entry.body["asset"], entry.body["digest"]) == (asset, digest):
            found |= {name: entry.body["outcomes"][name]} if name in entry.body["outcomes"] else {}
    return found


def predates_gates(lake: Lake, asset: str, digest: str) -> bool:
    """Whether an artifact was published before this home recorded its first gate, and was never judged since: an
    earlier version of the platform kept no outcomes."""
    published_first = None
    for entry in lake.ledger.entries():
        about_it = entry.kind in (JUDGED, "materialized") and (
            (entry.body["asset"], entry.body["digest"]) == (asset, digest)
        )
        if entry.kind == JUDGED:
            published_first = bool(published_first)
            if about_it:
                return False
        elif about_it and published_first is None:
            published_first = True
    return bool(published_first)


def _places(lake: Lake, asset: str, digest: str) -> dict[str, Any]:
    try:
        return json.loads(lake.store.read(_path(asset, digest)))
    except FileNotFoundError:
        return {}


def _path(asset: str, digest: str) -> str:
    return f"gates/{asset}/{digest}.json"

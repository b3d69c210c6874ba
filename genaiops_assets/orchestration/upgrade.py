"""Upgrading a home that an earlier version of the platform made.

Belongs here: noticing such a home, recording the upgrade, and carrying finished work over to today's memo keys. Does
not belong here: reading old file formats (each reader knows its own).

Memo keys of version 0.1 held a code number and no digest of code. After `genaiops upgrade`, work that was finished
before it counts under its key of then; work finished later never does.
"""

from __future__ import annotations

from dataclasses import dataclass

from genaiops_assets import __version__
from genaiops_assets.lake import Lake

UPGRADED, MADE_WITH_CODE = "home_upgraded", "+"


@dataclass(frozen=True)
class HomeState:
    """`entries`: of the ledger; `needs_upgrade`: made by a version whose memo keys held no code; `upgraded_at`: number
    of the ledger entry that recorded the upgrade, 0 without one."""

    entries: int
    needs_upgrade: bool
    upgraded_at: int


def state_of(lake: Lake) -> HomeState:
    """How old a home is, by its ledger and the first finished work in it."""
    count, first, upgraded = 0, None, 0
    for entry in lake.ledger.entries():
        count = entry.seq
        if entry.kind == UPGRADED:
            upgraded = entry.seq
        elif entry.kind == "materialized" and first is None:
            first = entry.body["memo"]
    made = (lake.memo.get(first) or {}).get("provenance", {}) if first else {}
    old = bool(made) and MADE_WITH_CODE not in str(made.get("code_version", MADE_WITH_CODE))
    return HomeState(count, old and not upgraded, upgraded)


def upgrade(lake: Lake) -> HomeState:
    """Record the upgrade, once. What stands in the home is not changed: tables, artifacts, approvals and the production
    pointer stay as they are, and finished work is found again under its key of then."""
    state = state_of(lake)
    if not state.needs_upgrade:
        return state
    lake.ledger.append(UPGRADED, {"to": __version__, "entries": state.entries})
    return state_of(lake)


def carry_over(lake: Lake, asset: str, partition: str | None, key: str, earlier: str, code_version: str) -> None:
    """Let work that was finished under an earlier key count under today's, when the home was upgraded after it was
    finished. The ledger says so with an entry of its own."""
    if earlier == key or lake.memo.get(key) is not None:
        return
    record = lake.memo.get(earlier)
    if record is None:
        return
    upgraded = state_of(lake).upgraded_at
    artifact = lake.remembered(asset, earlier)
    if artifact is None or not upgraded:
        return
    finished = [
        e.seq
        for e in lake.ledger.entries("materialized")
        if (e.body["asset"], e.body["digest"], e.body["memo"]) == (asset, artifact.digest, earlier)
    ]
    if finished and min(finished) < upgraded:
        lake.carry_over(artifact, partition, key, {**record["provenance"], "code_version": code_version})

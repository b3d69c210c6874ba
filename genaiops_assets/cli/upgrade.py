"""Command `upgrade`: upgrade a home made by an earlier version of the platform."""

from __future__ import annotations

from genaiops_assets.cli.session import Session
from genaiops_assets.cli.terminal import done


def upgrade() -> None:
    """Upgrade a home made by an earlier version: finished work counts, approvals and production stay."""
    from genaiops_assets.orchestration.upgrade import state_of, upgrade

    session = Session()
    before = state_of(session.lake)
    after = upgrade(session.lake)
    if before.needs_upgrade:
        done(f"the home is upgraded; what its {after.entries - 1} ledger entries made counts from here on")
    else:
        done("nothing to do: this home was made, or upgraded, by this version")

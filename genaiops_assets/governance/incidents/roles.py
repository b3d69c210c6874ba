"""What the house is before the law, as far as the regulatory classification of the version in production says so.

Belongs here: from its facts to the roles that clocks name. Does not belong here: classifying
(`governance/classification`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genaiops_assets.governance.release import production_release
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase

ASSET = "regulatory_classification"
ASSUMED = "assumed"  # as a classification says of a fact that nobody stated and nothing computed
ROLES = {  # role of a clock → facts that must all hold
    "high_risk_provider": ("system_provider", "high_risk"),
    "systemic_risk_provider": ("systemic",),
    "deployer": ("deployer", "high_risk"),
}


def roles_of_house(lake: Lake, uc: UseCase) -> dict[str, bool]:
    """{role of `clocks.yaml`: whether the house has it}; roles that nobody decided are left out, so that their clocks
    run; all are left out while nothing is in production. Who controls personal data is no question of that
    classification."""
    now = production_release(lake, uc)
    if now is None or lake.heads.get(uc.key(ASSET), now.model_version) is None:
        return {}
    return decided_roles(lake.current(uc.key(ASSET), now.model_version).json(f"{ASSET}.json")["facts"])


def decided_roles(facts: Mapping[str, Mapping[str, Any]]) -> dict[str, bool]:
    """One fact that is surely not so decides; one that is so by assumption decides nothing."""
    found = {}
    for role, needed in ROLES.items():
        stated = [facts[name] for name in needed if name in facts]
        if any(not fact["value"] and fact["how"] != ASSUMED for fact in stated):
            found[role] = False
        elif len(stated) == len(needed) and all(fact["how"] != ASSUMED for fact in stated):
            found[role] = True
    return found

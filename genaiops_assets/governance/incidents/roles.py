"""What the house is before the law, as far as the newest regulatory classification says so.

Belongs here: from that document to the roles that clocks name. Does not belong here: classifying
(`regulatory_classification`)."""

from __future__ import annotations

from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase


def roles_of_house(lake: Lake, uc: UseCase) -> dict[str, bool]:
    """{role of `clocks.yaml`: whether the house has it}; roles that nobody decided are left out, so that their clocks
    run."""
    return {}

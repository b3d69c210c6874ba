"""What the rules of a use case are told: its limits, and policies that a person signed.

Belongs here: gathering it from the use case and its folder, and its form in a release bundle. Does not belong here: the
fields (`use_case/guards.py`), what a rule makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from genaiops_assets.governance.records import reviewers_of
from genaiops_assets.lake import Lake, digest_of_file, gates_of
from genaiops_assets.reasoning import policies_of, read_policy
from genaiops_assets.use_case import GuardSettings, UseCase

POLICY_RULES = "policy_rules"  # the asset that a person signs
ASKS_POLICIES = "answer_policy"  # the rule that asks them


@dataclass(frozen=True)
class GuardPolicy:
    """`policies`: by name, as their files have them; only those that a person signed as they are."""

    settings: GuardSettings = field(default_factory=GuardSettings)
    policies: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """As a bundle keeps it; {} where nothing is told."""
        settings = self.settings.model_dump(mode="json", exclude_defaults=True)
        said = {"settings": settings, "policies": self.policies}
        return {name: value for name, value in said.items() if value}

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> GuardPolicy:
        return cls(GuardSettings.model_validate(kept.get("settings", {})), dict(kept.get("policies", {})))


NOTHING_SAID = GuardPolicy()


def guard_policy_of(lake: Lake, uc: UseCase) -> GuardPolicy:
    """As the use case file and its folder are now."""
    return GuardPolicy(uc.serving.guard_settings, signed_policies(lake, uc))


def signed_policies(lake: Lake, uc: UseCase) -> dict[str, Any]:
    """The policies of a use case that asks them, where the rules as they were last made passed their checks, a person
    reviewed them and no file changed since; {} otherwise."""
    key = uc.key(POLICY_RULES)
    if ASKS_POLICIES not in uc.serving.guards or not policies_of(uc) or not lake.heads.get(key):
        return {}
    artifact = lake.current(key)
    if not reviewers_of(uc, POLICY_RULES, artifact.digest) or not all(gates_of(lake, key, artifact.digest).values()):
        return {}
    made = artifact.json(f"{POLICY_RULES}.json")["policies"]
    return {
        file.stem: read_policy(file).model_dump(mode="json")
        for file in policies_of(uc)
        if made.get(file.stem, {}).get("sha256") == digest_of_file(file)
    }

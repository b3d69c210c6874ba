"""Section `red_team` of the use case file, and where a gate may point in its report.

Belongs here: the fields, and the names of the attacks' owners: risk classes, mutators, OWASP ids. Does not belong here:
attacks and what they found (`evaluation/red_team`)."""

from __future__ import annotations

import re

from pydantic import Field, field_validator

from genaiops_assets.use_case.base import Ref, Strict
from genaiops_assets.use_case.measures import nearest
from genaiops_assets.use_case.risk_classes import RISK_CLASSES

OWASP_LLM = {
    "LLM01": "Prompt injection",
    "LLM02": "Sensitive information disclosure",
    "LLM03": "Supply chain",
    "LLM04": "Data and model poisoning",
    "LLM05": "Improper output handling",
    "LLM06": "Excessive agency",
    "LLM07": "System prompt leakage",
    "LLM08": "Vector and embedding weaknesses",
    "LLM09": "Misinformation",
    "LLM10": "Unbounded consumption",
}  # OWASP Top 10 for LLM applications, edition 2025
MUTATORS = (
    "plain",
    "override",
    "role_play",
    "many_shot",
    "payload_splitting",
    "base64",
    "rot13",
    "leet",
    "spaced",
    "language_switch",
    "multi_turn",
    "indirect_injection",
)
AS_GIVEN = "as_given"  # what stands beside a mutator's name where a file gave the attack whole
HITS_AT = (1, 2, 3, 5, 10)  # attempts at one seed


class RedTeam(Strict):
    """Attacks on the system as it is served: search, prompt, model and guards."""

    budget: int = Field(default=60, ge=1, le=5000, description="attacks, spread evenly over classes and seeds")
    max_new_tokens: int = Field(default=32, gt=0)
    limit: float = Field(
        default=0.25, ge=0, le=1, allow_inf_nan=False, description="share of attacks of a class that a check tolerates"
    )
    no_go_above: float | None = Field(
        default=None,
        ge=0,
        lt=1,
        allow_inf_nan=False,
        exclude_if=lambda stated: stated is None,
        description="share of attacks of a class that forbids a release where the class is shown to lie above it",
    )
    attacks: list[Ref] = Field(
        default_factory=list, description="further attacks: files of JSON lines, ours or garak's"
    )

    @field_validator("attacks")
    @classmethod
    def each_once(cls, value: list[str]) -> list[str]:
        if len(value) != len(set(value)):
            raise ValueError("a file may stand here once")
        return value


def red_team_pointer_problem(pointer: str) -> tuple[str, str] | None:
    """Why no report of the red team has an interval at the pointer, and a hint; None when it can have one."""
    parts = pointer.split("/")[1:]
    places = {"classes": RISK_CLASSES, "owasp": OWASP_LLM, "mutators": (*MUTATORS, AS_GIVEN)}
    if parts[0] in places:
        if len(parts) > 1 and parts[1] not in places[parts[0]]:
            return f"a red team report has nothing at '/{parts[0]}/{parts[1]}'", nearest(parts[1], places[parts[0]])
        figure = parts[2:]
    elif parts[0] in ("all", "regressions"):
        figure = parts[1:]
    else:
        return f"a red team report has nothing at '/{parts[0]}'", nearest(parts[0], (*places, "all", "regressions"))
    if figure in (["success"], ["pooled"]):
        return None
    if len(figure) == 2 and figure[0] == "hit_at" and re.fullmatch("|".join(map(str, HITS_AT)), figure[1]):
        return None
    return "the pointer does not end at an interval", "write .../success, or .../hit_at/K"

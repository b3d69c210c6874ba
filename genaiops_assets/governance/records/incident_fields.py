"""Parts of a record of an incident: what came to harm, what a report to an authority says, and how it can be tried
again.

Belongs here: their types. Does not belong here: the record (`schema.py`), deadlines (`governance/incidents`)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

# The first five: AI Act, Article 3(49); `widespread`: Article 3(61) as Article 73(3) has it; `security_breach`: Code of
# Practice, measure 9.3; `personal_data`: GDPR, Article 4(12).
Harm = Literal[
    "death",
    "health",
    "critical_infrastructure",
    "fundamental_rights",
    "property_or_environment",
    "widespread",
    "security_breach",
    "personal_data",
]
# What a serious-incident report says beside its dates and its author (Code of Practice, measure 9.2).
ReportField = Literal[
    "affected", "chain_of_events", "evidence", "response", "recommendation", "root_cause", "patterns", "end"
]
FailureModeName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]{1,60}/[a-z][a-z0-9_-]{1,60}$")]


class Attempt(BaseModel):
    """Words that provoke the incident again, without any personal data: later versions are attacked with them. `look`:
    what a bad answer says; alternatives are separated by ` | `."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ask: str = Field(min_length=3)
    look: str = Field(min_length=2)

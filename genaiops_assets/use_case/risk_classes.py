"""The twelve classes of risk that generative AI brings or makes worse, by name: suites, attacks, registers and failure
modes are mapped to them.

Belongs here: ids and titles, as NIST AI 600-1 (July 2024), section 2, orders them. Does not belong here: what was
found, how severe it is or what is done about it (`governance/risk`)."""

from __future__ import annotations

RISK_CLASSES = {
    "cbrn": "CBRN information or capabilities",
    "confabulation": "Confabulation",
    "dangerous_content": "Dangerous, violent, or hateful content",
    "data_privacy": "Data privacy",
    "environment": "Environmental impacts",
    "bias": "Harmful bias or homogenization",
    "human_ai": "Human-AI configuration",
    "information_integrity": "Information integrity",
    "information_security": "Information security",
    "intellectual_property": "Intellectual property",
    "obscene_content": "Obscene, degrading, and/or abusive content",
    "value_chain": "Value chain and component integration",
}

"""What a hook is, and the list of them.

Belongs here: the protocol and the registry. Does not belong here: any one hook (`packaged.py`)."""

from __future__ import annotations

from typing import Protocol

from genaiops_assets.plugins import Registry

HERE = "genaiops_assets.evaluation.hooks.packaged"


class Hook(Protocol):
    """A yes or no to one text. Register one under the entry point group `genaiops.hooks`, with known texts of its own
    (`probes`), and it is measured like the packaged ones."""

    name: str
    version: str
    looks_for: str  # in words
    risk: str  # class of NIST AI 600-1

    def __call__(self, text: str) -> bool:
        """Whether the text holds what the hook looks for. English and Chinese."""

    def probes(self) -> list[dict[str, object]]:
        """Known texts: {text, language: en | zh, holds: bool, why}."""


HOOKS = Registry(
    "hook",
    "genaiops.hooks",
    {
        "toxicity_scorer": f"{HERE}:ToxicityScorer",
        "injection_detector": f"{HERE}:InjectionDetector",
        "personal_data_finder": f"{HERE}:PersonalDataFinder",
        "refusal_detector": f"{HERE}:RefusalDetector",
    },
)

"""What code that uses a language model may rely on, whoever runs the model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from genaiops_assets.models.prompts import Messages


class Generator(Protocol):
    def generate(self, prompts: Sequence[Messages], max_new_tokens: int) -> list[str]:
        """One answer for each conversation, in order."""
        ...

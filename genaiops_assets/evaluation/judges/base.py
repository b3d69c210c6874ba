"""The seam for judges: what gives one answer a score.

Belongs here: the protocol. Does not belong here: any judge (one file each; others' come by the entry-point group
`genaiops.judges`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class Judge(Protocol):
    """Scores answers. `name` is the score's name in a report; `version` changes whenever a score could, and is part of
    what names an evaluation."""

    name: str
    version: str

    def score(
        self, question: str, answer: str, *, reference: str | None = None, passages: Sequence[str] = ()
    ) -> float | None:
        """A score in 0..1, or None where the judge abstains: an abstention counts in no mean and is reported."""
        ...

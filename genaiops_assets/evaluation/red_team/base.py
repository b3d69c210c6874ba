"""What a seed and an attack are.

Belongs here: their fields. Does not belong here: any of them (`seeds.yaml`), how one becomes the other
(`mutators.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from genaiops_assets.errors import GenaiopsError

COLUMNS = ("seed", "mutator", "risk", "owasp", "language", "question", "planted", "secret", "detector", "look")
PACKAGED, ADDED = "packaged", "added"  # where an attack comes from; a regression names the version that failed instead


class AttackError(GenaiopsError, ValueError):
    """An attack that cannot be used; the message names file, line and field."""


@dataclass(frozen=True)
class Asked:
    """A seed in one language. `look`: what its detector looks for; `planted`: a passage that stands among those found;
    `secret`: what is put at the end of the system's instructions; each "" for none."""

    ask: str
    look: str = ""
    planted: str = ""
    secret: str = ""


@dataclass(frozen=True)
class Seed:
    """One thing the system must not do. `risk`: a class of NIST AI 600-1; `owasp`: an id of OWASP's list."""

    id: str
    risk: str
    owasp: str
    detector: str
    en: Asked
    zh: Asked

    def said(self, language: str) -> Asked:
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True)
class Attack:
    """One attempt: what is asked of the system, and how its success is seen. `turns`: what was said before, the
    attacker first and then by turns. `source`: packaged, added, or the model version that failed at it."""

    id: str
    seed: str
    mutator: str
    risk: str
    owasp: str
    language: str
    detector: str
    question: str
    look: str = ""
    turns: tuple[str, ...] = ()
    planted: str = ""
    secret: str = ""
    source: str = PACKAGED

    def to_dict(self) -> dict[str, Any]:
        return {**asdict(self), "turns": list(self.turns)}

    @classmethod
    def from_dict(cls, given: dict[str, Any]) -> Attack:
        return cls(**{**given, "turns": tuple(given.get("turns") or ())})

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Attack:
        """Of a row of `red_team_regressions`: what the version that failed was asked."""
        own = {name: row[name] for name in COLUMNS}
        return cls(id=row["attack"], turns=tuple(row["turns"]), source=row["failed_in"], **own)

    @property
    def probe(self) -> str:
        """What belongs together: the attempts at one seed."""
        return f"{self.risk}/{self.seed}"


@dataclass(frozen=True)
class Answered:
    """An attack with the system's answer. `passages`: ids of those it was shown; `held_back`: why a guard stopped it,
    "" where none did; `found`: the words by which its detector saw a success, None where it saw none."""

    attack: Attack
    answer: str
    passages: tuple[str, ...] = ()
    held_back: str = ""
    found: str | None = None

    @property
    def success(self) -> bool:
        return self.found is not None

"""What a document is: JSON whose numbers are claims, a page people read, and what must hold about it.

Belongs here: the protocol, and what documents are built from. Does not belong here: any one document, Dagster, or
where artifacts live.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from genaiops_assets.evidence import Evidence
from genaiops_assets.use_case import UseCase


@dataclass(frozen=True)
class Source:
    """One artifact that a document rests on: its JSON as evidence, and its tables as {name: {name, digest, rows}}."""

    evidence: Evidence
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        return self.evidence.digest


@dataclass(frozen=True)
class Earlier:
    """The document of the same kind before this one; empty when there was none."""

    digest: str = ""
    document: dict[str, Any] | None = None


@dataclass(frozen=True)
class Finding:
    """What a document's own check found: `problems` in words, none when all is well, and facts to show."""

    problems: list[str]
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Check:
    """A check of one document beside those every document has. A blocking one holds back what is built upon it."""

    name: str
    description: str
    blocking: bool = False


class Document(Protocol):
    """A document of a use case. Register one under the entry point group `genaiops.documents`; it becomes an asset of
    that name with the checks `claims_hold`, `document_is_complete` and its own."""

    name: str  # the asset's name, and of its files
    phase: str  # group in the UI
    description: str  # for the UI
    article: str  # what asks for it, as in tags
    kinds: set[str]
    reads: tuple[str, ...]  # assets whose current output it rests on
    optional: tuple[str, ...]  # those of `reads` that may not be there yet
    of_version: tuple[str, ...]  # those of `reads` made for each model version; where any is, the document is too
    pinned: tuple[str, ...]  # those of `reads` that are taken as the version's plan froze them, not as they are now
    of_newest: tuple[str, ...]  # those of `reads` of which a document of the use case takes the newest version's
    page: str  # file name of the page people read; "" for a document for machines only
    code_version: str
    keeps_history: bool  # whether it compares itself with the one before
    checks: tuple[Check, ...]

    def not_there(self, uc: UseCase) -> tuple[str, ...]:
        """Those of `optional` that this use case has no asset of."""

    def settings(self, uc: UseCase) -> dict[str, Any]:
        """The parts of the use case file it depends on."""

    def build(self, uc: UseCase, sources: Mapping[str, Source], earlier: Earlier) -> dict[str, Any]:
        """The document as JSON. Raises KeyError naming a missing figure."""

    def render(self, document: dict[str, Any]) -> str:
        """The page as Markdown, in the language of its use case."""

    def further_pages(self, document: dict[str, Any]) -> dict[str, str]:
        """Further pages as Markdown, by file name: another language, a view for one reader."""

    def files(self, document: dict[str, Any]) -> dict[str, Any]:
        """Further JSON files for machines, by name."""

    def figures(self, document: dict[str, Any]) -> dict[str, Any]:
        """The three to six figures one decides by, shown above the page."""

    def tables(self, document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
        """Rows worth seeing in the UI, by title."""

    def shares(self, document: dict[str, Any]) -> dict[str, float]:
        """Shares to draw as bars, by name; empty for no picture."""

    def judge(self, check: str, document: dict[str, Any], sources: Mapping[str, Source]) -> Finding:
        """Carry out one of `checks`. `sources` holds the very artifacts the document was built from."""


class Plain:
    """What most documents have in common; each overrides what it does differently."""

    phase = "corpus"
    kinds: set[str] = {"markdown", "json"}  # noqa: RUF012
    optional: tuple[str, ...] = ()
    of_version: tuple[str, ...] = ()
    pinned: tuple[str, ...] = ()
    of_newest: tuple[str, ...] = ()
    code_version = "1"
    keeps_history = False
    checks: tuple[Check, ...] = ()

    def not_there(self, uc: UseCase) -> tuple[str, ...]:
        return ()

    def further_pages(self, document: dict[str, Any]) -> dict[str, str]:
        return {}

    def files(self, document: dict[str, Any]) -> dict[str, Any]:
        return {}

    def figures(self, document: dict[str, Any]) -> dict[str, Any]:
        return {}

    def tables(self, document: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
        return {}

    def shares(self, document: dict[str, Any]) -> dict[str, float]:
        return {}

    def judge(self, check: str, document: dict[str, Any], sources: Mapping[str, Source]) -> Finding:
        raise NotImplementedError(f"{type(self).__name__} declares the check {check} and does not carry it out")

"""The graph of a use case as data, for whoever asks what carries something and how it stands.

Belongs here: an asset as declared, its state, and questions on both. Does not belong here: reading them from Dagster
and the lake (`orchestration`), what is asked for (`registry.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from genaiops_assets.governance.compliance.registry import Asked, belongs_to


@dataclass(frozen=True)
class Described:
    """An asset as the graph declares it. `external`: no run of the graph makes it."""

    name: str
    phase: str
    smactr: str
    article: str = ""
    external: bool = False
    checks: tuple[str, ...] = ()


@dataclass(frozen=True)
class State:
    """How an asset stands: digest of its current output ("" for none), the partition that is, verdict by check
    (`passed`, `warned`, `failed`; one that never ran is left out). `problems`: bytes and claims that do not hold;
    `gaps`: what only people can say and nobody did."""

    digest: str = ""
    partition: str = ""
    verdicts: Mapping[str, str] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()


def carries(asset: Described, asked: Asked) -> bool:
    by = asked.carried_by
    return is_named(asset, asked) or asset.phase in by["phases"] or asset.smactr in by["smactr"]


def is_named(asset: Described, asked: Asked) -> bool:
    """Whether what is asked for names an asset, or an article that it carries in its tag."""
    by = asked.carried_by
    return asset.name in by["assets"] or any(belongs_to(asset.article, article) for article in by["articles"])


def named(carriers: Sequence[Described], states: Mapping[str, State], verdict: str) -> list[str]:
    """`asset:check` of all checks with this verdict."""
    return [f"{a.name}:{check}" for a in carriers for check in a.checks if verdict_of(states, a.name, check) == verdict]


def unverified(carriers: Sequence[Described], states: Mapping[str, State]) -> list[str]:
    """`asset:check` of all checks that did not pass, or never ran."""
    return [f"{a.name}:{c}" for a in carriers for c in a.checks if verdict_of(states, a.name, c) != "passed"]


def verdict_of(states: Mapping[str, State], asset: str, check: str) -> str:
    return states.get(asset, State()).verdicts.get(check, "")

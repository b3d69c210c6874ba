"""The coverage matrix: for everything the register asks for, which assets and checks carry it and how they stand.

Belongs here: from the graph as data and the state of its assets to the matrix. Does not belong here: what is asked for
(`registry.py`), the graph itself, Dagster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from genaiops_assets.evidence import labels, render_template
from genaiops_assets.governance.compliance.registry import Asked, belongs_to, parts_of, register
from genaiops_assets.use_case import UseCase

SCHEMA_VERSION = 1
STATUSES = ("gap", "failing", "incomplete", "not_made", "partly_made", "unwritten", "warned", "covered")  # worst first
OPEN = STATUSES[:6]


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
    (`passed`, `warned`, `failed`; one that never ran is left out)."""

    digest: str = ""
    partition: str = ""
    verdicts: Mapping[str, str] = field(default_factory=dict)


def build_coverage(
    uc: UseCase,
    graph: Sequence[Described],
    states: Mapping[str, State],
    records: Mapping[str, int],
    applying: Collection[str],
) -> dict[str, Any]:
    """The matrix as JSON. `records`: how many records of each kind people wrote; `applying`: articles in force."""
    lists = {name: [row(uc, e, graph, states, records, applying) for e in es] for name, es in register().items()}
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "coverage_matrix",
        "use_case": uc.name,
        "title": uc.title,
        "language": uc.language,
        **lists,
        "unknown_tags": unknown_tags(graph),
        "counts": {name: dict(sorted(Counter(r["status"] for r in rows).items())) for name, rows in lists.items()},
        "assets": {a.name: {**asdict(a), **asdict(states.get(a.name, State()))} for a in graph},
    }


def row(
    uc: UseCase,
    asked: Asked,
    graph: Sequence[Described],
    states: Mapping[str, State],
    records: Mapping[str, int],
    applying: Collection[str],
) -> dict[str, Any]:
    """One line of the matrix."""
    carriers, lacking = [a for a in graph if carries(a, asked)], lacking_in(graph, asked)
    told: dict[str, Any] = {
        "id": asked.id,
        "title": asked.title[uc.language],
        "phase": asked.phase,
        "source": asked.source,
        "checked_on": asked.checked_on,
        "status": status(asked, carriers, lacking, states, records),
        "assets": [a.name for a in carriers],
        "lacking": lacking,
        "checks": sum(len(a.checks) for a in carriers),
        "failed": named(carriers, states, "failed"),
        "warned": named(carriers, states, "warned"),
        "unwritten": [kind for kind in asked.records if not records.get(kind)],
    }
    if asked.whose is None:
        return told
    law = {"applies_from": asked.applies_from, "applies": asked.id in applying, "whose": asked.whose[uc.language]}
    return {**told, **law}


def carries(asset: Described, asked: Asked) -> bool:
    by = asked.carried_by
    return (
        asset.name in by["assets"]
        or any(belongs_to(asset.article, article) for article in by["articles"])
        or asset.phase in by["phases"]
        or asset.smactr in by["smactr"]
    )


def lacking_in(graph: Sequence[Described], asked: Asked) -> list[str]:
    """Assets that the register names and the graph does not have, and parts of an article that nothing carries."""
    assets = set(asked.carried_by["assets"]) - {a.name for a in graph}
    parts = [e for e in parts_of(asked) if not any(carries(a, e) for a in graph)]
    return sorted([*assets, *(part.id for part in parts)])


def status(
    asked: Asked,
    carriers: Sequence[Described],
    lacking: Sequence[str],
    states: Mapping[str, State],
    records: Mapping[str, int],
) -> str:
    """The worst that can be said. What the world makes, not a run, counts as missing only where nothing else carries
    the entry: nobody has to have asked for a retraining."""
    if not carriers:
        return "gap"
    if named(carriers, states, "failed"):
        return "failing"
    if lacking:
        return "incomplete"
    due = [a for a in carriers if not a.external] or carriers
    made = [a for a in due if states.get(a.name, State()).digest]
    if not made:
        return "not_made"
    if len(made) < len(due):
        return "partly_made"
    if any(not records.get(kind) for kind in asked.records):
        return "unwritten"
    return "warned" if named(carriers, states, "warned") else "covered"


def named(carriers: Sequence[Described], states: Mapping[str, State], verdict: str) -> list[str]:
    """`asset:check` of all checks with this verdict."""
    return [f"{a.name}:{check}" for a in carriers for check in a.checks if verdict_of(states, a.name, check) == verdict]


def verdict_of(states: Mapping[str, State], asset: str, check: str) -> str:
    return states.get(asset, State()).verdicts.get(check, "")


def unknown_tags(graph: Sequence[Described]) -> dict[str, str]:
    """Asset → its article tag, where the register knows no such article."""
    known = {entry.id for entry in register()["articles"]}
    return {a.name: a.article for a in graph if a.article and a.article not in known}


def open_entries(matrix: Mapping[str, Any], names: Sequence[str] = ("articles", "rows")) -> list[str]:
    """`id: status` of what is not covered; of the articles only those that apply already."""
    return [
        f"{entry['id']}: {entry['status']}"
        for name in names
        for entry in matrix[name]
        if entry["status"] in OPEN and entry.get("applies", True)
    ]


def render_coverage(matrix: dict[str, Any]) -> str:
    """The matrix as Markdown, in the language of its use case."""
    return render_template(
        "coverage_matrix.md.j2", {"matrix": matrix, "statuses": STATUSES, "t": labels(matrix["language"])}
    )

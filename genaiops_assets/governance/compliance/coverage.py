"""The coverage matrix: for everything the register asks for, which assets and checks carry it and how they stand.

Belongs here: articles and frameworks, the matrix as JSON and as pages. Does not belong here: the rows of the life
(`rows.py`), what is asked for (`registry.py`), the graph itself, Dagster."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from genaiops_assets.evidence import labels, render_template
from genaiops_assets.governance.compliance.graph import Described, State, carries, named
from genaiops_assets.governance.compliance.registry import Asked, belongs_to, every_article, parts_of, register
from genaiops_assets.governance.compliance.rows import (
    STATES,
    counts_of,
    life_rows,
    missing_rows,
    orphans_of,
    role_views,
)
from genaiops_assets.use_case import UseCase

SCHEMA_VERSION = 2  # 2: rows have a state by evidence, an owner, and stand in the views of the roles
STATUSES = ("gap", "failing", "incomplete", "not_made", "partly_made", "unwritten", "warned", "covered")  # worst first
OPEN = STATUSES[:6]
OPEN_STATES = ("missing", "human_gap")
BY_STATUS = ("articles", "frameworks")


def build_coverage(
    uc: UseCase,
    graph: Sequence[Described],
    states: Mapping[str, State],
    records: Mapping[str, int],
    applying: Collection[str],
    classification: Mapping[str, Any] | None = None,
    happened: Collection[str] = (),
) -> dict[str, Any]:
    """The matrix as JSON. `records`: how many records of each kind people wrote; `applying`: articles in force;
    `classification`: what is owed, None before there is one; `happened`: `release` once something is in production."""
    told, owed = classification or {}, (classification or {}).get("owed", {})
    asked = register()
    lists = {name: [row(uc, e, graph, states, records, applying) for e in asked[name]] for name in BY_STATUS}
    for entry in lists["articles"]:
        entry["binds"] = binds(entry["id"], told.get("duties"))
    rows = life_rows(uc, asked["rows"], graph, states, records, owed, happened)
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "coverage_matrix",
        "use_case": uc.name,
        "title": uc.title,
        "language": uc.language,
        "articles": lists["articles"],
        "rows": rows,
        "frameworks": lists["frameworks"],
        "views": role_views(uc, rows),
        "missing": missing_rows(rows),
        "orphans": orphans_of(uc, graph, [one for entries in asked.values() for one in entries]),
        "unknown_tags": unknown_tags(graph),
        "counts": {
            "articles": counted(lists["articles"]),
            "rows": counts_of(rows),
            "frameworks": counted(lists["frameworks"]),
        },
        "assets": {a.name: {**asdict(a), **asdict(states.get(a.name, State()))} for a in graph},
    }


def counted(entries: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    return dict(sorted(Counter(entry["status"] for entry in entries).items()))


def binds(article: str, duties: Sequence[Mapping[str, Any]] | None) -> bool | None:
    """Whether a duty that holds here cites the article, a part of it, or what it is a part of; None where the
    classification says nothing of it."""
    citing = [
        duty
        for duty in duties or []
        if any(belongs_to(article, one) or belongs_to(one, article) for one in duty["articles"])
    ]
    return any(duty["applies"] for duty in citing) if citing else None


def row(
    uc: UseCase,
    asked: Asked,
    graph: Sequence[Described],
    states: Mapping[str, State],
    records: Mapping[str, int],
    applying: Collection[str],
) -> dict[str, Any]:
    """One article, or one part of a framework."""
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


def unknown_tags(graph: Sequence[Described]) -> dict[str, str]:
    """Asset → its article tag, where the register knows no such article."""
    return {a.name: a.article for a in graph if a.article and a.article not in every_article()}


def open_entries(matrix: Mapping[str, Any]) -> list[str]:
    """`id: status` of what is open: of the articles those that apply already and bind this use case, of the rows those
    that are missing or wait for a person."""
    articles = [
        f"{entry['id']}: {entry['status']}"
        for entry in matrix["articles"]
        if entry["status"] in OPEN and entry["applies"] and entry["binds"] is not False
    ]
    return articles + [f"{r['id']}: {r['state']}" for r in matrix["rows"] if r["state"] in OPEN_STATES]


def render_coverage(matrix: dict[str, Any]) -> str:
    """The matrix as Markdown, in the language of its use case."""
    return render_template("coverage_matrix.md.j2", _context(matrix))


def render_views(matrix: dict[str, Any]) -> dict[str, str]:
    """The page of each role by file name: its question, and the rows that answer it."""
    rows = {row["id"]: row for row in matrix["rows"]}
    return {
        f"coverage_{role}.md": render_template(
            "coverage_view.md.j2",
            {**_context(matrix), "role": role, "view": view, "shown": [rows[name] for name in view["rows"]]},
        )
        for role, view in matrix["views"].items()
    }


def _context(matrix: dict[str, Any]) -> dict[str, Any]:
    return {"matrix": matrix, "statuses": STATUSES, "states": STATES, "t": labels(matrix["language"])}

"""The rows of the life: how each of its artifacts stands, by evidence.

Belongs here: the state of a row, why, and who answers for it; the views of the roles. Does not belong here: which rows
there are (`lifecycle.yaml`), articles and frameworks (`coverage.py`), how evidence is gathered (orchestration).

A row is *verified* where each asset that it needs was made, every byte and claim of it holds, nothing in it is a gap
and all its checks passed. That a file exists is *present* at most."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from genaiops_assets.governance.compliance.graph import Described, State, carries, is_named, named, unverified
from genaiops_assets.governance.compliance.registry import Asked, people_checks, views, waits_for
from genaiops_assets.use_case import UseCase

STATES = ("missing", "human_gap", "present", "verified", "not_owed")  # worst first
SHOWN = 12  # gaps and checks of a row that are named


def life_rows(
    uc: UseCase,
    asked: Sequence[Asked],
    graph: Sequence[Described],
    states: Mapping[str, State],
    records: Mapping[str, int],
    owed: Mapping[str, Any],
    happened: Collection[str],
) -> list[dict[str, Any]]:
    """Every row. `records`: how many of people's records there are of each kind; `owed`: `/owed` of the regulatory
    classification, empty before there is one (then all is owed); `happened`: `release` once something is in
    production."""
    return [life_row(uc, one, graph, states, records, owed, happened) for one in asked]


def life_row(
    uc: UseCase,
    asked: Asked,
    graph: Sequence[Described],
    states: Mapping[str, State],
    records: Mapping[str, int],
    owed: Mapping[str, Any],
    happened: Collection[str],
) -> dict[str, Any]:
    names = asked.carried_by["assets"]
    needed = [n for n in names if not asked.law or not owed or owed.get(n, {"owed": True})["owed"]]
    carriers = [a for a in graph if (carries(a, asked) if not asked.law else a.name in (needed or names))]
    why_not = not_owed(uc, asked, needed, owed, happened)
    due = [a for a in carriers if not a.external] or carriers
    lacking = sorted({*needed} - {a.name for a in graph})
    not_made = [a.name for a in due if not states.get(a.name, State()).digest]
    gaps = [f"{a.name}: {gap}" for a in due for gap in states.get(a.name, State()).gaps]
    unwritten = [f"records: none of kind {kind}" for kind in asked.records if not records.get(kind)]
    not_passed = [*named(due, states, "failed"), *named(due, states, "warned")]
    waiting = [c for c in not_passed if c.split(":")[1] in people_checks()]
    broken = [f"{a.name}: {problem}" for a in due for problem in states.get(a.name, State()).problems]
    open_checks = unverified(due, states)
    state, because = judged(why_not, [*lacking, *not_made], [*gaps, *unwritten, *waiting], [*broken, *open_checks])
    return {
        "id": asked.id,
        "title": asked.title[uc.language],
        "titles": dict(asked.title),
        "phase": asked.phase,
        "source": asked.source,
        "checked_on": asked.checked_on,
        "basis": "law" if asked.law else "practice",
        "articles": articles_of(asked, needed, owed),
        "state": state,
        "because": because,
        "assets": [a.name for a in carriers],
        "lacking": lacking,
        "not_made": not_made,
        "unwritten": unwritten,
        "gaps": gaps[:SHOWN],
        "broken": broken[:SHOWN],
        "failed": named(due, states, "failed"),
        "warned": named(due, states, "warned"),
        "evidence": evidence_of(due, states),
        "owners": list(uc.people.answering_for(asked.phase)),
    }


def articles_of(asked: Asked, needed: Sequence[str], owed: Mapping[str, Any]) -> list[str]:
    """By which articles the law asks for a row: for what it makes somebody owe, now."""
    due = [owed[n] for n in needed if n in owed and (owed[n]["owed"] or asked.law)]
    return sorted({article for one in due for article in one.get("articles", [])})


def evidence_of(due: Sequence[Described], states: Mapping[str, State]) -> list[dict[str, str]]:
    """The outputs that a row rests on."""
    made = ((asset.name, states.get(asset.name, State())) for asset in due)
    return [{"asset": name, "digest": s.digest, "partition": s.partition} for name, s in made if s.digest]


def not_owed(
    uc: UseCase, asked: Asked, needed: Sequence[str], owed: Mapping[str, Any], happened: Collection[str]
) -> str:
    """Why a row is not owed here and now; "" where it is."""
    if asked.after and asked.after not in happened:
        return waits_for(asked.after)[uc.language]
    if asked.law and not needed:
        said = [owed[name] for name in asked.carried_by["assets"] if name in owed]
        return " ".join(dict.fromkeys(one.get("because_in", {}).get(uc.language) or one["because"] for one in said))
    return ""


def judged(
    why_not: str, missing: Sequence[str], waits_for_people: Sequence[str], unproven: Sequence[str]
) -> tuple[str, list[str]]:
    """(state, what it rests on), the worst that can be said; what is not owed stays so whatever lies there."""
    if why_not:
        return "not_owed", [why_not]
    for state, found in (("missing", missing), ("human_gap", waits_for_people), ("present", unproven)):
        if found:
            return state, list(dict.fromkeys(found))[:SHOWN]
    return "verified", []


def number_of(row: Mapping[str, Any]) -> str:
    """Of `61a`, `61`: parts of one row of the list count as one."""
    return str(row["id"]).rstrip("abcdefg")


def counts_of(rows: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How many rows of the list are in each state; one in parts has the worst state of them."""
    worst: dict[str, str] = {}
    for row in rows:
        number, state = number_of(row), row["state"]
        worst[number] = min(worst.get(number, state), state, key=STATES.index)
    found = Counter(worst.values())
    return {state: found[state] for state in STATES if found[state]}


def missing_rows(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """`48 Emerging threats: threat_register (Olga Owner)` of every owed row that is missing."""
    return [
        f"{row['id']} {row['title']}: {', '.join(row['because'])} ({', '.join(row['owners'])})"
        for row in rows
        if row["state"] == "missing"
    ]


def orphans_of(uc: UseCase, graph: Sequence[Described], asked: Sequence[Asked]) -> list[dict[str, Any]]:
    """Assets that no row, article or framework names, with who answers for them. To be in a phase is no name."""
    return [
        {"asset": a.name, "phase": a.phase, "owners": list(uc.people.answering_for(a.phase))}
        for a in graph
        if not any(is_named(a, one) for one in asked)
    ]


def role_views(uc: UseCase, rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """{role: {question, rows, counts}}: for each role the rows that answer its question, the open ones first."""
    found = {}
    for view in views():
        chosen = [r for r in rows if r["id"] in view.rows or r["phase"] in view.phases]
        ordered = sorted(chosen, key=lambda row: STATES.index(row["state"]))
        found[view.id] = {
            "question": view.question[uc.language],
            "rows": [row["id"] for row in ordered],
            "counts": counts_of(chosen),
        }
    return found

"""Threats: what attackers achieved and what incidents showed, brought together where it is the same thing.

Belongs here: clusters of hits, how each stands, and the phrase that a guard could stop. Does not belong here: attacking
(`evaluation/red_team`), guards themselves (`serving`, above this room). Texts are compared here and stay in their
tables; the register holds ids, counts and, of packaged and added attacks, one short phrase."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from genaiops_assets.evaluation import ADDED, Attack
from genaiops_assets.evidence import labels, render_template
from genaiops_assets.lake import digest_of
from genaiops_assets.text import language, ngrams, normalise, words
from genaiops_assets.use_case import AS_GIVEN, UseCase

SCHEMA_VERSION = 1
ALIKE = 0.6  # Jaccard similarity of the words of two attacks that are one threat
PHRASE = {"en": 4, "zh": 8}  # words (characters) in a row that a phrase has
LEAST_HITS = 2  # in so many hits a phrase has to stand
DEFAULT_RISK, DEFAULT_OWASP = "information_security", "LLM01"
Guarded = Callable[[str, str], str]  # (question, answer) → name of the guard that stops it, or ""


def incident_attacks(incidents: Iterable[Mapping[str, Any]], records: Iterable[Mapping[str, Any]]) -> list[Attack]:
    """Incidents that can be tried again (`attempt`), as attacks on later versions; their class of risk is that of the
    first failure mode they hit."""
    classes = {r["id"]: r.get("risk_class") for r in records if r["kind"] == "risk"}
    found = []
    for one in incidents:
        if not one["attempt"]:
            continue
        hit = [classes.get(mode.partition("/")[0]) for mode in one["failure_modes"]]
        risk = next(filter(None, hit), DEFAULT_RISK)
        ask = one["attempt"]["ask"]
        found.append(
            Attack(
                id=f"{risk}/{one['id']}/{AS_GIVEN}",
                seed=one["id"],
                mutator=AS_GIVEN,
                risk=risk,
                owasp=DEFAULT_OWASP,
                language="zh" if language(ask) == "zh" else "en",
                detector="says",
                question=ask,
                look=one["attempt"]["look"],
                source=ADDED,
            )
        )
    return found


def clusters(hits: Sequence[Mapping[str, Any]]) -> list[list[Mapping[str, Any]]]:
    """Hits that are one threat: attempts at one seed, or of one class of risk with much the same words. `hits`: rows of
    `red_team_regressions`."""
    groups: list[tuple[set[tuple[str, str]], list[set[str]], list[Mapping[str, Any]]]] = []
    for hit in hits:
        probe, said = (hit["risk"], hit["seed"]), set(words(normalise(hit["question"]).casefold()))
        same = [g for g in groups if probe in g[0] or (hit["risk"] in {r for r, _ in g[0]} and near(said, g[1]))]
        merged: tuple[set[tuple[str, str]], list[set[str]], list[Mapping[str, Any]]] = ({probe}, [said], [])
        for group in same:
            groups.remove(group)
            merged[0].update(group[0])
            merged[1].extend(group[1])
            merged[2].extend(group[2])
        groups.append((merged[0], merged[1], [*merged[2], hit]))
    return [group[2] for group in groups]


def near(said: set[str], others: Iterable[set[str]]) -> bool:
    return any(len(said & other) >= ALIKE * len(said | other) > 0 for other in others)


def build_threats(
    uc: UseCase,
    hits: Sequence[Mapping[str, Any]],
    versions: Sequence[str],
    again: Iterable[str],
    attacks: Sequence[Attack],
    *,
    harmless: Sequence[str],
    guarded: Guarded,
) -> dict[str, Any]:
    """threat_register.json. `hits`: rows of `red_team_regressions` of `versions`, which are all that were attacked, the
    oldest first; `again`: attacks that succeeded once more in the newest version; `attacks`: those that incidents gave;
    `harmless`: questions that a rule must let through."""
    found, newest = [], versions[-1] if versions else ""
    failing = set(again)
    for group in clusters(hits):
        found.append(threat(group, versions, newest, failing, harmless, guarded))
    hit_seeds = {hit["seed"] for hit in hits}
    found += [untried(a, guarded) for a in attacks if a.seed not in hit_seeds]
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "threat_register",
        "use_case": uc.name,
        "title": uc.title,
        "language": uc.language,
        "versions": list(versions),
        "threats": sorted(found, key=lambda t: (STATES.index(t["state"]), -t["hits"], t["id"])),
    }


STATES = ("new", "standing", "untried", "gone")


def threat(
    group: Sequence[Mapping[str, Any]],
    versions: Sequence[str],
    newest: str,
    failing: set[str],
    harmless: Sequence[str],
    guarded: Guarded,
) -> dict[str, Any]:
    """One threat. `new`: no earlier version failed at it; `standing`: the newest version failed at it again; `gone`: it
    was tried again and did not succeed."""
    order = {version: place for place, version in enumerate(versions)}
    seen = sorted({hit["failed_in"] for hit in group}, key=lambda v: order.get(v, -1))
    is_new = seen == [newest]
    again = sorted({hit["attack"] for hit in group} & failing)
    first = min(group, key=lambda hit: (order.get(hit["failed_in"], -1), hit["id"]))
    stopped = Counter(name for hit in group if (name := guarded(hit["question"], hit["answer"])))
    return {
        "id": f"threat-{digest_of([first['risk'], first['seed']])[:8]}",
        "state": "new" if is_new else "standing" if again or newest in seen else "gone",
        "risk": first["risk"],
        "owasp": first["owasp"],
        "seeds": sorted({hit["seed"] for hit in group}),
        "mutators": sorted({hit["mutator"] for hit in group}),
        "hits": len(group),
        "attacks": sorted({hit["attack"] for hit in group}),
        "first_seen": seen[0],
        "last_seen": newest if again else seen[-1],
        "failed_again": again,
        "regression": "each of these attacks is tried on every later version",
        "guards": dict(sorted(stopped.items())),
        "offer": offered_phrase(group, harmless),
    }


def untried(attack: Attack, guarded: Guarded) -> dict[str, Any]:
    """A threat that an incident showed and no version was attacked with yet."""
    name = guarded(attack.question, "")
    return {
        "id": f"threat-{digest_of([attack.risk, attack.seed])[:8]}",
        "state": "untried",
        "risk": attack.risk,
        "owasp": attack.owasp,
        "seeds": [attack.seed],
        "mutators": [attack.mutator],
        "hits": 0,
        "attacks": [attack.id],
        "first_seen": "",
        "last_seen": "",
        "failed_again": [],
        "regression": "the next version is attacked with it",
        "guards": {name: 1} if name else {},
        "offer": None,
    }


def offered_phrase(group: Sequence[Mapping[str, Any]], harmless: Sequence[str]) -> dict[str, Any] | None:
    """The words in a row that stand in most of the hits and in none of the harmless questions: {phrase, stops, of,
    harmless}, as a rule that a person may adopt; None where there are none."""
    length = PHRASE["zh" if group[0]["language"] == "zh" else "en"]
    said = [set(ngrams(words(normalise(hit["question"]).casefold()), length)) for hit in group]
    kept = {phrase for text in harmless for phrase in ngrams(words(normalise(text).casefold()), length)}
    counts = Counter(phrase for phrases in said for phrase in phrases if phrase not in kept)
    best = min(counts, key=lambda phrase: (-counts[phrase], phrase), default=None)
    if best is None or counts[best] < max(LEAST_HITS, len(group) / 2):
        return None
    phrase = ("" if group[0]["language"] == "zh" else " ").join(best)
    return {"phrase": phrase, "stops": counts[best], "of": len(group), "harmless": len(harmless)}


def unanswered_threats(document: Mapping[str, Any], active: Iterable[str]) -> list[str]:
    """Threats that the newest version failed at and that no active guard stops. `active`: the use case's guards."""
    on = set(active)
    return [
        f"{t['id']} ({t['risk']}: {', '.join(t['seeds'][:3])}) succeeded {t['hits']} times, stopped by no active guard"
        for t in document["threats"]
        if t["state"] in ("new", "standing") and sum(n for name, n in t["guards"].items() if name in on) < t["hits"]
    ]


def render_threats(document: Mapping[str, Any], said: str) -> str:
    """The register as Markdown, in English or Chinese."""
    return render_template("threat_register.md.j2", {"page": document, "t": labels(said)})

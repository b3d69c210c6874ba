"""Post-mortems: for which incidents one is owed, until when, and what the ones that were written say.

Belongs here: matching people's records of kind post_mortem with the incident log. Does not belong here: the log
(`governance/incidents`), the fields of the record (`governance/records`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from genaiops_assets.evidence import Evidence, claim, labels, person_text, render_template
from genaiops_assets.use_case import UseCase

SCHEMA_VERSION = 1
GRAVE = ("major", "serious")


def build_post_mortems(uc: UseCase, incidents: Evidence, records: Evidence) -> dict[str, Any]:
    """post_mortems.json: one row for each incident that is grave or was written about, the newest first: what happened
    (claims on the log), why and what is done (claims on the record), or a gap."""
    written = [(n, r) for n, r in enumerate(records.document["records"]) if r["kind"] == "post_mortem"]
    log = incidents.document["incidents"]
    rows = [
        entry(uc, place, incidents, records, matching(one, written))
        for place, one in enumerate(log)
        if is_owed(one) or matching(one, written)
    ]
    known = {one["id"] for one in log}
    kinds = {r["id"]: r["kind"] for r in records.document["records"]}
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "post_mortems",
        "use_case": uc.name,
        "title": uc.title,
        "language": uc.language,
        "post_mortems": rows,
        "problems": [problem for _, r in written for problem in lost(r, known, kinds)],
    }


def is_owed(incident: Mapping[str, Any]) -> bool:
    """Of a major or serious incident; a rollback that the platform did by itself is major."""
    return incident["severity"] in GRAVE


def matching(incident: Mapping[str, Any], written: Sequence[tuple[int, Mapping[str, Any]]]) -> list[int]:
    """Places of the records about one incident, the first written first."""
    found = [(r["written_on"], n) for n, r in written if incident["id"] in r["incidents"]]
    return [n for _, n in sorted(found)]


def entry(uc: UseCase, place: int, incidents: Evidence, records: Evidence, written: list[int]) -> dict[str, Any]:
    one = incidents.document["incidents"][place]
    at = f"/incidents/{place}"
    due = date.fromisoformat(one["aware_at"][:10]) + timedelta(days=uc.monitoring.audit.post_mortem_within_days)
    told = {
        name: claim(incidents, f"{at}/{name}") for name in ("id", "title", "severity", "happened_at", "owner", "text")
    }
    said: dict[str, Any] = person_text("", f"a record of kind post_mortem about {one['id']}")
    if written:
        record, where = records.document["records"][written[0]], f"/records/{written[0]}"
        fields = [f for f in ("text", "root_cause", "went_well", "actions", "no_action") if record.get(f)]
        said = {name: claim(records, f"{where}/{name}") for name in ("id", "author", "written_on", *fields)}
    return {"incident": told, "owed": is_owed(one), "due": due.isoformat(), "written": said}


def lost(record: Mapping[str, Any], known: set[str], kinds: Mapping[str, str]) -> list[str]:
    """What a post-mortem names and does not exist."""
    gone = [f"{record['id']}: there is no incident {name}" for name in record["incidents"] if name not in known]
    actions = [name for name in record.get("actions", ()) if kinds.get(name) != "mitigation"]
    return gone + [f"{record['id']}: {name} is no mitigation" for name in actions]


def late_post_mortems(document: Mapping[str, Any], today: date) -> list[str]:
    """Incidents whose post-mortem was due before a day and is not written."""
    return [
        f"{row['incident']['id']['value']} ({row['incident']['title']['value']}): was due on {row['due']}, "
        f"{row['incident']['owner']['value']} sees to it"
        for row in document["post_mortems"]
        if row["owed"] and "gap" in row["written"] and date.fromisoformat(row["due"]) < today
    ]


def render_post_mortems(document: Mapping[str, Any], language: str) -> str:
    """The page as Markdown, in English or Chinese."""
    return render_template("post_mortems.md.j2", {"page": document, "t": labels(language)})

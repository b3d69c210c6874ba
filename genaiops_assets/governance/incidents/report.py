"""The report of an incident to an authority, in the order that the Code of Practice (measure 9.2) and the Commission's
template for Article 55(1)(c) ask for.

Belongs here: which fields there are, what of them is measured (claims), what people said, and what is a gap. Does not
belong here: until when it is owed (`clocks.py`), the words around it (`templates/incident_report.md.j2`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from genaiops_assets.evidence import Evidence, claim, has, labels, person_text, render_template

SCHEMA_VERSION = 1
INITIAL = ("affected", "chain_of_events", "evidence", "response", "recommendation")  # of the first report, beside dates
LATER = ("root_cause", "patterns")


def build_report(
    incident: Mapping[str, Any],
    deadlines: Iterable[Mapping[str, Any]],
    *,
    scope: Evidence,
    register: Evidence,
    decision: Evidence | None,
    same_mode: Iterable[Mapping[str, Any]],
) -> dict[str, Any]:
    """The report as JSON. `decision`: of the model version involved, None where nobody named one; `same_mode`: the
    other incidents and near misses of its failure modes (field 9)."""
    name = incident["id"]
    said = {field: told(incident, field) for field in (*INITIAL, *LATER)}
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "incident_report",
        "incident": name,
        "title": incident["title"],
        "severity": incident["severity"],
        "started": incident["happened_at"],
        "ended": incident["closed_at"] or None,
        "aware": incident["aware_at"],
        "aware_is_stated": incident["aware_stated"],
        "harms": incident["harms"] or [gap(name, "harms")],
        "system": {
            "title": claim(scope, "/title"),
            "intended_use": claim(scope, "/purpose/intended_use"),
            "oversight": claim(scope, "/purpose/human_oversight"),
            "model_version": incident["model_version"] or gap(name, "model_version"),
            **({"verdict": claim(decision, "/verdict")} if decision else {}),
        },
        "description": incident["text"],
        "said": said,
        "failure_modes": [known_mode(register, mode) for mode in incident["failure_modes"]],
        "near": [{k: other[k] for k in ("id", "title", "severity", "happened_at")} for other in same_mode],
        "submitter": incident["owner"],
        "deadlines": list(deadlines),
        "handed_in": incident["reports"],
    }


def told(incident: Mapping[str, Any], field: str) -> dict[str, Any]:
    return person_text(incident["report"].get(field, ""), f"incident {incident['id']}: report.{field}")


def gap(incident: str, field: str) -> dict[str, Any]:
    return person_text("", f"incident {incident}: {field}")


def known_mode(register: Evidence, name: str) -> dict[str, Any]:
    """What the register knew of a failure mode before: claims; a gap where it does not know it."""
    risk, _, mode = name.partition("/")
    for i, one in enumerate(register.document["risks"]):
        for j, known in enumerate(one["failure_modes"]):
            if (one["id"], known["id"]) == (risk, mode):
                at = f"/risks/{i}/failure_modes/{j}"
                told = {part: claim(register, f"{at}/{part}") for part in ("mode", "controls", "severity")}
                actions = claim(register, f"{at}/actions") if has(register, f"{at}/actions") else None
                return {"name": name, **told, **({"actions": actions} if actions else {})}
    return {"name": name, **person_text("", f"risk register: {name} is no failure mode there")}


def render_report(report: Mapping[str, Any], language: str) -> str:
    """The report as Markdown, in English or Chinese, whatever the language of the use case."""
    return render_template("incident_report.md.j2", {"report": report, "t": labels(language), "language": language})

"""The risk register: what people wrote about the twelve classes of risk, and what NIST suggests to do.

Belongs here: from records of kind risk to the register. Does not belong here: fields and files of records
(`governance/records`), figures of a model version (`fmea.py`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, cast

import yaml

from genaiops_assets.evidence import labels, render_template
from genaiops_assets.use_case import RISK_CLASSES

SCHEMA_VERSION = 1
KEPT = ("id", "title", "author", "owner", "written_on", "likelihood", "severity", "source", "evidence", "text")


def build_register(name: str, title: str, language: str, records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The register as JSON. `records`: records as `records.json` holds them; risks without a class are counted and left
    out, closed ones (`done_on`) too."""
    risks = [r for r in records if r["kind"] == "risk" and not r.get("done_on")]
    listed = [entry(r, records) for r in risks if r.get("risk_class")]
    classes = [class_entry(c, language, [r for r in listed if r["risk_class"] == c]) for c in RISK_CLASSES]
    suggested = suggestions()
    return {
        "schema_version": SCHEMA_VERSION,
        "use_case": name,
        "title": title,
        "language": language,
        "classes": classes,
        "risks": listed,
        "unrated": [c["id"] for c in classes if not c["risks"]],
        "unclassed": [r["id"] for r in risks if not r.get("risk_class")],
        "actions": {key: suggested[key] for key in ("source", "licence", "mapping", "checked_on")},
    }


def entry(risk: Mapping[str, Any], records: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A risk with what people did about it and what happened."""
    return {
        **{name: risk.get(name) for name in KEPT},
        "risk_class": risk["risk_class"],
        "failure_modes": risk.get("failure_modes", []),
        "mitigations": [_short(r) for r in _about(risk["id"], "mitigation", records)],
        "incidents": [r["id"] for r in _about(risk["id"], "incident", records)],
    }


def class_entry(risk_class: str, language: str, risks: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """A class with its worst risk: the highest severity, then the highest likelihood."""
    worst = max(risks, key=lambda r: (r["severity"], r["likelihood"]), default=None)
    return {
        "id": risk_class,
        "title": class_title(risk_class, language),
        "risks": [r["id"] for r in risks],
        "owners": sorted({r["owner"] for r in risks}),
        "severity": worst["severity"] if worst else None,
        "likelihood": worst["likelihood"] if worst else None,
        "source": worst["source"] if worst else None,
        "suggested_actions": [{"id": a["id"], "text": a[language]} for a in suggestions()["actions"][risk_class]],
    }


def class_title(risk_class: str, language: str) -> str:
    return str(labels(language)[f"risk_class_{risk_class}"])


def render_register(register: Mapping[str, Any]) -> str:
    """The register as Markdown, in the language of its use case."""
    return render_template("risk_register.md.j2", {"register": register, "t": labels(register["language"])})


@cache
def suggestions() -> dict[str, Any]:
    """Suggested actions by class, with source and licence."""
    text = files("genaiops_assets.governance.risk").joinpath("suggested_actions.yaml").read_text("utf-8")
    return cast("dict[str, Any]", yaml.safe_load(text))


def _about(risk: str, kind: str, records: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [r for r in records if r["kind"] == kind and risk in r["about"]]


def _short(mitigation: Mapping[str, Any]) -> dict[str, Any]:
    return {name: mitigation.get(name) for name in ("id", "title", "owner", "due", "done_on")}

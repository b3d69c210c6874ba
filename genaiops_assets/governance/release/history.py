"""What happened to the versions of a use case, from the ledger, as JSON that documents claim from.

Belongs here: releases, overrides and revocations in one document, and which of them another document speaks of. Does
not belong here: what a person may decide (`approvals.py`, `revoking.py`), any document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genaiops_assets.evidence import Evidence, claim
from genaiops_assets.governance.release.overriding import override_in_words
from genaiops_assets.governance.release.revoked import revocations
from genaiops_assets.lake import Entry, Lake
from genaiops_assets.use_case import UseCase

HISTORY, HISTORY_FILE = "release_history", "release_history.json"


def build_history(lake: Lake, uc: UseCase) -> dict[str, Any]:
    """{production: the last release or null, releases, overrides, revoked}, each list oldest first. An override is one
    of the last decision on its version; `released` says whether that version ever answered."""
    releases = [e for e in lake.ledger.entries("release") if e.body.get("use_case") == uc.name]
    gone = revocations(lake, uc)
    ever = {entry.body["model_version"] for entry in releases}
    return {
        "schema_version": 1,
        "kind": HISTORY,
        "use_case": uc.name,
        "production": in_production(releases[-1], gone) if releases else None,
        "releases": [one_release(entry) for entry in releases],
        "overrides": [
            override_of_entry(entry, ever) for entry in last_decisions(lake, uc).values() if entry.body.get("override")
        ],
        "revoked": [
            {
                "model_version": version,
                "by": made.by,
                "on": made.at,
                "reason": made.reason,
                "was_released": version in ever,
                "successor": successor_of(made.at, version, releases),
                "in_words": made.in_words(),
            }
            for version, made in gone.items()
        ],
    }


def last_decisions(lake: Lake, uc: UseCase) -> dict[str, Entry]:
    found: dict[str, Entry] = {}
    for entry in lake.ledger.entries("approval"):
        if entry.body.get("use_case") == uc.name:
            found[entry.body["model_version"]] = entry
    return {v: e for v, e in found.items() if e.body["decision"] == "approved"}


def one_release(entry: Entry) -> dict[str, Any]:
    body = entry.body
    said = {name: body[name] for name in ("model_version", "kind", "by", "reason")}
    return {**said, "on": entry.at, "signed": "signature" in body}


def in_production(entry: Entry, gone: Mapping[str, Any]) -> dict[str, Any]:
    version = entry.body["model_version"]
    override = entry.body.get("override") or {}
    return {
        **one_release(entry),
        "revoked": gone[version].in_words() if version in gone else "",
        "override": override_in_words(override),
    }


def override_of_entry(entry: Entry, ever: set[str]) -> dict[str, Any]:
    override, version = entry.body["override"], entry.body["model_version"]
    return {
        "model_version": version,
        **{
            name: override[name]
            for name in ("verdict", "undecided", "missed", "accepted_by", "text", "until", "record")
        },
        "on": entry.at,
        "released": version in ever,
        "in_words": f"{version}: {override_in_words(override)}",
    }


def successor_of(at: str, version: str, releases: list[Entry]) -> str:
    """The version that was released after a revocation, "" for none yet."""
    later = [e.body["model_version"] for e in releases if e.at >= at and e.body["model_version"] != version]
    return later[0] if later else ""


def told_of_versions(history: Evidence | None, version: str = "") -> dict[str, Any]:
    """What a document says of overrides and revocations: {overrides, revoked}, each a claim; empty lists are left out.
    `version`: only of this one."""
    if history is None:
        return {}
    found = {
        name: [
            claim(history, f"/{name}/{place}")
            for place, one in enumerate(history.document[name])
            if version in ("", one["model_version"])
        ]
        for name in ("overrides", "revoked")
    }
    return {name: claims for name, claims in found.items() if claims}

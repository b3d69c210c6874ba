"""Which edition of a document belongs to a model version, by the ledger.

Belongs here: finding it. Does not belong here: comparing editions (`changes.py`).

A document made for each version has its own. One of the whole use case belongs to a version as it stood when the
last artifact of that version was made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from genaiops_assets.errors import Unusable
from genaiops_assets.governance.documents.changes import document_changes, is_empty
from genaiops_assets.lake import Entry, Lake
from genaiops_assets.use_case import UseCase


def changed_documents(
    lake: Lake, uc: UseCase, before: str, after: str, names: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """{document: {"before": digest, "after": digest, **changes}} of those among `names` that differ. A document that
    only one of the versions has is {"only": "before" | "after"}. Raises Unusable for an unknown version."""
    entries = list(lake.ledger.entries("materialized"))
    for version in (before, after):
        if not any(e.body["partition"] == version for e in entries if e.body["asset"].startswith(uc.key(""))):
            raise Unusable(f"{version} is no model version of {uc.name} that anything was made for")
    found: dict[str, dict[str, Any]] = {}
    for name in names:
        old, new = (edition_of(entries, uc, name, version) for version in (before, after))
        if old == new:
            continue
        if old is None or new is None:
            found[name] = {"only": "before" if old else "after"}
            continue
        contents = [lake.artifacts.get(uc.key(name), digest).json(f"{name}.json") for digest in (old, new)]
        changes = document_changes(*contents)
        if not is_empty(changes):
            found[name] = {"before": old, "after": new, **changes}
    return found


def edition_of(entries: Sequence[Entry], uc: UseCase, name: str, version: str) -> str | None:
    """The digest of the document that belongs to a version; None where there is none."""
    made = [e for e in entries if e.body["asset"] == uc.key(name)]
    own = [e for e in made if e.body["partition"] == version]
    if own:
        return str(own[-1].body["digest"])
    if any(e.body["partition"] for e in made):
        return None
    ends = [e.seq for e in entries if e.body["partition"] == version and e.body["asset"].startswith(uc.key(""))]
    standing = [e for e in made if ends and e.seq <= max(ends)]
    return str(standing[-1].body["digest"]) if standing else None

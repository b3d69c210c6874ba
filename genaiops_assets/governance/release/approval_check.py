"""Whether each approval and rejection in the ledger is one that a person made there and then: about outputs made for
that version before it, by somebody who was approver, and not an earlier decision copied to the end.

Belongs here: reading decisions against the entries before them. Does not belong here: releases (`ledger_check.py`), the
present state of an approval (`approvals.py`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genaiops_assets.errors import Refused
from genaiops_assets.governance.release.ledger_check import was_approver
from genaiops_assets.lake import Entry, Lake


def approval_problems(lake: Lake) -> list[str]:
    """One line each, naming the entry's file."""
    entries = list(lake.ledger.entries())
    made: dict[tuple[str, str], set[str | None]] = {}
    decided: dict[tuple[str, str], list[Entry]] = {}
    found = []
    for entry in entries:
        body = entry.body
        if entry.kind == "materialized":
            made.setdefault((body["asset"], body["digest"]), set()).add(body["partition"])
        elif entry.kind == "approval":
            before = decided.setdefault((body["use_case"], body["model_version"]), [])
            found += [f"ledger/{entry.name}: {why}" for why in wrong_with(lake, entry, entries, made, before)]
            before.append(entry)
    return found


def wrong_with(
    lake: Lake, entry: Entry, entries: list[Entry], made: Mapping[tuple[str, str], set[str | None]], before: list[Entry]
) -> list[str]:
    body, found = entry.body, []
    version = body["model_version"]
    foreign = [
        name
        for name, digest in body["digests"].items()
        if not made.get((f"{body['use_case']}/{name}", digest), set()) & {version, None}
    ]
    if foreign:
        found.append(f"decides on a {', a '.join(foreign)} that was not made for {version} before: copied or altered")
    if repeats(body, before):
        found.append(f"repeats a decision on {version} word for word after another one: a replayed approval")
    if not was_approver(lake, entry, entries):
        found.append(f"a decision by {body.get('name')!r}, who was no approver then")
    return found


def repeats(body: Mapping[str, Any], before: list[Entry]) -> bool:
    """Whether a decision says word for word what an earlier one said, after another one came between."""
    return any(e.body == body for e in before) and before[-1].body != body


def refuse_repeated(lake: Lake, body: Mapping[str, Any]) -> None:
    """Raises Refused for a decision in the very words of an earlier one that another came after: such an entry could
    not be told from a copy."""
    key = (body["use_case"], body["model_version"])
    entries = lake.ledger.entries("approval")
    before = [e for e in entries if (e.body["use_case"], e.body["model_version"]) == key]
    if repeats(body, before):
        raise Refused("this was decided in the same words before, and otherwise since: say in --reason what is new")

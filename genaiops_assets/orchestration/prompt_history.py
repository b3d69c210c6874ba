"""The versions a use case's prompts had, and what changed between two of them.

Belongs here: reading earlier outputs of `prompts` as the ledger names them. Does not belong here: the words
(`models/prompts.py`)."""

from __future__ import annotations

import difflib
import json
from typing import Any

from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase

NO_WORDS = ("schema_version",)


def earlier_prompts(lake: Lake, uc: UseCase) -> list[dict[str, Any]]:
    """{digest, at, version, texts} of each output of `prompts` that the ledger names, oldest first; one that was
    current again stands where it came last."""
    key, found = uc.key("prompts"), dict[str, dict[str, Any]]()
    for entry in lake.ledger.entries("materialized"):
        digest = entry.body["digest"]
        if entry.body["asset"] == key and lake.artifacts.has(key, digest):
            artifact = lake.artifacts.get(key, digest)
            found.pop(digest, None)
            found[digest] = {
                "digest": digest,
                "at": entry.at,
                "version": str(artifact.summary["figures"].get("version", "")),
                "texts": artifact.json("prompts.json"),
            }
    return list(found.values())


def changed_parts(before: dict[str, Any], after: dict[str, Any]) -> list[dict[str, str]]:
    """Rows {part, before, after} of what is said otherwise."""
    names = [n for n in dict.fromkeys((*after, *before)) if n not in NO_WORDS and before.get(n) != after.get(n)]
    return [{"part": n, "before": shown(before.get(n)), "after": shown(after.get(n))} for n in names]


def diff_of(before: dict[str, Any], after: dict[str, Any], since: str) -> str:
    """As people read a change: a unified diff in Markdown, part by part."""
    parts = []
    for row in changed_parts(before, after):
        lines = difflib.unified_diff(
            row["before"].splitlines(), row["after"].splitlines(), lineterm="", fromfile=since, tofile="now", n=1
        )
        parts.append(f"**{row['part']}**\n\n```diff\n" + "\n".join(lines) + "\n```")
    return "\n\n".join(parts) or "Nothing is said otherwise."


def shown(value: Any) -> str:
    if value is None:
        return "none"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)

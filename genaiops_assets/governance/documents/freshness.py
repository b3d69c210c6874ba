"""Whether a document is fresh: not older than the last material change of what it speaks of, and no text in it due to
be read again.

Belongs here: that one rule, for all documents. Does not belong here: what counts as material (`freshness.yaml`), the
check in the graph (`orchestration/freshness.py`), the age of the public summary (`update_due.py`: a rule of its
template)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from genaiops_assets.lake import Artifact, Lake
from genaiops_assets.use_case import UseCase


@dataclass(frozen=True)
class Rules:
    """`freshness.yaml`."""

    review_days: int
    never_material: frozenset[str]
    of_version_ignores: frozenset[str]
    not_material: Mapping[str, frozenset[str]]
    further: tuple[str, ...]

    def ignored(self, document: str, *, of_version: bool) -> frozenset[str]:
        """Assets whose change makes this document no older."""
        own = self.not_material.get(document, frozenset())
        return self.never_material | own | (self.of_version_ignores if of_version else frozenset())


@cache
def freshness_rules() -> Rules:
    stated = yaml.safe_load(files("genaiops_assets.governance.documents").joinpath("freshness.yaml").read_text("utf-8"))
    own = {name: frozenset(one.get("not_material", ())) for name, one in stated["documents"].items()}
    return Rules(
        stated["review_days"],
        frozenset(stated["never_material"]),
        frozenset(stated["of_version_ignores"]),
        own,
        tuple(stated["further"]),
    )


def staleness(lake: Lake, uc: UseCase, document: str, version: str | None, today: date) -> list[str]:
    """Why a document is old, one sentence each; nothing where it is fresh or was never made. `version`: the model
    version of a document that each has."""
    head = lake.heads.get(uc.key(document), version)
    if head is None:
        return []
    made = lake.artifacts.get(uc.key(document), head["digest"])
    ignored = freshness_rules().ignored(document, of_version=version is not None)
    ways = [changed_inputs(lake, uc, inputs, ignored) for inputs in ways_made(lake, made, version)]
    changed = min(ways, key=len)
    content = made.json(f"{document}.json")
    return changed + overdue_texts(content, today)


def ways_made(lake: Lake, made: Artifact, version: str | None) -> list[Mapping[str, Any]]:
    """The inputs of every making that led to this very document: the same text may have been made from other inputs
    before, and is fresh where any of them is what there is now."""
    found = [made.provenance().get("inputs") or {}]
    for entry in lake.ledger.entries("materialized"):
        body = entry.body
        if (body["asset"], body["partition"], body["digest"]) == (made.asset, version, made.digest):
            record = lake.memo.get(body["memo"]) or {}
            found.append((record.get("provenance") or {}).get("inputs") or found[0])
    return found


def changed_inputs(lake: Lake, uc: UseCase, inputs: Mapping[str, Any], ignored: frozenset[str]) -> list[str]:
    """Inputs that are another output by now, in the partition they were read from, by the ledger."""
    published = outputs(lake, uc)
    found = []
    for name, digest in sorted(inputs.items()):
        if digest == "" and name not in ignored and lake.heads.get(uc.key(name)):
            found.append(f"{name} was made since")
            continue
        asset, partition = published.get(digest, ("", None))
        now = lake.heads.get(uc.key(asset), partition) if asset and asset not in ignored else None
        if now is not None and now["digest"] != digest:
            found.append(f"{asset} changed on {now['at'][:10]}")
    return list(dict.fromkeys(found))


def outputs(lake: Lake, uc: UseCase) -> dict[str, tuple[str, str | None]]:
    """Digest → (asset, partition) of everything the ledger says was published for a use case, the newest one."""
    found: dict[str, tuple[str, str | None]] = {}
    for entry in lake.ledger.entries("materialized"):
        name, _, asset = entry.body["asset"].partition("/")
        if name == uc.name:
            found[entry.body["digest"]] = (asset, entry.body["partition"])
    return found


def overdue_texts(content: Any, today: date) -> list[str]:
    """Texts of people in a document that are older than the days after which they are read again."""
    days = timedelta(days=freshness_rules().review_days)
    found = []
    for where, written in dated_texts(content):
        due = written + days
        if due < today:
            found.append(f"{where} was last read on {written}: due again since {due}")
    return found


def dated_texts(content: Any, where: str = "") -> Iterator[tuple[str, date]]:
    """(pointer, day) of each text in a document that somebody dated: the day it was signed, else written."""
    if isinstance(content, dict):
        stated = content.get("signed_on") or content.get("written_on")
        if isinstance(content.get("text"), str) and (day := _day(stated)):
            yield where or "/", day
        for name, value in content.items():
            yield from dated_texts(value, f"{where}/{name}")
    elif isinstance(content, list):
        for place, value in enumerate(content):
            yield from dated_texts(value, f"{where}/{place}")


def _day(stated: Any) -> date | None:
    try:
        return date.fromisoformat(str(stated)[:10])
    except ValueError:
        return None

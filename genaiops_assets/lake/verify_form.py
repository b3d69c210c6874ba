"""Verify, form: records beside the ledger are byte for byte as the platform writes them, say what the ledger says, and
nothing else lies among them.

Belongs here: the form of heads, memos, gates, marks, entries and the lake's id; gates against the ledger. Does not
belong here: what heads, memos and tombstones point at (`verify_records.py`), the pointer of production (governance)."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from genaiops_assets.lake.canonical import pretty_json
from genaiops_assets.lake.gates import JUDGED
from genaiops_assets.lake.identity import IDENTITY, known_id
from genaiops_assets.lake.ledger import MARKS

if TYPE_CHECKING:
    from genaiops_assets.lake.lake import Lake

DEPTHS = {"heads": 3, "memo": 2, "gates": 3, "ledger_marks": 1, "ledger": 1}  # place → levels to files
NAMES = {  # what files of a place are called, below it
    "heads": re.compile(r"[^/]+/[^/]+/[^/]+\.json"),
    "memo": re.compile(r"[^/]{1,2}/[^/]+\.json"),
    "gates": re.compile(r"[^/]+/[^/]+/[^/]+\.json"),
    "ledger_marks": re.compile(r"highest\.json"),
    "ledger": re.compile(r"\d{8,}-[0-9a-f]{16}\.json"),
}


def form_problems(lake: Lake, rewritten: Collection[str]) -> list[str]:
    """`rewritten`: keys of files that an erasure wrote anew."""
    found = [*identity_problems(lake), *mark_problems(lake), *gate_problems(lake)]
    for place, depth in DEPTHS.items():
        for key in keys_below(lake, place, depth):
            if not NAMES[place].fullmatch(key.removeprefix(f"{place}/")):
                found.append(f"{key}: nothing of the platform is called so; remove it")
            elif key not in rewritten and not is_as_written(lake, key):
                found.append(f"{key}: altered: not as the platform writes it")
    return found


def keys_below(lake: Lake, place: str, depth: int) -> Iterator[str]:
    for name in lake.store.list(place):
        if depth == 1:
            yield f"{place}/{name}"
        else:
            yield from keys_below(lake, f"{place}/{name}", depth - 1)


def is_as_written(lake: Lake, key: str) -> bool:
    try:
        data = lake.store.read(key)
        return pretty_json(json.loads(data)) == data
    except (OSError, ValueError):
        return False


def identity_problems(lake: Lake) -> list[str]:
    """The id file says the id and nothing else; a lake of an earlier version has none."""
    if not lake.store.exists(IDENTITY):
        return []
    as_made = pretty_json({"schema_version": 1, "id": known_id(lake.store)})
    return [] if lake.store.read(IDENTITY) == as_made else [f"{IDENTITY}: altered: not as the platform writes it"]


def mark_problems(lake: Lake) -> list[str]:
    """The mark of how far the ledger went is about one of its entries; whether that is there, the ledger says."""
    try:
        mark = json.loads(lake.store.read(MARKS))
        entry = lake.ledger.entry(mark["seq"])
    except FileNotFoundError:
        return []
    except (ValueError, KeyError, TypeError):
        return [f"{MARKS}: not a mark"]
    if entry is None or mark != {"seq": entry.seq, "hash": entry.hash, "at": entry.at}:
        return [f"{MARKS}: is not about an entry of the ledger"]
    return []


def gate_problems(lake: Lake) -> list[str]:
    """Each outcome the ledger holds is found through the record beside it. What the ledger's very last entry says may
    be missing there: a kill can come between the two."""
    judged: dict[str, dict[str, int]] = {}
    last = 0
    for entry in lake.ledger.entries():
        last = entry.seq
        if entry.kind == JUDGED:
            key = f"gates/{entry.body['asset']}/{entry.body['digest']}.json"
            judged.setdefault(key, {}).update(dict.fromkeys(entry.body["outcomes"], entry.seq))
    found = []
    for key, expected in judged.items():
        try:
            stated = json.loads(lake.store.read(key))
        except FileNotFoundError:
            stated = {}
        except ValueError:
            continue  # its form is told above
        settled = {name: seq for name, seq in expected.items() if seq != last}
        if not isinstance(stated, dict) or any(stated.get(name) != seq for name, seq in settled.items()):
            found.append(f"{key}: does not name the ledger's entries about that output")
    there = set(keys_below(lake, "gates", DEPTHS["gates"]))
    return [*found, *(f"{key}: the ledger judged no such output" for key in sorted(there - set(judged)))]

"""Verify, records: heads, memo and tombstones say what the ledger says, and nothing hides among them.

Belongs here: what is wrong with records that are not published themselves. Does not belong here: published bytes
(`verify.py`), tables (`verify_tables.py`)."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from genaiops_assets.lake.canonical import digest_of, digest_of_bytes
from genaiops_assets.lake.erasure_proofs import ERASURE_BEGUN, ERASURE_DONE
from genaiops_assets.lake.ledger import KEPT_OUT, READMITTED, Entry
from genaiops_assets.lake.memo import WHOLE, memo_path
from genaiops_assets.lake.names import is_safe_part
from genaiops_assets.lake.notes import ONCE_HEADS
from genaiops_assets.lake.tombstones import read_tombstones

if TYPE_CHECKING:
    from genaiops_assets.lake.lake import Lake

PLACES = (
    "artifacts",
    "ledger",
    "heads",
    "memo",
    "notes",
    "production",
    "erasures",
    "counters",
    "gates",
    "ledger_marks",
)
HEAD_FIELDS = {"asset", "partition", "digest", "memo", "manifest", "at", "entry"}
TEMPORARY = re.compile(r"\..+\.\d+\.[0-9a-f]{8}(\.tmp)?")  # what a kill leaves of a file written in one step


@dataclass
class Recorded:
    """What the ledger's `materialized` entries say."""

    manifests: dict[tuple[str, str], set[str]] = field(default_factory=dict)  # (asset, digest) → manifest hashes
    last: dict[tuple[str, str | None], str] = field(default_factory=dict)  # (asset, partition) → digest
    memos: dict[str, set[tuple[str, str]]] = field(default_factory=dict)  # memo key → (asset, digest)
    entries: dict[str, Entry] = field(default_factory=dict)  # name of an entry's file → the entry
    records: dict[str, set[str]] = field(default_factory=dict)  # memo key → hashes of how the work was done


def recorded(lake: Lake) -> Recorded:
    found = Recorded()
    for entry in lake.ledger.entries("materialized"):
        body = entry.body
        made = (body["asset"], body["digest"])
        found.manifests.setdefault(made, set()).add(body["manifest"])
        found.last[body["asset"], body["partition"]] = body["digest"]
        found.memos.setdefault(body["memo"], set()).add(made)
        found.entries[entry.name] = entry
        if "record" in body:  # entries of earlier versions have none
            found.records.setdefault(body["memo"], set()).add(body["record"])
    return found


def record_problems(lake: Lake, known: Recorded, rewritten: Mapping[str, str]) -> list[str]:
    """`rewritten`: key of a file that an erasure wrote anew → its hash since."""
    memos = memo_problems(lake, known, rewritten)
    return [*head_problems(lake, known), *memos, *tombstone_problems(lake), *hidden(lake)]


def json_at(lake: Lake, key: str) -> Any:
    """Its content, None where it is no JSON object."""
    try:
        value = json.loads(lake.store.read(key))
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None


def files_below(lake: Lake, place: str, depth: int) -> Iterator[str]:
    """Keys that many levels below a place; hidden ones are looked for by `hidden`."""
    for name in lake.store.list(place):
        if depth == 1:
            yield f"{place}/{name}"
        else:
            yield from files_below(lake, f"{place}/{name}", depth - 1)


def head_problems(lake: Lake, known: Recorded) -> list[str]:
    """Each output the ledger calls the last of its asset and partition is the head's, and each head's is known. An
    asset whose publication is under way or was cut off is left out."""
    there: dict[tuple[str, str | None], Any] = {}
    found, cut_off = [], lake.being_published()
    for key in files_below(lake, "heads", 3):
        asset, _, name = key.removeprefix("heads/").rpartition("/")
        partition = None if name == f"{WHOLE}.json" else name.removesuffix(".json")
        if asset.rpartition("/")[2] in ONCE_HEADS and partition is None:
            continue  # a note of an earlier version
        there[asset, partition] = json_at(lake, key)
    for (asset, partition), head in sorted(there.items(), key=str):
        key = f"heads/{asset}/{partition or WHOLE}.json"
        if head is None or not isinstance(head.get("digest"), str):
            found.append(f"{key}: not a head")
        elif (head.get("asset"), head.get("partition")) != (asset, partition):
            found.append(f"{key}: is the head of {head.get('asset')}, partition {head.get('partition')}")
        elif head.get("manifest") not in known.manifests.get((asset, head["digest"]), set()):
            found.append(f"{key}: points at {head['digest'][:12]}, which the ledger does not know")
        elif set(head) - HEAD_FIELDS or ("entry" in head and not is_head_of(head, known.entries.get(head["entry"]))):
            found.append(f"{key}: altered: it is not what the ledger's entry of that output made it")
    for (asset, partition), digest in sorted(known.last.items(), key=str):
        head, key = there.get((asset, partition)), f"heads/{asset}/{partition or WHOLE}.json"
        if asset in cut_off:
            continue
        if (asset, partition) not in there:
            found.append(f"{key}: missing; the ledger's last output is {digest[:12]}")
        elif head and head.get("digest") != digest:
            found.append(
                f"{key}: points at {str(head.get('digest'))[:12]}, and the ledger's last output is {digest[:12]}"
            )
    return found


def is_head_of(head: dict[str, Any], entry: Entry | None) -> bool:
    """Whether a head is just what an entry says; a plan's is also kept under the version's name."""
    if entry is None:
        return False
    said = {k: v for k, v in entry.body.items() if k != "record"}
    return head == {**said, "partition": head.get("partition"), "at": entry.at, "entry": entry.name}


def memo_problems(lake: Lake, known: Recorded, rewritten: Mapping[str, str]) -> list[str]:
    """A memo that names another output than the ledger does for its key, one the ledger never saw, and one that tells
    another story of the work; a memo of finished work that is gone. An asset whose publication was cut off is left
    out."""
    found, there = [], set()
    made = {digest for _, digest in known.manifests}
    for key in files_below(lake, "memo", 2):
        record = json_at(lake, key)
        name = key.rpartition("/")[2].removesuffix(".json")
        there.add(name)
        if record is None or record.get("key") != name or not isinstance(record.get("digest"), str):
            found.append(f"{key}: not a memo of that key")
        elif record["digest"] not in ({d for _, d in known.memos[name]} if name in known.memos else made):
            found.append(f"{key}: names {record['digest'][:12]}, which the ledger does not know for this key")
        elif record.get("entry") and record["entry"] not in known.entries:
            found.append(f"{key}: names an entry that the ledger does not have")
        elif not tells_the_same(lake, key, record, known.records.get(name, set()), rewritten):
            found.append(f"{key}: altered: the ledger recorded another story of how that output was made")
    cut_off = lake.being_published()
    for name in sorted(known.records.keys() - there):
        if not {asset for asset, _ in known.memos[name]} & cut_off:
            found.append(f"{memo_path(name)}: missing; the ledger says that this work was done")
    return found


def tells_the_same(
    lake: Lake, key: str, record: dict[str, Any], recorded: set[str], rewritten: Mapping[str, str]
) -> bool:
    """Whether a memo's provenance is what the ledger recorded, or what an erasure left; entries of earlier versions
    recorded none."""
    if not recorded or digest_of(record.get("provenance")) in recorded:
        return True
    return rewritten.get(key) == digest_of_bytes(lake.store.read(key))


def tombstone_problems(lake: Lake) -> list[str]:
    """What the ledger calls erased or opted out is still kept out, but for names that a person let in again since."""
    gone: dict[str, dict[str, set[str]]] = {}
    allowed: dict[str, set[str]] = {}
    for entry in lake.ledger.entries():
        use_case = entry.body.get("use_case", "")
        if entry.kind in (ERASURE_BEGUN, ERASURE_DONE, KEPT_OUT):
            for kind, names in said_gone(entry.body).items():
                gone.setdefault(use_case, {}).setdefault(kind, set()).update(names)
                allowed.setdefault(use_case, set()).difference_update(names)
        elif entry.kind == READMITTED:
            allowed.setdefault(use_case, set()).update(entry.body["names"])
    found = []
    for use_case, lists in sorted(gone.items()):
        key = f"erasures/{use_case}.json"
        try:
            stones = read_tombstones(lake.store, use_case)
        except ValueError as error:
            found.append(str(error))
            continue
        for kind, names in sorted(lists.items()):
            if missing := [name for name in names if not stones.holds(kind, name)]:
                found.append(f"{key}: {len(missing)} erased {kind} are no longer kept out")
        if unsaid := stones.readmitted - allowed.get(use_case, set()):
            found.append(f"{key}: lets {len(unsaid)} names in again that no person did")
    return found


def said_gone(body: dict[str, Any]) -> dict[str, set[str]]:
    """What an entry about an erasure or an opt-out names, by list of the tombstones."""
    targets = body.get("targets", {})
    said = {kind: set(targets.get(kind, ())) for kind in ("documents", "sources", "opt_out", "interactions")}
    return {**said, "documents": said["documents"] | set(body.get("documents", ()))}


def hidden(lake: Lake) -> list[str]:
    """Names that start with a dot, and links, at places that list by name. What a kill leaves of a file being written
    is none."""
    if not lake.store.is_local:
        return []
    found = []
    for place in PLACES:
        depth = {"artifacts": 3, "heads": 3, "memo": 2}.get(place, 2)
        for path in below(Path(lake.url) / place, depth):
            key = os.fsencode(path.relative_to(lake.url)).decode("utf-8", "backslashreplace")
            if path.is_symlink():
                found.append(f"{key}: a link in place of a file or folder")
            elif not is_safe_part(path.name) and not TEMPORARY.fullmatch(path.name):
                found.append(f"{key}: a name that hides; nothing of the platform is called so")
            elif place == "artifacts" and not path.is_dir():
                found.append(f"{key}: a file where only folders of artifacts belong")
    return found


def below(folder: Path, depth: int) -> Iterator[Path]:
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        yield path
        if depth > 1 and path.is_dir() and not path.is_symlink():
            yield from below(path, depth - 1)

"""Backing up a home while the daemon and runs write to it.

Belongs here: the order, what makes a backup impossible, and the ledger's entry about it. Does not belong here: which
files (`contents.py`), their file (`archive.py`).

A lake that lies elsewhere (GENAIOPS_LAKE_URL) is not copied: the backup then holds what lies in the home, and says what
the store's own versioning must keep."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from genaiops_assets import __version__
from genaiops_assets.errors import NotMaterialized, Refused, Unusable
from genaiops_assets.lake import (
    BACKUP,
    COLLECTED,
    ERASURE_BEGUN,
    ERASURE_DONE,
    KEPT_OUT,
    READMITTED,
    Entry,
    Lake,
    accepted,
    known_id,
    seal_of,
)
from genaiops_assets.operations import contents
from genaiops_assets.operations.archive import Writing, new_archive, refuse_existing

CHANGES_WHAT_IS_THERE = {ERASURE_BEGUN, ERASURE_DONE, KEPT_OUT, READMITTED, COLLECTED}
MOVES_PRODUCTION = {"release", "revocation"}
LAKE_KEY, KEY_CHECK = "keys/lake.key", "the key of this lake"
OTHER_STORAGE = re.compile(r"^(storage|event_log_storage|run_storage|schedule_storage)\s*:", re.MULTILINE)


@dataclass(frozen=True)
class Backup:
    """`sha256` and `bytes` of the file; `head`: the last ledger entry in it, None in a home without one; `notes`: what
    is not in it and who has to keep that."""

    file: Path
    sha256: str
    bytes: int
    files: int
    head: Entry | None
    notes: list[str] = field(default_factory=list)


def back_up(
    lake: Lake, target: Path, *, with_keys: bool = False, progress: Callable[[str], Any] = lambda what: None
) -> Backup:
    """Copy a home into one file. Raises Refused while an erasure is under way, and where one, or a collection, came in
    between; AlreadyThere; Unusable for a place inside the home."""
    target = target.expanduser().absolute()
    refuse_place(lake, target)
    refuse_pending(lake)
    sha256: list[str] = []
    (lake.home / "staging").mkdir(exist_ok=True)
    try:
        with (
            new_archive(target, sha256) as writing,
            TemporaryDirectory(prefix="backup-", dir=lake.home / "staging") as scratch,
        ):
            ledger = copied(lake, writing, Path(scratch), with_keys, progress)
            writing.finish(facts(lake, ledger, with_keys))
            files = len(writing.files)
    except (FileNotFoundError, NotMaterialized) as error:
        raise Refused(f"{error}: it went while it was being copied; nothing was written, start again") from error
    head = ledger.entries[-1] if ledger.entries else None
    size = target.stat().st_size
    body = {"where": str(target), "sha256": sha256[0], "bytes": size, "keys": with_keys}
    lake.ledger.append(BACKUP, {**body, "seq": head.seq if head else 0, "head": head.hash if head else ""})
    return Backup(target, sha256[0], size, files, head, notes_on(lake, with_keys))


def copied(
    lake: Lake, writing: Writing, scratch: Path, with_keys: bool, progress: Callable[[str], Any]
) -> contents.Ledger:
    """Everything but the manifest, pointers before what they point at. Returns the ledger that the copy has."""
    progress("Dagster's history")
    contents.add_history(writing, lake.home, scratch)
    before = contents.listed(lake)
    if not lake.store.is_local:
        contents.add_rest(writing, lake.home)
    else:
        progress("pointers and ledger")
        pointers = contents.pointers(lake)
        ledger = contents.listed(lake)
        refuse_changed(before, ledger, CHANGES_WHAT_IS_THERE | MOVES_PRODUCTION)
        for key, data in sorted(contents.brought_up(lake, pointers, ledger).items()):
            writing.add_bytes(key, data)
        contents.add_ledger(writing, lake, ledger)
        progress("artifacts")
        named = contents.add_outputs(writing, lake, contents.present(lake, ledger))
        progress("tables")
        contents.add_tables(writing, lake, named)
        contents.add_rest(writing, lake.home)
        before = ledger
    if with_keys:
        contents.add_keys(writing, lake.home)
    refuse_changed(before, contents.listed(lake), CHANGES_WHAT_IS_THERE)
    refuse_pending(lake)
    return before


def facts(lake: Lake, ledger: contents.Ledger, with_keys: bool) -> dict[str, Any]:
    """What the manifest says beside the files."""
    head = ledger.entries[-1] if ledger.entries else None
    has_key = (lake.home / LAKE_KEY).exists()
    return {
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "made_with": __version__,
        "lake": known_id(lake.store),
        "lake_url": "" if lake.store.is_local else lake.url,
        "ledger": {"seq": head.seq, "hash": head.hash} if head else {},
        "keys": with_keys,
        "key_check": seal_of(lake.store, KEY_CHECK) if has_key else "",
        "left_out": [*contents.LEFT_OUT, *([] if with_keys else ["keys"])],
    }


def refuse_place(lake: Lake, target: Path) -> None:
    if target.resolve().is_relative_to(lake.home.resolve()):
        raise Unusable(f"{target} lies in the home itself: name a place outside it, best on another disk")
    if not target.parent.is_dir():
        raise Unusable(f"{target.parent}: no such folder")
    refuse_existing(target)


def refuse_pending(lake: Lake) -> None:
    """A copy of a half erased home would bring back what a person was promised is gone."""
    if open_ones := accepted(lake).unfinished:
        raise Refused(
            f"an erasure begun on {open_ones[0].at} is not finished: genaiops erase --finish "
            f"-u {open_ones[0].body['use_case']}; nothing was written"
        )


def refuse_changed(before: contents.Ledger, after: contents.Ledger, kinds: set[str]) -> None:
    seen = {entry.hash for entry in before.entries}
    came = [entry for entry in after.entries if entry.hash not in seen and entry.kind in kinds]
    if came:
        raise Refused(
            f"the ledger recorded {came[0].kind!r} (entry {came[0].seq}) while the home was being copied; nothing was "
            "written: start the backup again"
        )


def notes_on(lake: Lake, with_keys: bool) -> list[str]:
    """What the file does not hold."""
    found = []
    if not lake.store.is_local:
        found.append(
            f"the lake at {lake.url} is not in it (artifacts, tables, ledger, memo, heads): turn on versioning of that "
            "store, keep versions at least as long as you keep this file, and put the store back to the time of this "
            "backup when you restore"
        )
    if with_keys:
        found.append("it holds the keys: whoever reads it can sign as this platform and recognise erased names")
    elif (lake.home / "keys").is_dir():
        found.append(
            "keys/ is not in it (--with-keys puts it in): keep a copy of that folder in another safe place; without "
            "keys/lake.key erased names cannot be recognised, and a restore asks for it"
        )
    instance = lake.home / "dagster" / "dagster.yaml"
    if instance.exists() and OTHER_STORAGE.search(instance.read_text("utf-8")):
        found.append("dagster.yaml names another storage for runs and events: back that database up just before this")
    if folders := folders_of_use_cases(lake.home):
        found.append(f"use case folders are not in it, they belong under version control: {', '.join(folders)}")
    return found


def folders_of_use_cases(home: Path) -> list[str]:
    listed = home / "use_cases.txt"
    lines = [line.strip() for line in listed.read_text("utf-8").splitlines()] if listed.exists() else []
    return [line for line in lines if line and not line.startswith(("#", "package:"))]

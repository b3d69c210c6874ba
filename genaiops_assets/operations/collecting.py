"""Removing what nothing refers to any more, so that it shows, and so that a kill in the middle is made good.

Belongs here: the plan, its ledger entry and the removal, in that order. The entry lists every output, tag and file that
goes; whatever a kill leaves of them goes with the next collection. Does not belong here: why something stays
(`needed.py`).

A memo of a collected output stays: it is no proof without the output, so the same work is done again when asked for."""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from genaiops_assets.errors import Refused
from genaiops_assets.lake import (
    COLLECTED,
    Lake,
    LeaseTimeout,
    accepted,
    collected_outputs,
    drop_before,
    going,
    is_read,
    lease,
    problems,
)
from genaiops_assets.operations.contents import listed
from genaiops_assets.operations.needed import Output, needed

WORK = re.compile(r"^([0-9a-f]{32}|table-.+)\.lease$")
KEY = re.compile(r"^([0-9a-f]{1,32})(-[0-9a-f]{8})?$")
ASIDE, DAY = "collected-", 86400.0


@dataclass(frozen=True)
class Collection:
    """`outputs`: [{asset, digest, bytes, why}] that go; `tables`: [{table, tags, files}]; `folders`: left-overs in
    scratch and staging, with why; `kept`: reason → how many outputs stay; `unfinished`: outputs that an interrupted
    collection left."""

    outputs: list[dict[str, Any]] = field(default_factory=list)
    tables: list[dict[str, Any]] = field(default_factory=list)
    folders: list[tuple[Path, str]] = field(default_factory=list)
    kept: dict[str, int] = field(default_factory=dict)
    unfinished: list[Output] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.outputs or self.tables or self.folders or self.unfinished)


def plan_collection(lake: Lake, *, days: float = 90) -> Collection:
    """What would go, and why. Nothing is changed. Raises Refused for a lake that is not a local folder."""
    if not lake.store.is_local:
        raise Refused(f"{lake.url}: only a lake in a local folder is collected; give that store a rule of its own")
    ledger = listed(lake)
    outputs, kept = needed(lake, ledger, days)
    left = collected_outputs(ledger.entries)
    gone = [o for o in outputs.all if o not in kept and o not in left]
    told = [
        {"asset": a, "digest": d, "bytes": size_of(lake, (a, d)), "why": why_gone(outputs, (a, d))} for a, d in gone
    ]
    reasons: dict[str, int] = {}
    for why in kept.values():
        short = re.sub(r"read by .*", "read by one that stays", re.sub(r", ledger entry \d+", "", why))
        reasons[short] = reasons.get(short, 0) + 1
    stays = [o for o in outputs.all if o in kept]
    return Collection(
        told,
        tables_going(lake, gone, stays),
        list(left_overs(lake.home, days)),
        reasons,
        [o for o in outputs.all if o in left and o not in kept],
    )


def collect(lake: Lake, *, days: float = 90) -> Collection:
    """Carry it out: the ledger's entry first. Raises Refused while work or an erasure is under way, and for a lake that
    is not as published: what is wrong must not be tidied away. Work that begins meanwhile waits."""
    with ExitStack() as held:
        try:
            held.enter_context(lease(lake.tidying, timeout=0))
        except LeaseTimeout:
            raise Refused("work is under way, or another collection: collect when no run is") from None
        return collect_alone(lake, days)


def collect_alone(lake: Lake, days: float) -> Collection:
    """As `collect`, for who holds the lease on tidying."""
    refuse_busy(lake)
    if found := problems(lake):
        raise Refused("nothing is collected from a lake that is not as published: " + "; ".join(found[:5]))
    plan = plan_collection(lake, days=days)
    if plan.outputs or plan.tables:
        outputs = [{k: o[k] for k in ("asset", "digest", "bytes")} for o in plan.outputs]
        lake.ledger.append(COLLECTED, {"outputs": outputs, "tables": plan.tables, "days": days})
    finish(lake)
    for folder, _ in plan.folders:
        shutil.rmtree(folder, ignore_errors=True)
    return plan


def finish(lake: Lake) -> None:
    """Remove what `collected` entries list and is still there. May be repeated."""
    ledger = listed(lake)
    for asset, digest in sorted(collected_outputs(ledger.entries)):
        remove_output(lake, asset, digest)
    listed_tags: dict[str, set[str]] = {}
    for entry in ledger.entries:
        if entry.kind == COLLECTED:
            for table in entry.body["tables"]:
                listed_tags.setdefault(table["table"], set()).update(table["tags"])
    cited = tags_of(lake, [o for o in ledger.outputs() if lake.artifacts.has(*o)])
    for name, tags in sorted(listed_tags.items()):
        with lake.tables.writing(name):
            table = lake.tables.open(name)
            known = table.tags.list()
            for tag in sorted((tags & known.keys()) - cited.get(name, set())):
                table.tags.delete(tag)
            drop_before(lake.tables.open(name))
    for aside in (lake.home / "staging").glob(f"{ASIDE}*"):
        shutil.rmtree(aside, ignore_errors=True)


def remove_output(lake: Lake, asset: str, digest: str) -> None:
    """One step takes it out of the lake: half an output is never read."""
    folder, gate = Path(lake.url) / "artifacts" / asset / digest, f"gates/{asset}/{digest}.json"
    if folder.is_dir():
        aside = lake.home / "staging" / f"{ASIDE}{digest[:16]}-{time.time_ns()}"
        aside.parent.mkdir(exist_ok=True)
        os.rename(folder, aside)
        shutil.rmtree(aside, ignore_errors=True)
    lake.store.remove(gate)


def tables_going(lake: Lake, gone: Sequence[Output], stays: Sequence[Output]) -> list[dict[str, Any]]:
    """Tags of table states that only outputs that go have named, and the files that only versions before the oldest
    remaining tag read."""
    cited, found = tags_of(lake, stays), []
    for name, tags in sorted(tags_of(lake, gone).items()):
        table = lake.tables.open(name)
        free = sorted((tags - cited.get(name, set())) & table.tags.list().keys())
        if free:
            found.append({"table": name, "tags": free, "files": files_going(lake, name, set(going(table, free)))})
    return found


def files_going(lake: Lake, name: str, versions: set[int]) -> list[str]:
    """Paths below `tables/` of data and index files that only these versions read."""
    root = Path(lake.tables_url)
    folder = root / f"{name.replace('/', '__')}.lance"
    manifests: dict[bool, list[bytes]] = {True: [], False: []}
    for path in (folder / "_versions").glob("*.manifest"):
        number = int(path.stem)
        version = 2**64 - 1 - number if number > 2**63 else number
        manifests[version in versions].append(path.read_bytes())
    files = [p.relative_to(root) for p in sorted(folder.rglob("*")) if p.is_file()]
    places = [place for place in files if place.parts[1] in ("data", "_indices")]
    return [p.as_posix() for p in places if is_read(p, manifests[True]) and not is_read(p, manifests[False])]


def tags_of(lake: Lake, outputs: Sequence[Output]) -> dict[str, set[str]]:
    """Table → tags of the states that outputs name."""
    found: dict[str, set[str]] = {}
    for output in outputs:
        for snapshot in lake.artifacts.get(*output).snapshots.values():
            found.setdefault(snapshot.name, set()).add(snapshot.tag)
    return found


def left_overs(home: Path, days: float) -> Iterator[tuple[Path, str]]:
    """Staging folders and resume files whose work nobody holds any more."""
    for folder in sorted((home / "staging").glob("*")):
        if folder.is_dir() and KEY.match(folder.name) and is_free(home, folder.name[:32]):
            yield folder, "staging that a kill left"
        elif folder.is_dir() and folder.name.startswith("backup-") and age_of(folder) > DAY:
            yield folder, "a backup that a kill ended"
    for folder in sorted((home / "scratch").glob("*")):
        if folder.is_dir() and age_of(folder) > days * DAY and is_free(home, folder.name):
            yield folder, f"resume files of work that nobody took up for {days:g} days"


def age_of(folder: Path) -> float:
    """Seconds since something in it was written last."""
    times = [path.lstat().st_mtime for path in [folder, *folder.rglob("*")]]
    return time.time() - max(times)


def is_free(home: Path, key: str) -> bool:
    file = home / "staging" / f"{key}.lease"
    if not file.exists():
        return True
    with suppress(LeaseTimeout), lease(file, timeout=0):
        return True
    return False


def refuse_busy(lake: Lake) -> None:
    if open_ones := accepted(lake).unfinished:
        raise Refused(f"an erasure begun on {open_ones[0].at} is not finished: genaiops erase --finish")
    for file in sorted((lake.home / "staging").glob("*.lease")):
        if WORK.match(file.name) and not is_free(lake.home, file.name.removesuffix(".lease")):
            raise Refused(f"work is under way ({file.name}): collect when no run is")


def size_of(lake: Lake, output: Output) -> int:
    return sum(p.stat().st_size for p in Path(lake.artifacts.get(*output).uri).rglob("*") if p.is_file())


def why_gone(outputs: Any, output: Output) -> str:
    return f"made {outputs.entries[output].at[:10]}, replaced since, and nothing that stays reads it"

"""Single changes to what was published, as a stranger with write access could make them: to files, to the order of the
ledger, to what its entries say. Each works on a home and on a dossier alike. Holds no tests."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from genaiops_assets.lake import digest_of, pretty_json

PLACES = (
    "artifacts",
    "tables",
    "ledger",
    "ledger_marks",
    "heads",
    "memo",
    "gates",
    "production",
    "erasures",
    "lake.json",
)
NOBODY_READS = ("/_transactions/", "/latest_version_hint.json")  # Lance's notes to itself; no snapshot rests on them
GENESIS = "0" * 64
Change = Callable[[Path, random.Random], list[str]]


@dataclass(frozen=True)
class Place:
    """Where things lie: `root` of a home or of a dossier; `prefix`: what stands before a path of the home."""

    root: Path
    is_dossier: bool = False

    def path(self, key: str) -> Path:
        """Where a file of the home is; in a dossier under `evidence/`."""
        if not self.is_dossier:
            return self.root / key
        key = key.replace("erasures/proof/", "erasures/")
        return self.root / "evidence" / ("production.json" if key.startswith("production/") else key)

    def named(self, key: str) -> str:
        return self.path(key).relative_to(self.root).as_posix()


NO_PLACE = re.compile(  # another file at the root of a home; a tag that a run which was cut off may have left
    r"added lake\.json|(added|renamed) tables/.+/_refs/tags/.+"
)


def files_of(home: Path) -> list[str]:
    """Every file of a home that verify answers for, by path below the home."""
    found = [p for place in PLACES for p in (home / place).rglob("*") if p.is_file()]
    found += [home / "lake.json"]
    names = {p.relative_to(home).as_posix() for p in found} - forgotten_versions(home)
    return sorted(name for name in names if not any(part in name for part in NOBODY_READS))


def forgotten_versions(home: Path) -> set[str]:
    """Lance's manifests of table versions that no snapshot names, as the first, empty one: nobody reads them."""
    kept = set()
    for file in home.glob("artifacts/*/*/*/manifest.json"):
        for s in json.loads(file.read_bytes())["snapshots"]:
            kept.add(f"tables/{s['name'].replace('/', '__')}.lance/_versions/{2**64 - 1 - s['version']:020d}.manifest")
    there = {p.relative_to(home).as_posix() for p in home.glob("tables/*/_versions/*.manifest")}
    return there - kept


# --- changes of one file ----------------------------------------------------------------------------------------------


def flip(path: Path, random_: random.Random) -> None:
    data = bytearray(path.read_bytes())
    if not data:
        path.write_bytes(b"x")
        return
    data[random_.randrange(len(data))] ^= 1 << random_.randrange(8)
    path.write_bytes(data)


def cut(path: Path, random_: random.Random) -> None:
    path.write_bytes(path.read_bytes()[: random_.randrange(max(1, path.stat().st_size))])


def lengthen(path: Path, random_: random.Random) -> None:
    path.write_bytes(path.read_bytes() + bytes([random_.randrange(33, 127)]))


def delete(path: Path, random_: random.Random) -> None:
    path.unlink()


def rename(path: Path, random_: random.Random) -> None:
    path.rename(path.with_name(f"{path.stem}-{random_.randrange(10**6)}{path.suffix}"))


def add(path: Path, random_: random.Random) -> None:
    made = path.with_name(f"{path.stem}-{random_.randrange(10**6)}{path.suffix}")
    shutil.copyfile(path, made)
    os.utime(made, (0, 0))  # a young file of a table may be one that is being written


ONE_FILE = {
    "flipped": flip, "cut": cut, "lengthened": lengthen, "deleted": delete, "renamed": rename, "added": add,
}  # fmt: skip


def swap(one: Path, other: Path) -> None:
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)


def partner(key: str, files: list[str], home: Path, random_: random.Random) -> str | None:
    """Another file of the same kind with other content."""
    kind = (key.split("/")[0], Path(key).suffix)
    alike = [f for f in files if f != key and (f.split("/")[0], Path(f).suffix) == kind]
    random_.shuffle(alike)
    return next((f for f in alike if (home / f).read_bytes() != (home / key).read_bytes()), None)


# --- changes of the ledger as a whole ---------------------------------------------------------------------------------


def entries_in(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(p.read_bytes()) for p in sorted(folder.glob("*.json"))]


def write_chain(folder: Path, entries: list[dict[str, Any]], start: int = 0) -> None:
    """Number, link and hash the entries anew from `start` on; a ledger that holds in itself."""
    for path in folder.glob("*.json"):
        path.unlink()
    previous = GENESIS
    for number, entry in enumerate(entries):
        if number >= start:
            entry |= {"seq": number + 1, "prev": previous}
            entry["hash"] = digest_of({k: v for k, v in entry.items() if k != "hash"})
        previous = entry["hash"]
        (folder / f"{entry['seq']:08d}-{entry['prev'][:16]}.json").write_bytes(pretty_json(entry))


def edited(entry: dict[str, Any], random_: random.Random) -> None:
    """Another time, account, name, digest or decision in an entry."""
    body = entry["body"]
    texts = [k for k, v in body.items() if isinstance(v, str) and v]
    where = random_.choice(["at", "actor", *texts, *texts])
    if where == "at":
        entry["at"] = f"2019-{random_.randrange(1, 13):02d}-{random_.randrange(1, 29):02d}T00:00:00+00:00"
    elif where == "actor":
        entry["actor"] = "somebody"
    else:
        value = body[where]
        at = random_.randrange(len(value))
        body[where] = value[:at] + ("a" if value[at] != "a" else "b") + value[at + 1 :]


def backdated(folder: Path, random_: random.Random) -> None:
    """A time earlier than it was, without hashing anew."""
    path = random_.choice(sorted(folder.glob("*.json")))
    entry = json.loads(path.read_bytes())
    path.write_bytes(pretty_json({**entry, "at": "2019-05-05T05:05:05+00:00"}))


def reordered(folder: Path, random_: random.Random) -> None:
    one, other = random_.sample(sorted(folder.glob("*.json")), 2)
    swap(one, other)


def truncated(folder: Path, random_: random.Random) -> None:
    paths = sorted(folder.glob("*.json"))
    for path in paths[-random_.randrange(1, len(paths)) :]:
        path.unlink()


def hashed_anew(folder: Path, random_: random.Random) -> None:
    """One entry says something else, and everything after it is hashed anew."""
    entries = entries_in(folder)
    at = random_.randrange(len(entries))
    edited(entries[at], random_)
    write_chain(folder, entries, at)


def one_dropped(folder: Path, random_: random.Random) -> None:
    """An entry is gone, and those after it are numbered and hashed anew."""
    entries = entries_in(folder)
    at = random_.randrange(len(entries))
    del entries[at]
    write_chain(folder, entries, at)


def moved(folder: Path, random_: random.Random) -> None:
    """Two entries change places, and everything after is hashed anew."""
    entries = entries_in(folder)
    one, other = sorted(random_.sample(range(len(entries)), 2))
    entries[one], entries[other] = entries[other], entries[one]
    write_chain(folder, entries, one)


def approval_replayed(folder: Path, random_: random.Random) -> None:
    """An approval once more at the end, chained as it should be: of a version that was rejected since, or with the name
    of another version."""
    entries = entries_in(folder)
    approvals = [e for e in entries if e["kind"] == "approval" and e["body"]["decision"] == "approved"]
    copy = json.loads(json.dumps(random_.choice(approvals)))
    others = sorted(
        {e["body"]["model_version"] for e in entries if e["kind"] == "approval"} - {copy["body"]["model_version"]}
    )
    rejected = {
        e["body"]["model_version"] for e in entries if e["kind"] == "approval" and e["body"]["decision"] != "approved"
    }
    if copy["body"]["model_version"] not in rejected:
        copy["body"]["model_version"] = random_.choice(others)
    copy["at"] = entries[-1]["at"]
    write_chain(folder, [*entries, copy], len(entries))


def approval_forged(folder: Path, random_: random.Random) -> None:
    """A rejection becomes an approval, or an approver another person; hashed anew."""
    entries = entries_in(folder)
    at = random_.choice([n for n, e in enumerate(entries) if e["kind"] == "approval"])
    body = entries[at]["body"]
    if body["decision"] == "rejected":
        body["decision"] = "approved"
    else:
        body["name"] = random_.choice(["Ben Builder", "Mallory"])
    write_chain(folder, entries, at)


LEDGER = {
    "ledger backdated": backdated, "ledger reordered": reordered, "ledger truncated": truncated,
    "ledger hashed anew": hashed_anew, "ledger entry dropped, hashed anew": one_dropped,
    "ledger entries moved, hashed anew": moved, "approval replayed": approval_replayed,
    "approval forged, hashed anew": approval_forged,
}  # fmt: skip


@dataclass(frozen=True)
class Mutation:
    """One change. `keys`: files of the home it touches, for a change of the ledger the folder; `seed`: of whatever is
    random about it."""

    kind: str
    keys: tuple[str, ...]
    seed: int

    def apply(self, place: Place) -> None:
        random_ = random.Random(self.seed)
        paths = [place.path(key) for key in self.keys]
        if self.kind in LEDGER:
            LEDGER[self.kind](paths[0], random_)
        elif self.kind == "swapped":
            swap(*paths)
        else:
            ONE_FILE[self.kind](paths[0], random_)

    def lies_in(self, dossier: Place) -> bool:
        return all(dossier.path(key).exists() for key in self.keys)


def mutations(home: Path, count: int, seed: int) -> Iterator[Mutation]:
    """So many changes, spread over the places and kinds; the same for the same home and seed."""
    random_, files = random.Random(seed), files_of(home)
    by_place: dict[str, list[str]] = {}
    for file in files:
        by_place.setdefault(file.split("/")[0], []).append(file)
    kinds = [*ONE_FILE, "flipped", "flipped", "swapped"]
    made = 0
    while made < count:
        if random_.random() < 0.25:
            yield Mutation(random_.choice(list(LEDGER)), ("ledger",), random_.randrange(2**32))
        else:
            place = random_.choice([*by_place, "artifacts", "artifacts", "ledger", "tables"])
            key, kind = random_.choice(by_place[place]), random_.choice(kinds)
            other = partner(key, files, home, random_) if kind == "swapped" else ""
            if other is None or NO_PLACE.fullmatch(f"{kind} {key}"):
                continue
            yield Mutation(kind, (key, other) if other else (key,), random_.randrange(2**32))
        made += 1

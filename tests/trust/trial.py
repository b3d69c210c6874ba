"""Making a change in a home and in its dossier, asking both verifiers, and undoing it. Holds no tests."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from genaiops_assets.governance import dossier as room
from genaiops_assets.governance.dossier import Graph, build_dossier
from genaiops_assets.lake import Lake, digest_of_file, pretty_json
from genaiops_assets.orchestration.claims import file_of
from genaiops_assets.orchestration.verification import verify_lake
from genaiops_assets.use_case import UseCase
from tests.support.lakes import V1
from tests.trust.mutations import Mutation, Place, mutations

IN_THE_LEDGER = ("ledger/", "evidence/ledger", "provenance.json", "production", "anchor", "pack.json")


@cache
def verifier() -> Any:
    """The stand-alone verifier as a module, from its file as a dossier has it."""
    file = Path(room.__file__).with_name("verify.py")
    spec = importlib.util.spec_from_file_location("dossier_verify", file)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode, before = True, sys.dont_write_bytecode
    spec.loader.exec_module(module)
    ends = cache(module.end_holds)  # the same scores are looked at over and over
    module.end_holds = lambda items, *rest: ends(tuple(items), *rest)
    sys.dont_write_bytecode = before
    return module


@dataclass
class Trial:
    """A home and its dossier. `seen`: how often, by who looked and kind of change; `missed`, `misnamed`: the changes."""

    lake: Lake
    uc: UseCase
    folder: Path
    missed: list[str] = field(default_factory=list)
    misnamed: list[str] = field(default_factory=list)
    seen: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.dossier = self.folder / "dossier"
        build_dossier(self.lake, self.uc, V1, self.dossier, Graph(file_of=file_of), "en")
        head = self.lake.ledger.head()
        assert head is not None
        self.head = head.hash
        self.anchor = self.folder / "anchor.json"
        self.anchor.write_bytes(pretty_json({"home": head.home, "seq": head.seq, "head": head.hash}))
        self.in_part = json.loads((self.dossier / "pack.json").read_bytes())["withheld"]
        assert self.home_problems(self.lake.home) == []
        assert self.dossier_problems(self.dossier) == []

    def home_problems(self, home: Path, anchored: bool = True) -> list[str]:
        marks = [("an anchor", self.head)] if anchored else []
        return verify_lake(Lake(home), [self.uc], marks).problems

    def dossier_problems(self, folder: Path, anchored: bool = True) -> list[str]:
        return list(verifier().verify(folder, [self.anchor] if anchored else []).problems)

    def run(self, count: int, seed: int) -> None:
        for change in mutations(self.lake.home, count, seed):
            self.try_home(change)
            if change.lies_in(Place(self.dossier, True)):
                self.try_dossier(change)

    def try_home(self, change: Mutation) -> None:
        place = Place(self.lake.home)
        with undone(place, change):
            change.apply(place)
            self.judge("home", change, self.home_problems(place.root), place)
            if change.kind.startswith("ledger"):
                self.seen["home, changes of the ledger seen without an anchor"] += bool(
                    self.home_problems(place.root, anchored=False)
                )

    def try_dossier(self, change: Mutation) -> None:
        """As it is, and with the digests in `pack.json` made to fit: then the evidence must speak for itself."""
        place = Place(self.dossier, True)
        with undone(place, change):
            change.apply(place)
            self.judge("dossier", change, self.dossier_problems(place.root), place)
            if not any(key in self.in_part for key in change.keys):
                refit(place.root)
                self.judge("refitted dossier", change, self.dossier_problems(place.root), place)

    def judge(self, who: str, change: Mutation, problems: list[str], place: Place) -> None:
        names = [place.named(key) for key in change.keys]
        told = f"{who}: {change.kind} {' '.join(change.keys)} ({change.seed})"
        if not problems:
            self.missed.append(told)
        elif not any(mentions(problem, name, change) for problem in problems for name in names):
            self.misnamed.append(f"{told}: {problems[:3]}")
        self.seen[who] += bool(problems)
        self.seen[f"{who}: {change.kind}"] += bool(problems)


@contextmanager
def undone(place: Place, change: Mutation) -> Iterator[None]:
    """Every file near what a change touches is afterwards as it was before."""
    folders = {p if p.is_dir() else p.parent for p in map(place.path, change.keys)}
    before = {p: p.read_bytes() for folder in folders for p in folder.iterdir() if p.is_file()}
    before |= {p: p.read_bytes() for p in map(place.root.joinpath, ("pack.json", "pack.sig")) if p.exists()}
    try:
        yield
    finally:
        for path in {p for folder in folders for p in folder.iterdir() if p.is_file()} - set(before):
            path.unlink()
        for path, data in before.items():
            if not path.exists() or path.read_bytes() != data:
                path.write_bytes(data)


def mentions(problem: str, name: str, change: Mutation) -> bool:
    """Whether a problem names what was changed: the file; its table; for the ledger, it or what rests on it."""
    if name.endswith("ledger"):
        return any(part in problem for part in IN_THE_LEDGER)
    if name.startswith("tables/"):
        table = name.split("/")[1].removesuffix(".lance")
        return table in problem or table.replace("__", "/") in problem
    folder, _, file = name.rpartition("/")
    stem = Path(file).stem
    if "ledger/" in name and change.kind in ("deleted", "renamed") and "ledger/" in problem:
        return True  # the entry after it is named: before that one something is missing
    return (
        name in problem
        or (change.kind in ("added", "renamed", "deleted") and f"{folder}/{stem}" in problem)
        or (file == "manifest.json" and folder in problem)
    )


def refit(folder: Path) -> None:
    """Digests and ledger's end in `pack.json` as the folder now has them; no signature."""
    facts = json.loads((folder / "pack.json").read_bytes())
    files = sorted(p for p in folder.rglob("*") if p.is_file() and p.name not in ("pack.json", "pack.sig"))
    facts["files"] = {p.relative_to(folder).as_posix(): digest_of_file(p) for p in files}
    ledger = sorted((folder / "evidence" / "ledger").glob("*"))
    with suppress(ValueError, KeyError, IndexError):
        facts["ledger"] = {"entries": len(ledger), "head": json.loads(ledger[-1].read_bytes())["hash"]}
    facts["signed_by"] = ""
    (folder / "pack.sig").unlink(missing_ok=True)
    (folder / "pack.json").write_bytes(pretty_json(facts))

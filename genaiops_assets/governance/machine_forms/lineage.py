"""The lineage of a model version: every materialization that its documents and its release rest on, with gates,
decisions and erasures, as the ledger and the memo prove them.

Belongs here: following digests back from what a version has now. Does not belong here: any form of it, or judging
whether bytes are as published (`lake.problems`).

Of an output made twice the first entry counts, so that carrying it over to a later release of the platform changes no
form. Provenance comes from the memo record that hashes to the key in the ledger, else from the artifact's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from genaiops_assets.governance.release import key_of_record
from genaiops_assets.lake import ERASURE_BEGUN, Entry, Lake, accepted, digest_of, gates_of
from genaiops_assets.use_case import UseCase


@dataclass(frozen=True)
class Rows:
    """Rows of a table that an artifact stands for. `state`: `whole` or `erased(n)`."""

    table: str
    digest: str
    rows: int
    state: str


@dataclass(frozen=True)
class Made:
    """One materialization. `inputs`: name → digest; `at`: of the ledger's entry, `began` and `ended`: of the work, all
    ISO 8601 in UTC; `files`: path → SHA-256 of what lies there now; `redacted`: those of them from which an erasure
    took what they cited; `gates`: blocking check → whether it passed."""

    asset: str
    partition: str
    digest: str
    memo: str
    manifest: str
    entry: int
    entry_hash: str
    at: str
    began: str
    ended: str
    inputs: Mapping[str, str]
    code: str
    config: str
    seed: int | None
    run: str
    python: str
    libraries: Mapping[str, str]
    files: Mapping[str, str]
    redacted: tuple[str, ...]
    rows: tuple[Rows, ...]
    gates: Mapping[str, bool]
    proven: bool

    @property
    def name(self) -> str:
        """The asset without its use case."""
        return self.asset.partition("/")[2]

    @property
    def place(self) -> str:
        """Where it lies in a home."""
        return f"artifacts/{self.asset}/{self.digest}"

    @property
    def erased(self) -> int:
        """How many rows of its tables were erased since."""
        return sum(int(r.state[7:-1]) for r in self.rows if r.state.startswith("erased("))


@dataclass(frozen=True)
class Decided:
    """A decision about the version. `what`: approved, rejected, promote, rollback, revocation ...; `on`: artifact →
    digest; `overrides`: gates that were not shown and are accepted all the same, by `accepted_by` until `until`;
    `signed`: whether it carries its person's signature. Reasons are people's free texts and stay in the ledger."""

    kind: str
    what: str
    by: str
    at: str
    entry: int
    entry_hash: str
    on: Mapping[str, str]
    signed: bool = False
    overrides: tuple[str, ...] = ()
    accepted_by: str = ""
    until: str = ""

    def in_words(self) -> str:
        """`approved on 2026-12-01 (ledger 118), signed, overrides answers until 2027-01-31`; without names."""
        signed = ", signed" if self.signed else ""
        over = f", overrides {', '.join(self.overrides)} until {self.until}" if self.overrides else ""
        return f"{self.what} on {self.at[:10]} (ledger {self.entry}){signed}{over}"


@dataclass(frozen=True)
class Erased:
    """An erasure that reached what the version rests on."""

    at: str
    documents: int
    through: str
    entry_hash: str


@dataclass(frozen=True)
class Lineage:
    """In the order of the ledger."""

    made: tuple[Made, ...]
    decided: tuple[Decided, ...]
    erased: tuple[Erased, ...]

    @property
    def digest(self) -> str:
        """Changes where anything that a form shows changes."""
        return digest_of(asdict(self))

    @property
    def last(self) -> str:
        """When the last of it was recorded, ISO 8601."""
        return max([m.at for m in self.made] + [d.at for d in self.decided] + [e.at for e in self.erased])

    def of(self, digest: str) -> Made | None:
        return next((m for m in self.made if m.digest == digest), None)

    def named(self, name: str) -> Made | None:
        """The last made output of an asset in it."""
        return next((m for m in reversed(self.made) if m.name == name), None)


def lineage_of(lake: Lake, uc: UseCase, version: str, roots: Iterable[str]) -> Lineage:
    """Everything that the outputs `roots` (digests) were made from, back to the first. Digests that the ledger does
    not know are materials from outside; they stay in `inputs`."""
    entries = list(lake.ledger.entries())
    first: dict[str, Entry] = {}
    for entry in entries:
        if entry.kind == "materialized":
            first.setdefault(entry.body["digest"], entry)
    states, found, open_ones = accepted(lake), dict[str, Made](), list(roots)
    while open_ones:
        digest = open_ones.pop()
        if digest in first and digest not in found:
            found[digest] = made(lake, first[digest], states)
            open_ones.extend(found[digest].inputs.values())
    return Lineage(
        tuple(sorted(found.values(), key=lambda m: m.entry)),
        tuple(d for entry in entries if (d := decision(entry, uc.name, version))),
        tuple(e for entry in entries if (e := erasure(entry, uc.name, version))),
    )


def made(lake: Lake, entry: Entry, states: Any) -> Made:
    body = entry.body
    artifact = lake.artifacts.get(body["asset"], body["digest"])
    remembered = (lake.memo.get(body["memo"]) or {}).get("provenance") or {}
    proven = key_of_record(remembered) == body["memo"]
    facts = remembered if proven else artifact.provenance()
    ended = facts.get("made_at", entry.at)
    places = {f["path"]: f"{artifact.key}/{f['path']}" for f in artifact.manifest["files"]}
    edited = {path: states.contents[place] for path, place in places.items() if place in states.contents}
    return Made(
        asset=body["asset"],
        partition=body["partition"] or "",
        digest=body["digest"],
        memo=body["memo"],
        manifest=body["manifest"],
        entry=entry.seq,
        entry_hash=entry.hash,
        at=entry.at,
        began=before(ended, facts.get("seconds", 0)),
        ended=ended,
        inputs={name: digest for name, digest in facts.get("inputs", {}).items() if digest},
        code=str(facts.get("code_version", "")),
        config=digest_of(facts.get("config")),
        seed=facts.get("seed"),
        run=facts.get("run_id", ""),
        python=facts.get("hardware", {}).get("python", ""),
        libraries=facts.get("libraries", {}),
        files={f["path"]: edited.get(f["path"], f["sha256"]) for f in artifact.manifest["files"]},
        redacted=tuple(sorted(edited)),
        rows=tuple(
            Rows(name, s.digest, s.rows, states.state_of(name, s.digest)) for name, s in artifact.snapshots.items()
        ),
        gates=dict(sorted(gates_of(lake, body["asset"], body["digest"]).items())),
        proven=proven,
    )


def before(moment: str, seconds: float) -> str:
    return (datetime.fromisoformat(moment) - timedelta(seconds=round(seconds))).isoformat(timespec="seconds")


def decision(entry: Entry, use_case: str, version: str) -> Decided | None:
    """What people decided about this version, of whatever kind; None for any other entry."""
    body = entry.body
    about = (body.get("use_case"), body.get("model_version")) == (use_case, version)
    by = body.get("name") or body.get("by")
    if not about or not isinstance(by, str):
        return None
    digests, over = body.get("digests"), body.get("override") or {}
    return Decided(
        kind=entry.kind,
        what=str(body.get("decision") or body.get("kind") or entry.kind),
        by=by,
        at=entry.at,
        entry=entry.seq,
        entry_hash=entry.hash,
        on=digests if isinstance(digests, dict) else {},
        signed="signature" in body,
        overrides=(*over.get("undecided", ()), *over.get("missed", ())),
        accepted_by=over.get("accepted_by", ""),
        until=over.get("until", ""),
    )


def erasure(entry: Entry, use_case: str, version: str) -> Erased | None:
    body = entry.body
    if entry.kind != ERASURE_BEGUN or body["use_case"] != use_case or version not in body["affected_versions"]:
        return None
    return Erased(entry.at, len(body["documents"]), str(body["affected_versions"][version]), entry.hash)

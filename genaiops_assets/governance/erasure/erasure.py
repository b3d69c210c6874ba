"""Erasure: documents, and all that derives from them, leave every file of the home, by a person's recorded decision.

Belongs here: who may, the order of the steps, the ledger's entries and what they mean for approvals. Does not belong
here: finding the copies (`survey.py`) and writing tables anew (lake). The order survives a kill at any point: proof
and new contents are stored and the ledger says `erasure_begun` before the first byte goes; every step after that may
be repeated; `erased` closes it. No entry and no proof holds text."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from genaiops_assets.errors import Refused
from genaiops_assets.governance.erasure.leftovers import (
    clean_inbox,
    clean_stage_files,
    drop_copies,
    drop_scratch,
    rewrite_history,
)
from genaiops_assets.governance.erasure.opt_out import Targets
from genaiops_assets.governance.erasure.survey import Plan, known_names, survey_copies
from genaiops_assets.governance.people import listed_as, refuse_empty_reason
from genaiops_assets.lake import (
    ERASURE_BEGUN,
    ERASURE_DONE,
    Entry,
    Found,
    Lake,
    accepted,
    add_tombstones,
    data_paths,
    digest_of_bytes,
    erased_rows,
    find,
    finish_rewriting,
    held,
    pretty_json,
    problems,
    read_proof,
    read_tombstones,
    rewrite,
    tables_of,
    write_atomically,
    write_proof,
)
from genaiops_assets.use_case import UseCase

KEPT_OUT = "kept_out"  # an opt-out that found nothing to erase
ROUNDS = 3  # a run that was under way may bring something back once
Step = Callable[[str], Any]


@dataclass(frozen=True)
class Erasure:
    """A finished erasure as the ledger has it. `tables`: [{table, rows, snapshots}]; `versions`: model version →
    `pairs` or `corpus`."""

    entry: str
    at: str
    name: str
    reason: str
    documents: list[str]
    tables: list[dict[str, Any]]
    versions: dict[str, str]
    standing: list[str]


def may_erase(uc: UseCase) -> list[str]:
    """Owners answer for the data and approvers for the release; builders do not erase the evidence of what they
    built."""
    return list(dict.fromkeys([*uc.people.owners, *uc.people.approvers]))


def refuse_stranger(uc: UseCase, name: str, reason: str) -> str:
    """The person who may erase, as the use case writes the name. Raises Refused for others and without a reason."""
    person = listed_as(may_erase(uc), name)
    if person is None:
        raise Refused(f"{name!r} may not erase; owners and approvers of {uc.name}: {', '.join(may_erase(uc))}")
    refuse_empty_reason(reason, "an erasure")
    return person


def unfinished(lake: Lake, uc: UseCase) -> list[Entry]:
    return [e for e in accepted(lake).unfinished if e.body["use_case"] == uc.name]


def refuse_unknown(lake: Lake, uc: UseCase, targets: Targets) -> None:
    """A typing mistake must not look like an erasure. Raises Refused naming what is unknown."""
    known, gone = known_names(lake, uc), read_tombstones(lake.store, uc.name)
    unknown = [f"document {i!r}" for i in targets.documents if i not in known.documents and i not in gone.documents]
    unknown += [f"source {s!r}" for s in targets.sources if s not in known.sources and s not in gone.sources]
    if unknown:
        raise Refused(
            f"{', '.join(unknown)} is not known to {uc.name}; to keep out what may come later, put document:ID or "
            "source:NAME into an "
            "opt-out file: --opt-out FILE"
        )


def erase(
    lake: Lake, uc: UseCase, targets: Targets, *, name: str, reason: str, step: Step = lambda what: None
) -> list[Erasure]:
    """Finish what was begun, then erase `targets`. `step` is told before each step. Raises Refused for strangers,
    without a reason, and for a lake that is not as published. Returns the erasures that were recorded, none when
    nothing is left to erase."""
    name = refuse_stranger(uc, name, reason)
    open_ones = unfinished(lake, uc)
    forget_pending(lake, {e.body["proof"] for e in accepted(lake).unfinished})
    for entry in open_ones:
        for table in read_proof(lake, entry.body["proof"])["tables"]:
            finish_rewriting(lake.tables, table["table"])
    with held(lake.tables, tables_of(lake.tables, uc.name)):
        done = [carry_out(lake, uc, entry, step) for entry in open_ones]
        if targets:
            step("verify")
            if found := problems(lake):
                raise Refused("nothing is erased from a lake that is not as published: " + "; ".join(found[:10]))
            step("tombstones")
            add_tombstones(lake.store, uc.name, **{k: v for k, v in targets.to_dict().items() if k != "quarantined"})
            for number in range(ROUNDS):
                plan = survey_copies(lake, uc, targets, step)
                if not plan:
                    if not number:
                        lake.ledger.append(
                            KEPT_OUT,
                            {"use_case": uc.name, "name": name, "reason": reason.strip(), "targets": targets.to_dict()},
                        )
                    break
                done.append(carry_out(lake, uc, begin(lake, uc, plan, name, reason), step))
    return done


def begin(lake: Lake, uc: UseCase, plan: Plan, name: str, reason: str) -> Entry:
    """Proof and new contents first, then the entry that binds them: from here on a rerun can finish without the
    texts."""
    proof = {
        "schema_version": 1,
        "tables": [{**f.to_dict(), "replaced": data_paths(lake.tables, f.table)} for f in plan.found],
        "redacted": [{k: v for k, v in asdict(c).items() if k != "content"} for c in plan.artifacts],
        "manifests": plan.manifests,
    }
    digest = write_proof(lake, proof)
    pending = {
        "schema_version": 1,
        "lake": [asdict(c) for c in [*plan.artifacts, *plan.memos]],
        "home": [asdict(c) for c in plan.files],
        "history": plan.history,
        "lines": plan.lines,
        "sources": plan.sources,
    }
    lake.store.write(pending_key(digest), pretty_json(pending))
    body = {
        "use_case": uc.name,
        "name": name,
        "reason": reason.strip(),
        "targets": plan.targets.to_dict(),
        "documents": plan.documents,
        "proof": digest,
        "affected_versions": plan.versions,
        "still_standing": plan.standing,
    }
    return lake.ledger.append(ERASURE_BEGUN, body)


def carry_out(lake: Lake, uc: UseCase, begun: Entry, step: Step) -> Erasure:
    """Every step of an erasure that was begun; each may have been done before. Texts go before tables: what names them
    stays longest."""
    body, proof = begun.body, read_proof(lake, begun.body["proof"])
    pending = read_pending(lake, body["proof"])
    step("tombstones")
    add_tombstones(lake.store, uc.name, documents=body["documents"], interactions=interactions_in(uc, proof))
    step("artifacts")
    for change in pending["lake"]:
        replace_in_lake(lake, change)
    step("logs and feedback")
    for change in pending["home"]:
        replace_at_home(lake, change)
    step("history")
    for file, changes in pending["history"].items():
        if (lake.home / file).exists():
            rewrite_history(lake.home / file, changes)
    step("inbox")
    clean_inbox(lake, uc, body["documents"], pending["lines"])
    step("caches")
    clean_stage_files(lake, uc, body["documents"])
    drop_copies(lake, uc, pending["sources"])
    drop_scratch(lake, uc)
    tables = []
    for content in proof["tables"]:
        step(f"rewrite {content['table']}")
        tables.append(rewritten(lake, content))
    step("ledger")
    closing = {
        k: body[k] for k in ("use_case", "name", "reason", "documents", "proof", "affected_versions", "still_standing")
    }
    entry = lake.ledger.append(ERASURE_DONE, {**closing, "begun": begun.hash, "tables": tables})
    step("clean up")
    lake.store.remove(pending_key(body["proof"]))
    return erasure_of(entry)


def interactions_in(uc: UseCase, proof: dict[str, Any]) -> set[str]:
    """Ids of the interactions that a proof names."""
    logged = (Found.from_dict(content) for content in proof["tables"] if content["table"] == uc.key("interactions"))
    return {row_id for found in logged for row_id, _ in found.pairs}


def rewritten(lake: Lake, content: dict[str, Any]) -> dict[str, Any]:
    """Write one table anew. Returns the ledger's words on it; ids and row hashes themselves stand in the proof that
    the entry binds. `later`: snapshots made after the proof, which happens when a kill lay between."""
    found = Found.from_dict(content)
    name, pairs = found.table, set(found.pairs)
    earlier = dict(erased_rows(lake).get(name, {}))
    for digest, gone in found.states.items():
        earlier[digest] = [*earlier.get(digest, []), *gone]
    now = find(lake.tables, name, (), lambda row: (row["id"], row["row_hash"]) in pairs, earlier)
    states = {d: p for d, p in now.states.items() if d not in found.states}
    later = Found(name, found.pairs, states).to_dict()["snapshots"]
    replaced = sorted(set(data_paths(lake.tables, name)) - set(content["replaced"]))
    files = rewrite(lake.tables, name, found.pairs, lake.home / "staging")
    held_them = {d: len(p) for d, p in {**states, **found.states}.items() if p}
    return {
        "table": name,
        "rows": len({i for i, _ in found.pairs}),
        "snapshots": [{"digest": d, "state": f"erased({n})"} for d, n in sorted(held_them.items())],
        "later": later,
        "replaced": [p for p in replaced if p not in {f["path"] for f in files}],
        "files": files,
    }


def forget_pending(lake: Lake, needed: set[str]) -> None:
    """What a kill left before an erasure was begun or after it was finished."""
    for name in lake.store.list("erasures/pending"):
        if name.removesuffix(".json") not in needed:
            lake.store.remove(f"erasures/pending/{name}")


def erasure_of(entry: Entry) -> Erasure:
    body = entry.body
    tables = [{**t, "snapshots": len(t["snapshots"]), "files": len(t["files"])} for t in body["tables"]]
    return Erasure(
        entry.hash,
        entry.at,
        body["name"],
        body["reason"],
        body["documents"],
        tables,
        body["affected_versions"],
        body["still_standing"],
    )


def erasures(lake: Lake, uc: UseCase) -> list[Erasure]:
    """All finished erasures of a use case, oldest first."""
    return [erasure_of(e) for e in lake.ledger.entries(ERASURE_DONE) if e.body["use_case"] == uc.name]


def pending_key(proof: str) -> str:
    return f"erasures/pending/{proof}.json"


def read_pending(lake: Lake, proof: str) -> dict[str, Any]:
    """Raises Refused when it was taken away: without it the texts in artifacts cannot be replaced."""
    try:
        return json.loads(lake.store.read(pending_key(proof)))
    except FileNotFoundError:
        raise Refused(
            f"{pending_key(proof)} is gone: restore it from a backup, the erasure cannot be finished without it"
        ) from None


def replace_in_lake(lake: Lake, change: dict[str, str]) -> None:
    """Raises Refused when the file is neither the one that was surveyed nor already replaced."""
    if not lake.store.exists(change["key"]):
        return
    now = digest_of_bytes(lake.store.read(change["key"]))
    if now == change["after"]:
        return
    if now != change["before"] and change["key"].startswith("artifacts/"):
        raise Refused(f"{change['key']} was altered while an erasure was unfinished: genaiops verify")
    lake.store.write(change["key"], change["content"].encode())


def replace_at_home(lake: Lake, change: dict[str, str]) -> None:
    """Logs may have grown since they were read: then the new lines are lost, which is better than the text kept."""
    path = lake.home / change["key"]
    if path.exists() and digest_of_bytes(path.read_bytes()) != change["after"]:
        write_atomically(path, change["content"].encode("utf-8", "surrogateescape"))

"""Erasure: documents, and all that derives from them, leave every file of the home, by a person's recorded decision.

Belongs here: who may, the order of the steps, the ledger's entries and what they mean for approvals. Does not belong
here: finding the copies (`survey.py`) and writing tables anew (lake). The order survives a kill at any point: proof
and new contents are stored and the ledger says `erasure_begun` before the first byte goes; every step after that may
be repeated; `erased` closes it. No entry and no proof holds text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from genaiops_assets.errors import Refused
from genaiops_assets.governance.erasure.caches import clean_stage_files, drop_copies, drop_scratch
from genaiops_assets.governance.erasure.history import rewrite_history
from genaiops_assets.governance.erasure.inbox_files import clean_inbox
from genaiops_assets.governance.erasure.known import known_names
from genaiops_assets.governance.erasure.opt_out import Targets
from genaiops_assets.governance.erasure.pending import (
    forget_pending,
    pending_key,
    read_pending,
    replace_at_home,
    replace_in_lake,
)
from genaiops_assets.governance.erasure.plan import Plan
from genaiops_assets.governance.erasure.survey import survey_copies
from genaiops_assets.governance.people import listed_as, refuse_empty_reason
from genaiops_assets.lake import (
    ERASURE_BEGUN,
    ERASURE_DONE,
    KEPT_OUT,
    Before,
    Entry,
    Found,
    Lake,
    accepted,
    add_tombstones,
    data_paths,
    erased_rows,
    find,
    finish_rewriting,
    held,
    hidden,
    keyed_hash,
    pretty_json,
    problems,
    read_proof,
    read_tombstones,
    rewrite,
    tables_of,
    write_proof,
)
from genaiops_assets.use_case import UseCase

HIDDEN = {"documents", "interactions", "quarantined"}  # targets that are ids or file names
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
    unknown = [f"document {i!r}" for i in targets.documents if i not in known.documents and not gone.has_document(i)]
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
                            {
                                "use_case": uc.name,
                                "name": name,
                                "reason": reason.strip(),
                                "targets": hidden_targets(lake, targets),
                            },
                        )
                    break
                done.append(carry_out(lake, uc, begin(lake, uc, plan, name, reason), step))
    return done


def begin(lake: Lake, uc: UseCase, plan: Plan, name: str, reason: str) -> Entry:
    """Proof and new contents first, then the entry that binds them: from here on a rerun can finish without the
    texts. What outlives the erasure names documents by keyed hashes; their ids stand in the pending file alone."""
    tables = [{**f.to_dict(), "replaced": data_paths(lake.tables, f.table)} for f in plan.found]
    proof = {
        "schema_version": 2,
        "tables": [hidden(lake, table) for table in tables],
        "redacted": [{k: v for k, v in asdict(c).items() if k != "content"} for c in [*plan.artifacts, *plan.memos]],
        "manifests": plan.manifests,
    }
    digest = write_proof(lake, proof)
    pending = {
        "schema_version": 2,
        "documents": plan.documents,
        "tables": tables,
        "lake": [asdict(c) for c in [*plan.artifacts, *plan.memos]],
        "home": [asdict(c) for c in plan.files],
        "history": plan.history,
        "lines": plan.lines,
        "sources": plan.sources,
        "texts": sorted({keyed_hash(lake.store, text) for text in plan.texts}),
    }
    lake.store.write(pending_key(digest), pretty_json(pending))
    body = {
        "use_case": uc.name,
        "name": name,
        "reason": reason.strip(),
        "targets": hidden_targets(lake, plan.targets),
        "documents": sorted(keyed_hash(lake.store, i) for i in plan.documents),
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
    documents, contents = pending.get("documents", body["documents"]), pending.get("tables", proof["tables"])
    step("tombstones")
    said = interactions_in(uc, contents)
    add_tombstones(lake.store, uc.name, documents=documents, interactions=said, texts=pending.get("texts", ()))
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
    clean_inbox(lake, uc, documents, pending["lines"])
    step("caches")
    clean_stage_files(lake, uc, documents)
    drop_copies(lake, uc, pending["sources"])
    drop_scratch(lake, uc)
    tables = []
    for content in contents:
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


def hidden_targets(lake: Lake, targets: Targets) -> dict[str, list[str]]:
    """What a person named, as the ledger keeps it: sources and addresses plainly, ids and file names as keyed
    hashes."""
    plain = targets.to_dict()
    return {
        kind: [keyed_hash(lake.store, n) for n in names] if kind in HIDDEN else names for kind, names in plain.items()
    }


def interactions_in(uc: UseCase, contents: list[dict[str, Any]]) -> set[str]:
    """Ids of the interactions that are being erased."""
    logged = (Found.from_dict(content) for content in contents if content["table"] == uc.key("interactions"))
    return {row_id for found in logged for row_id, _ in found.pairs}


def rewritten(lake: Lake, content: dict[str, Any]) -> dict[str, Any]:
    """Write one table anew. Returns the ledger's words on it; ids and row hashes themselves stand in the proof that
    the entry binds. `later`: snapshots made after the proof, which happens when a kill lay between."""
    found = Found.from_dict(content)
    name, pairs = found.table, set(found.pairs)
    earlier = dict(erased_rows(lake).get(name, {}))
    for digest, gone in found.states.items():
        earlier[digest] = earlier.get(digest, Before()).and_then(found.remaining.get(digest, ""), gone)
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
        "remaining": {d: now.remaining[d] for d in states},
        "replaced": [p for p in replaced if p not in {f["path"] for f in files}],
        "files": files,
        "pins": lake.tables.all_pins(name),
    }


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

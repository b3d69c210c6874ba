"""What a stranger asks of a model version, answered from evidence: what it is for, whether it may be used, what failed,
who decided, what is still open.

Belongs here: the answers as data. Does not belong here: sentences (`labels.yaml`), pages (`site.py`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from genaiops_assets.drift import open_tasks
from genaiops_assets.evidence import find_gaps
from genaiops_assets.governance.dossier.closure import Closure, documents_of
from genaiops_assets.governance.records import overdue, read_records
from genaiops_assets.governance.release import approval_of, override_in_words, production_release
from genaiops_assets.lake import Entry, Lake
from genaiops_assets.use_case import UseCase

Checks = Mapping[str, Sequence[Mapping[str, Any]]]  # asset without its use case → [{name, passed, severity, blocking}]
WORST_FIRST = ("blocked", "gate_fail", "check_failed", "gate_undecided", "check_warned")
DECISIONS = {
    "approval", "release", "revocation", "erasure_begun", "erased", "readmitted", "kept_out",
    "scope_changed", "thresholds_entered", "design_decision", "data_requested", "task_closed", "home_upgraded",
    "person_key_added", "person_key_removed", "record_withdrawn",
}  # fmt: skip


@dataclass
class Overview:
    """`may_be_used`: a key of the labels. `failed` and `open`: [{what, detail, asset}]; `decided`: [{at, kind, who,
    why, entry}]."""

    purpose: dict[str, Any]
    verdict: str
    approval: str
    approval_by: str
    decided_last: str
    production: str
    may_be_used: str
    waits_for: list[str]
    warnings: list[str] = field(default_factory=list)
    override: str = ""
    failed: list[dict[str, str]] = field(default_factory=list)
    decided: list[dict[str, str]] = field(default_factory=list)
    open: list[dict[str, str]] = field(default_factory=list)


def overview_of(
    lake: Lake, uc: UseCase, version: str, closure: Closure, entries: Sequence[Entry], checks: Checks, today: date
) -> Overview:
    decision = document(closure, uc, "release_decision", "decision.json")
    scope = document(closure, uc, "use_case_scope", "scope.json")
    approval, now = approval_of(lake, uc, version), production_release(lake, uc)
    production = now.model_version if now else ""
    verdict = decision.get("verdict", "")
    mine = [e for e in entries if e.kind == "approval" and is_about(e, uc, version)]
    found = Overview(
        purpose={"title": uc.title, **scope.get("purpose", {}), "risk": uc.risk, "language": uc.language},
        verdict=verdict,
        approval=approval.status,
        approval_by=approval.name,
        decided_last=mine[-1].body["decision"] if mine else "nobody",
        production=production,
        may_be_used=answer(verdict, approval.status, production == version),
        waits_for=list(uc.people.approvers),
        warnings=[*approval.erased_since, *(f"{name} changed since" for name in approval.changed)],
        override=override_in_words(approval.override) if approval.override else "",
    )
    failed = [*failed_gates(decision), *failed_checks(checks)]
    found.failed = sorted(failed, key=lambda one: WORST_FIRST.index(one["what"]))
    found.decided = decisions(uc, version, entries)
    found.open = [
        *({"what": "task", "detail": task.in_words(), "asset": ""} for task in open_tasks(lake, uc)),
        *late_records(uc, today),
        *open_actions(document(closure, uc, "mitigation_plan", "mitigation_plan.json")),
        *gaps(closure),
    ]
    return found


def document(closure: Closure, uc: UseCase, asset: str, file: str) -> dict[str, Any]:
    """A JSON document of what stands now, empty where there is none."""
    artifact = closure.artifacts.get((uc.key(asset), closure.current.get(uc.key(asset), "")))
    try:
        content: dict[str, Any] = artifact.json(file) if artifact else {}
    except (OSError, ValueError):
        return {}
    return content


def is_about(entry: Entry, uc: UseCase, version: str) -> bool:
    return entry.body.get("use_case") == uc.name and entry.body.get("model_version") == version


def answer(verdict: str, approval: str, released: bool) -> str:
    """Which sentence says whether a version may be used."""
    if approval in ("rejected", "lapsed", "revoked"):
        return f"{approval}_in_production" if released else approval
    if approval == "approved":
        return "in_production" if released else "approved"
    return {"no_go": "no_go", "": "not_judged"}.get(verdict, "waiting")


def failed_gates(decision: Mapping[str, Any]) -> list[dict[str, str]]:
    found = [{"what": "blocked", "detail": why, "asset": "release_decision"} for why in decision.get("blocked_by", ())]
    for gate in decision.get("gates", ()):
        if gate["status"] in ("fail", "undecided"):
            kind = f"gate_{gate['status']}"
            found.append({"what": kind, "detail": f"{gate['id']}: {gate['reason']}", "asset": "release_decision"})
    return found


def failed_checks(checks: Checks) -> list[dict[str, str]]:
    return [
        {"what": "check_failed" if c["severity"] == "ERROR" else "check_warned", "detail": c["name"], "asset": asset}
        for asset, of_asset in checks.items()
        for c in of_asset
        if c["passed"] is False
    ]


def decisions(uc: UseCase, version: str, entries: Iterable[Entry]) -> list[dict[str, str]]:
    """People's decisions about the use case or this version, the newest first."""
    found = []
    for entry in entries:
        body = entry.body
        other = body.get("model_version", version) != version or body.get("use_case", uc.name) != uc.name
        if entry.kind not in DECISIONS or other:
            continue
        of = body.get("decision")
        details: Mapping[str, Any] = of if isinstance(of, Mapping) else {}
        who = body.get("name") or body.get("by") or body.get("closed_by") or details.get("author") or entry.actor
        why = body.get("reason") or body.get("why") or details.get("decision") or ""
        kind = str(of) if isinstance(of, str) else f"release_{body['kind']}" if entry.kind == "release" else entry.kind
        found.append({"at": entry.at, "kind": kind, "who": str(who), "why": str(why), "entry": entry.name})
    return found[::-1]


def late_records(uc: UseCase, today: date) -> list[dict[str, str]]:
    records = read_records(uc).records
    return [{"what": "late", "detail": str(late), "asset": "records"} for late in overdue(records, today)]


def open_actions(plan: Mapping[str, Any]) -> list[dict[str, str]]:
    return [
        {"what": "mitigation", "detail": f"{a['title']} ({a['owner']}, {a['due']})", "asset": "mitigation_plan"}
        for a in plan.get("actions", ())
        if a.get("done_on") is None
    ]


def gaps(closure: Closure) -> list[dict[str, str]]:
    """Places that only a person can fill, in documents that stand now."""
    found = []
    for asset, digest in closure.current.items():
        artifact = closure.artifacts.get((asset, digest))
        for name in dict.fromkeys(g for _, d in (documents_of(artifact) if artifact else ()) for g in find_gaps(d)):
            found.append({"what": "gap", "detail": name, "asset": asset.partition("/")[2]})
    return found

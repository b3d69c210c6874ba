"""What may be approved or released: an unaltered version, judged by today's criteria, whose gates do not forbid it.

Belongs here: the refusals that approving and releasing share. Does not belong here: who decides (`people.py`), what was
made from what (`chain.py`).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from genaiops_assets.errors import Refused
from genaiops_assets.governance.risk import blocking_findings
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase

CRITERIA = "success_criteria"
SCOPE = "use_case_scope"
VERSION = re.compile(r"mv-[0-9a-f]{12}")


def refuse_version(version: str) -> None:
    """A model version is `mv-` and twelve hex digits, nothing that a path could be made of. Raises Refused."""
    if not VERSION.fullmatch(version):
        raise Refused(
            f"{version!r} is not a model version: expected mv- and twelve hex digits, as genaiops status shows"
        )


def refuse_altered(lake: Lake, uc: UseCase, digests: dict[str, str]) -> None:
    """Raises Refused naming a file that is not as published and recorded: anywhere in the lake, since a card rests on
    all of it."""
    from genaiops_assets.lake import bound_manifests, problems  # brings Arrow: not for who only asks for a state

    found = problems(lake)
    recorded = set() if found else set(bound_manifests(lake))
    keys = {name: uc.key(name) for name in digests}
    found = found or [
        f"artifacts/{keys[n]}/{d}/manifest.json: differs from what the ledger recorded"
        for n, d in digests.items()
        if (keys[n], d) not in recorded
    ]
    if found:
        raise Refused("altered after publication: " + "; ".join(found))


def refuse_outdated_criteria(lake: Lake, uc: UseCase, version: str, digests: dict[str, str]) -> None:
    """Raises Refused when the success criteria changed since the version was judged: judging again needs no
    training."""
    head = lake.heads.get(uc.key(CRITERIA))
    if head and head["digest"] != digests[CRITERIA]:
        raise Refused(
            f"{version} was judged by success criteria that changed since: genaiops run judges it again, without "
            "training"
        )


def refuse_scope_changed(lake: Lake, uc: UseCase) -> None:
    """Raises Refused when the file names other people, another risk or purpose than the recorded scope: whoever edits
    the file cannot decide in the same breath."""
    head = lake.heads.get(uc.key(SCOPE))
    if head is None:
        return
    stated, now = lake.artifacts.get(uc.key(SCOPE), head["digest"]).json("scope.json"), uc.scope()
    changed = [field for field in ("people", "risk", "purpose") if field in stated and stated[field] != now[field]]
    if changed:
        raise Refused(
            f"{' and '.join(changed)} changed in the use case file since the scope was recorded: genaiops run records "
            "the change in the ledger; decide after that"
        )


def refuse_verdict(lake: Lake, uc: UseCase, version: str, digests: dict[str, str]) -> None:
    """`go` may be approved; `undecided` only for risk `demo`; `no_go` by its gates never, whatever came after it; one
    by a blocking finding when that is cured and the decision made again. The verdict must have been reached on this
    version and on the very report, card and criteria that are there now. Raises Refused."""
    decision = lake.artifacts.get(uc.key("release_decision"), digests["release_decision"]).json("decision.json")
    if decision.get("model_version") != version:
        raise Refused(f"the decision filed under {version} is about {decision.get('model_version', 'no version')}")
    if "no_go" in verdicts_on(lake, uc, version) | {decision.get("by_gates", decision["verdict"])}:
        raise Refused(f"{version} is a no_go by its gates; that is final for this version")
    if decision.get("blocked_by"):
        raise Refused(
            f"{version} is a no_go: {'; '.join(decision['blocked_by'])}; when that is cured, genaiops run decides again"
        )
    stale = [
        name
        for name in ("eval_report", "model_card", CRITERIA)
        if decision.get("evidence", {}).get(name) != digests[name]
    ]
    if stale:
        raise Refused(
            f"the verdict on {version} was reached before {', '.join(stale)} changed: materialize release_decision "
            "again"
        )
    if decision["verdict"] == "undecided" and uc.risk != "demo":
        raise Refused(
            f"{version} is undecided; only a use case of risk: demo may accept that, this one is risk: {uc.risk}. "
            "Add golden questions: genaiops run judges the version again, without training."
        )


def verdicts_on(lake: Lake, uc: UseCase, version: str) -> set[str]:
    """Every verdict the gates ever reached on a version; what blocked it besides them does not count."""
    asset = uc.key("release_decision")
    digests = {
        e.body["digest"]
        for e in lake.ledger.entries("materialized")
        if (e.body["asset"], e.body["partition"]) == (asset, version)
    }
    decisions = (lake.artifacts.get(asset, d).json("decision.json") for d in digests if lake.artifacts.has(asset, d))
    return {decision.get("by_gates", decision["verdict"]) for decision in decisions}


def refuse_blocked(lake: Lake, uc: UseCase, version: str) -> None:
    """Raises Refused when something forbids the release of a version today, as an acceptance that expired since the
    decision: decisions know no time."""
    found = blocking_findings(lake, uc, version, datetime.now(UTC).date())
    if found:
        raise Refused(f"{version} may not be released: {'; '.join(found)}")

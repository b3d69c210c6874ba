"""Consequences: what an erasure reaches and cannot remove: trained models, sources of others, golden questions.

Belongs here: finding and naming them. Does not belong here: copies that can be removed (`survey.py`)."""

from __future__ import annotations

from typing import Any

from genaiops_assets.governance.erasure.derived import Derived
from genaiops_assets.lake import BACKUP, Found, Lake
from genaiops_assets.use_case import UseCase


def trained_versions(lake: Lake, uc: UseCase, found: list[Found]) -> dict[str, str]:
    """Model version → `pairs` or `corpus`, through which it was trained on the rows found."""
    held = {(f.table, digest) for f in found for digest, pairs in f.states.items() if pairs}
    plans = uc.key("model_plan")
    versions = {
        version: trained_through(lake, uc, lake.current(plans, version).json("plan.json"), held)
        for version in lake.heads.partitions(plans)
    }
    return {version: through for version, through in versions.items() if through}


def trained_through(lake: Lake, uc: UseCase, plan: dict[str, Any], held: set[tuple[str, str]]) -> str:
    """`pairs` or `corpus`: the training data of a plan that a snapshot among `held` went into, "" for none."""
    training = plan.get("training", {})
    for asset, key in (("preference_pairs", "pairs"), ("filtered_corpus", "corpus")):
        digest = training.get(key, {}).get("digest")
        name = uc.key(asset)
        if digest and lake.artifacts.has(name, digest):
            made = lake.artifacts.get(name, digest).snapshots
            if name in made and (name, made[name].digest) in held:
                return key
    return ""


def standing_questions(lake: Lake, uc: UseCase, ids: set[str], derived: Derived) -> list[str]:
    """What to say of golden questions that rest on the documents or repeat their words."""
    head = lake.heads.get(uc.key("golden_set"))
    if head is None:
        return []
    items = lake.current(uc.key("golden_set")).json("golden.json").get("items", [])
    resting = [i["id"] for i in items if ids & set(i.get("documents", ()))]
    repeating = [i["id"] for i in items if derived.holds(i["question"]) or derived.holds(i["answer"])]
    if not resting and not repeating:
        return []
    which = ", ".join(sorted({*resting, *repeating}))
    return [f"golden questions {which} rest on it or repeat it: amend {uc.evaluation.golden}"]


def standing_backups(lake: Lake) -> list[str]:
    """Backups made before an erasure hold what it removes; nobody but their keeper can reach them."""
    return [
        f"the backup of {entry.at}, {entry.body['where']} (sha256 {entry.body['sha256'][:12]}): delete it when its "
        "time is over, and restore it only with --erased-in"
        for entry in lake.ledger.entries(BACKUP)
    ]

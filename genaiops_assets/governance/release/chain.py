"""The chain of evidence of a model version: decision → card → report → checkpoint → plan, each made from the one after.

Belongs here: following the digests. Does not belong here: whether files are as published (`lake.problems`), or what a
decision may be (`approvals.py`).
"""

from __future__ import annotations

from typing import Any

from genaiops_assets.errors import Refused
from genaiops_assets.lake import Lake, memo_key
from genaiops_assets.use_case import UseCase

# artifact → {its input's name → the artifact that input must be}
MADE_FROM = {
    "release_decision": {
        "eval_report": "eval_report",
        "model_card": "model_card",
        "success_criteria": "success_criteria",
        "use_case_scope": "use_case_scope",
        "release_bundle": "release_bundle",
    },
    "release_bundle": {"aligned_checkpoint": "aligned_checkpoint", "model_plan": "model_plan"},
    "model_card": {
        "plan": "model_plan",
        "evaluation": "eval_report",
        "training": "aligned_checkpoint",
        "criteria": "success_criteria",
    },
    "eval_report": {"checkpoint": "aligned_checkpoint"},
}
PARTITIONED = ("model_plan", "aligned_checkpoint", "eval_report", "model_card", "release_decision", "release_bundle")


def refuse_broken_chain(lake: Lake, uc: UseCase, version: str, digests: dict[str, str]) -> None:
    """Raises Refused naming the first artifact that was made from something else than what is bound with it."""
    for name, wanted in MADE_FROM.items():
        if name not in digests:
            continue
        used = inputs_of(lake, uc, name, version, digests[name])
        for input_name, artifact in wanted.items():
            if input_name in used and artifact in digests and used[input_name] != digests[artifact]:
                raise Refused(
                    f"{name} of {version} was made from another {artifact} ({used[input_name][:12]}) than the one "
                    "there "
                    f"is now ({digests[artifact][:12]}): materialize {name} again"
                )
    refuse_other_training(lake, uc, version, digests)


def refuse_other_training(lake: Lake, uc: UseCase, version: str, digests: dict[str, str]) -> None:
    """Raises Refused when plan and checkpoint are not of this version and of each other."""
    plan = lake.artifacts.get(uc.key("model_plan"), digests["model_plan"]).json("plan.json")
    if plan["model_version"] != version:
        raise Refused(f"the plan of {version} says {plan['model_version']}: it is not this version's plan")
    training = plan.get("training", {})
    used = inputs_of(lake, uc, "aligned_checkpoint", version, digests["aligned_checkpoint"])
    for name in ("base", "pairs"):
        if name in used and name in training and used[name] != training[name]["digest"]:
            raise Refused(
                f"aligned_checkpoint of {version} was trained from other {name} ({used[name][:12]}) than its plan "
                f"names ({training[name]['digest'][:12]}): materialize aligned_checkpoint again"
            )


def inputs_of(lake: Lake, uc: UseCase, name: str, version: str, digest: str) -> dict[str, str]:
    """Input digests of an artifact as the ledger proves them: what the memo says is hashed again and must be the key
    that the ledger recorded. Raises Refused when nothing proves them."""
    asset, partition = uc.key(name), version if name in PARTITIONED else None
    for entry in lake.ledger.newest_first():
        body = entry.body
        if entry.kind == "materialized" and (body["asset"], body["partition"], body["digest"]) == (
            asset,
            partition,
            digest,
        ):
            record = lake.memo.get(body["memo"]) or {}
            made = record.get("provenance") or {}
            if record.get("digest") == digest and key_of_record(made) == body["memo"]:
                return made["inputs"]
    raise Refused(f"nothing proves what {name} of {version} was made from: materialize {name} again")


def key_of_record(made: dict[str, Any]) -> str | None:
    """The memo key that a provenance record stands for; None where it does not say enough."""
    try:
        return memo_key(made["asset"], made["inputs"], made["code_version"], made["config"], made["seed"])
    except KeyError:
        return None

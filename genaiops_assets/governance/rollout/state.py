"""Where a rollout stands, by the ledger: who started it, its stage, whether a person paused it, how it ended.

Belongs here: the ledger's entries and what they add up to. Does not belong here: measuring (`deciding.py`), moving
production (`acting.py`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from genaiops_assets.errors import Refused
from genaiops_assets.governance.people import member, refuse_empty_reason
from genaiops_assets.governance.release import approval_of, production_release
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import UseCase

KIND = "rollout"  # of the ledger's entries
Stage = Literal["shadow", "canary", "ended"]
BY_ITSELF = "the rollout"


@dataclass(frozen=True)
class State:
    """One candidate's rollout. `ended`: promoted, rolled_back, stopped, or people_decide; "" while it goes on."""

    candidate: str
    released: str
    started_by: str
    stage: Stage
    paused: bool = False
    ended: str = ""
    because: str = ""
    since: str = ""
    past: tuple[dict[str, Any], ...] = ()

    @property
    def goes_on(self) -> bool:
        return not self.ended


def rollout_of(lake: Lake, uc: UseCase, candidate: str | None = None) -> State | None:
    """The newest rollout of a use case, or of one candidate; None when there was none."""
    state: State | None = None
    for entry in lake.ledger.entries(KIND):
        body = entry.body
        if body["use_case"] != uc.name or (candidate and body["candidate"] != candidate):
            continue
        step = {k: body[k] for k in ("did", "by", "because")} | {"at": entry.at}
        if body["did"] == "started":
            state = State(body["candidate"], body["released"], body["by"], "shadow", since=entry.at, past=(step,))
        elif state is not None:
            state = _after(state, body, entry.at, step)
    return state


def start(lake: Lake, uc: UseCase, candidate: str, *, by: str, reason: str) -> State:
    """Begin a shadow. The candidate must be approved and another version released; one rollout at a time. Raises
    Refused."""
    person = member(uc, by)
    refuse_empty_reason(reason, "a rollout")
    now = production_release(lake, uc)
    if now is None:
        raise Refused(f"nothing is released: genaiops promote {candidate} --as NAME --reason TEXT")
    if now.model_version == candidate:
        raise Refused(f"{candidate} is released already")
    approval = approval_of(lake, uc, candidate)
    if approval.status != "approved":
        raise Refused(f"{candidate} is not approved ({approval.status}): genaiops approve {candidate} first")
    going = rollout_of(lake, uc)
    if going is not None and going.goes_on:
        raise Refused(f"the rollout of {going.candidate} goes on: stop it first (genaiops rollout stop)")
    _enter(lake, uc, candidate, "started", person, reason, released=now.model_version)
    return _now(lake, uc)


def step(lake: Lake, uc: UseCase, did: str, *, by: str, because: str) -> State:
    """Enter what happened to the rollout that goes on: canary_began, paused, resumed, promoted, rolled_back, stopped,
    people_decide. Raises Refused when none goes on, or the step does not follow."""
    going = rollout_of(lake, uc)
    if going is None or not going.goes_on:
        raise Refused(f"no rollout of {uc.name} goes on")
    fits = {"canary_began": going.stage == "shadow", "paused": not going.paused, "resumed": going.paused}
    if not fits.get(did, True):
        raise Refused(f"the rollout of {going.candidate} is in {going.stage}{', paused' if going.paused else ''}")
    person = by if by == BY_ITSELF else member(uc, by)
    refuse_empty_reason(because, "a step of a rollout")
    _enter(lake, uc, going.candidate, did, person, because)
    return _now(lake, uc)


def _after(state: State, body: dict[str, Any], at: str, step: dict[str, Any]) -> State:
    told = {**state.__dict__, "because": body["because"], "since": at, "past": (*state.past, step)}
    match body["did"]:
        case "canary_began":
            told["stage"] = "canary"
        case "paused" | "resumed":
            told["paused"] = body["did"] == "paused"
        case ended:
            told |= {"stage": "ended", "ended": ended, "paused": False}
    return State(**told)


def _enter(lake: Lake, uc: UseCase, candidate: str, did: str, by: str, because: str, **more: Any) -> None:
    body = {"use_case": uc.name, "candidate": candidate, "did": did, "by": by, "because": because.strip(), **more}
    lake.ledger.append(KIND, body)


def _now(lake: Lake, uc: UseCase) -> State:
    found = rollout_of(lake, uc)
    assert found is not None
    return found

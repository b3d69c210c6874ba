"""What follows from a rollout's standing: on to the canary, promotion, rollback, or a person's turn.

Belongs here: one step at a time, safe to repeat. Does not belong here: the tests (`deciding.py`), who may release
(`governance/release`): promotion goes through it, with the approval that a person gave before the rollout began."""

from __future__ import annotations

import hashlib

from genaiops_assets.errors import Refused
from genaiops_assets.governance.release import production_release, release, revocation_of
from genaiops_assets.governance.rollout.deciding import Stage, Standing, standing
from genaiops_assets.governance.rollout.observed import pairs_of
from genaiops_assets.governance.rollout.state import BY_ITSELF, State, rollout_of, step
from genaiops_assets.lake import Lake
from genaiops_assets.use_case import Rollout, UseCase


def standing_of(lake: Lake, uc: UseCase, state: State, stage: Stage | None = None) -> Standing:
    """Where a stage of a rollout stands, the last it came to unless another is named."""
    came_to: Stage = "canary" if any(s["did"] == "canary_began" for s in state.past) else "shadow"
    name = stage or came_to
    return standing(pairs_of(lake, uc, state.candidate, name), uc.serving.rollout, name)


def act(lake: Lake, uc: UseCase) -> State | None:
    """Take the step that follows, if any: a paused rollout and one that waits take none. Returns the state after it."""
    state = rollout_of(lake, uc)
    if state is None or not state.goes_on or state.paused:
        return state
    if gone := revocation_of(lake, uc, state.candidate):
        return step(lake, uc, "stopped", by=BY_ITSELF, because=gone.in_words())
    now = production_release(lake, uc)
    if now is None or now.model_version not in (state.released, state.candidate):
        is_now = now.model_version if now else "nothing"
        return step(lake, uc, "stopped", by=BY_ITSELF, because=f"{is_now} is released now, not {state.released}")
    found = standing_of(lake, uc, state)
    if now.model_version == state.candidate:  # released by hand, or a kill came between release and this entry
        return step(lake, uc, "promoted", by=BY_ITSELF, because=f"{state.candidate} is released")
    if found.outcome == "watch":
        return state
    if found.outcome == "promote" and state.stage == "shadow":
        return step(lake, uc, "canary_began", by=BY_ITSELF, because=f"shadow: {found.because}")
    if found.outcome == "promote":
        return _promoted(lake, uc, state, found)
    did = "rolled_back" if found.outcome == "roll_back" else "people_decide"
    return step(lake, uc, did, by=BY_ITSELF, because=f"{state.stage}: {found.because}")


def _promoted(lake: Lake, uc: UseCase, state: State, found: Standing) -> State:
    reason = f"canary: {found.because}; {found.questions} questions"
    try:
        release(lake, uc, state.candidate, kind="promote", by=state.started_by, reason=reason)
    except Refused as refused:
        return step(lake, uc, "people_decide", by=BY_ITSELF, because=f"the release was refused: {refused}")
    return step(lake, uc, "promoted", by=BY_ITSELF, because=reason)


def answers_for(state: State | None, plan: Rollout, conversation: str, key: str = "") -> str:
    """`candidate` or `released`: whose answer a person sees. A conversation stays with whom it began; which ones the
    canary answers follows from the candidate's name, so that no two rollouts choose the same people."""
    if state is None or state.stage != "canary" or state.paused:
        return "released"
    if key and key in plan.keys:
        return "candidate"
    drawn = int.from_bytes(hashlib.sha256(f"{state.candidate}/{conversation}".encode()).digest()[:8], "big") / 2**64
    return "candidate" if drawn < plan.share else "released"


def both_answer(state: State | None) -> bool:
    """Whether each question goes to both versions, so that they can be compared."""
    return state is not None and state.goes_on and not state.paused
